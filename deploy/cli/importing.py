"""`gongshi import`: complaints from a file, through the same step as every other entrance."""

from __future__ import annotations

import asyncio
import getpass
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import Annotated

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from deploy.cli.source_names import check_source_name
from deploy.databases import open_database
from services.intake.files.importing import ImportFile, ImportSummary, dry_run_file, import_file
from services.intake.files.list_dates import create_list_dates
from services.intake.files.mapping_file import find_mapping, load_mapping
from services.intake.files.refused_file import RefusedFile
from services.intake.files.rows import RefusedRow
from services.intake.files.table import Row, open_table
from services.intake.ingest import create_intake
from shared.settings import Settings

DEFAULT_MAPPING = "gongshi"
MAX_PRINTED = 20


def import_(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="A spreadsheet (.xlsx, .xls, .et, HTML or XML), a text table (UTF-8, GB18030, UTF-16) or JSON lines.",
        ),
    ],
    source: Annotated[str, typer.Option(help="Who the file is from; default what the mapping names.")] = "",
    mapping: Annotated[
        str, typer.Option(help="A mapping that ships, by name, or a file; default: headings are the report's field names.")
    ] = DEFAULT_MAPPING,
    exported_on: Annotated[
        datetime | None,
        typer.Option(
            "--exported-on", formats=["%Y-%m-%d"], help="The day of a list without revision numbers, as of which it holds."
        ),
    ] = None,
    refused: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write refused rows there as CSV, with reasons: mend it and import it.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report what would happen, and store nothing.")] = False,
) -> None:
    """Import complaints from a file. The same file again changes nothing, and neither does an older list.

    What the file is is found by its content, not its name. Refused rows are listed by row and column on standard error; the
    last line of standard output is the counts as JSON. The exit code is 1 where rows were refused.

    Examples:
        gongshi import complaints.xlsx --source /letters/330100 --dry-run

        gongshi import cfpb.csv --source cfpb --mapping cfpb
    """
    rules = load_mapping(find_mapping(mapping))
    name = source or rules.source
    if not name:
        raise typer.BadParameter("the mapping names no source: say who the file is from", param_hint="--source")
    check_source_name(name)
    table = open_table(file, rules)
    console = Console(stderr=True, highlight=False)
    console.print(
        f"{file.name}: {table.reading}{f', about {table.estimate:,} rows' if table.estimate else ''}",
        markup=False,
        soft_wrap=True,
    )
    for note in table.notes:
        console.print(note, markup=False, soft_wrap=True)
    dates = create_list_dates(rules, file, table.preface, exported_on and exported_on.date())
    with RefusedFile(refused, table.headings) if refused else nullcontext() as kept:
        imported = ImportFile(file.name, table.rows, rules, name, dates, kept.write if kept else _ignore)
        summary = asyncio.run(_import(Settings(), imported, table.estimate, console, dry_run=dry_run))
    if kept and kept.rows:
        console.print(f"refused rows: {refused}", markup=False, soft_wrap=True)
    _print_refused_rows(console, summary)
    for word, rows in sorted(summary.passed_over.items()):
        console.print(f"passed over by the mapping: {rows:,} rows with {word}", markup=False, soft_wrap=True)
    if not summary.read:
        console.print("the file has headings, but no rows")
    typer.echo(orjson.dumps(summary.to_json()).decode())
    if summary.refused:
        raise typer.Exit(1)


def _ignore(_row: Row, _refused: RefusedRow) -> None:
    """Do nothing more about a refused row than to count it."""


async def _import(settings: Settings, file: ImportFile, estimate: int, console: Console, *, dry_run: bool) -> ImportSummary:
    intake = create_intake(settings)
    with _bar(console) as bar:
        task = bar.add_task(file.name, total=estimate or None)

        def advance(rows: int) -> None:
            bar.advance(task, rows)

        async with open_database(settings, "intake") as database:
            if dry_run:
                return await dry_run_file(database, intake, file, advance)
            return await import_file(database, intake, file, getpass.getuser(), advance)


def _bar(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True)


def _print_refused_rows(console: Console, summary: ImportSummary) -> None:
    for row in summary.refused_rows[:MAX_PRINTED]:
        sheet = f"sheet {row.sheet}, " if row.sheet else ""
        for finding in row.findings:
            column = f", {finding.field}" if finding.field else ""
            console.print(f"{sheet}row {row.number}{column}: {finding.message} ({finding.code})", markup=False, soft_wrap=True)
    if summary.refused > MAX_PRINTED:
        console.print(f"… and {summary.refused - MAX_PRINTED:,} more rows")
