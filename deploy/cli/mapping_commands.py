"""`gongshi sources guess` and `check`: a mapping drafted from a file, and what a mapping makes of the first rows of one."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
import yaml

from services.intake.domain.report import ReportEvent, to_json_fields
from services.intake.domain.validation import validate
from services.intake.files.guessing import Draft, guess_mapping
from services.intake.files.list_dates import create_list_dates
from services.intake.files.mapping_file import find_mapping, load_mapping
from services.intake.files.rows import ConvertedRow, PassedOverRow, RefusedRow, RowConverter
from services.intake.files.table import open_table
from services.intake.texts import finding_text

HIDDEN = "***"


def guess(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A list as its source exports it.")],
) -> None:
    """Draft a mapping from a file's headings and values. Standard output is YAML; what is not sure stands in its comments.

    Examples:
        gongshi sources guess complaints.xlsx > ours.yaml
    """
    typer.echo(to_yaml(file.name, guess_mapping(file)), nl=False)


def to_yaml(name: str, draft: Draft) -> str:
    """Return the draft as a mapping file, with what is to be decided above it."""
    lines = [f"# {name}"]
    if draft.fits:
        lines += [
            f"# 随附的对应表“{draft.fits}”可以直接用。",
            f"# The mapping {draft.fits}, which ships, has every column it needs here.",
        ]
    for doubt in draft.doubts:
        lines += [f"# ? {doubt.zh}", f"# ? {doubt.en}"]
    comments = "\n".join(line.replace("\n", " ").replace("\r", " ") for line in lines)
    return f"{comments}\n{yaml.safe_dump(draft.to_mapping(), allow_unicode=True, sort_keys=False, width=1000)}"


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
    for row in islice(table.rows, rows):
        read = converter.to_report(row)
        if isinstance(read, ReportEvent) and (findings := validate(read, datetime.now(UTC))):
            read = RefusedRow(row.number, converter.locate(findings), row.sheet, to_json_fields(read.data))
        result = _result_of(read)
        counts[result] += 1
        typer.echo(f"{f'{row.sheet}, ' if row.sheet else ''}row {row.number}: {result.replace('_', ' ')}")
        for line in _describe(read):
            typer.echo(f"  {line}")
    typer.echo(orjson.dumps({"rows": sum(counts.values()), **counts}).decode())
    if counts["refused"]:
        raise typer.Exit(1)


def _result_of(read: ConvertedRow) -> str:
    match read:
        case RefusedRow():
            return "refused"
        case PassedOverRow():
            return "passed_over"
        case _:
            return "accepted"


def _describe(read: ConvertedRow) -> list[str]:
    if isinstance(read, PassedOverRow):
        return [read.word]
    refused = read.findings if isinstance(read, RefusedRow) else ()
    findings = [f"! {each.field}: {finding_text(each.code)} / {each.message} ({each.code})" for each in refused]
    data: dict[str, Any] = dict(read.data if isinstance(read, RefusedRow) else to_json_fields(read.data))
    if data.get("complainant"):
        data["complainant"] = HIDDEN
    return [*findings, *(f"{name}: {_to_text(value)}" for name, value in data.items() if value is not None)]


def _to_text(value: object) -> str:
    return value if isinstance(value, str) else orjson.dumps(value, default=str).decode()
