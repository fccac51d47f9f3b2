"""`gongshi sources guess` and `check`: a mapping drafted from a file, and what a mapping makes of the first rows of one."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Annotated

import orjson
import typer

from services.intake.files.guessing import guess_mapping, to_yaml
from services.intake.files.list_dates import create_list_dates
from services.intake.files.mapping_file import find_mapping, load_mapping
from services.intake.files.preview import PreviewRow, preview_rows
from services.intake.files.rows import RowConverter
from services.intake.files.table import open_table
from services.intake.texts import finding_text


def guess(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A list as its source exports it.")],
) -> None:
    """Draft a mapping from a file's headings and values. Standard output is YAML; what is not sure stands in its comments.

    Examples:
        gongshi sources guess complaints.xlsx > ours.yaml
    """
    typer.echo(to_yaml(file.name, guess_mapping(file)), nl=False)


def check(
    mapping: Annotated[str, typer.Argument(metavar="MAPPING", help="A mapping that ships, by name, or a file.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A list as its source exports it.")],
    rows: Annotated[int, typer.Option(min=1, max=1_000, help="How many rows to show.")] = 10,
) -> None:
    """Show the first rows of a file as reports, and of each what would be refused and why. Who complained is not shown.

    Nothing is stored, and no database is needed: what came before is not compared. The last line is JSON.

    Examples:
        gongshi sources check ours.yaml complaints.xlsx
    """
    rules = load_mapping(find_mapping(mapping))
    table = open_table(file, rules)
    converter = RowConverter(rules, rules.source or "/checked", create_list_dates(rules, file, table.preface))
    for note in table.notes:
        typer.echo(note, err=True)
    counts = {"accepted": 0, "refused": 0, "passed_over": 0}
    for row in preview_rows(islice(table.rows, rows), converter, datetime.now(UTC)):
        counts[row.result] += 1
        typer.echo(f"{f'{row.sheet}, ' if row.sheet else ''}row {row.number}: {row.result.replace('_', ' ')}")
        for line in _describe(row):
            typer.echo(f"  {line}")
    typer.echo(orjson.dumps({"rows": sum(counts.values()), **counts}).decode())
    if counts["refused"]:
        raise typer.Exit(1)


def _describe(row: PreviewRow) -> list[str]:
    if row.word:
        return [row.word]
    findings = [f"! {each.field}: {finding_text(each.code)} / {each.message} ({each.code})" for each in row.findings]
    return [*findings, *(f"{name}: {text}" for name, text in (row.fields or {}).items())]
