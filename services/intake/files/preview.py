"""The first rows of a file as the reports that a mapping makes of them, each with what would be refused and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from services.intake.domain.report import ReportEvent, to_json_fields
from services.intake.domain.validation import validate
from services.intake.files.rows import ConvertedRow, PassedOverRow, RefusedRow, RowConverter
from services.intake.files.table import Row
from services.intake.ingest import INGESTED, IngestResult, Refused
from services.intake.submission import Submission
from shared.stream import DeadLetterReason, ValidationFinding

HIDDEN = "***"


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """A row as a report. `result`: accepted, refused or passed_over (by `word`). `fields`: its texts by name."""

    number: int
    sheet: str | None
    result: str
    findings: tuple[ValidationFinding, ...] = ()
    fields: Mapping[str, str] | None = None
    word: str = ""


def preview_rows(rows: Iterable[Row], converter: RowConverter, now: datetime) -> Iterator[PreviewRow]:
    """Yield each row as a report; nothing is stored, and what came before is not compared."""
    for row in rows:
        yield _preview(row, _check(converter.to_report(row), converter, now))


def _check(read: ConvertedRow, converter: RowConverter, now: datetime) -> ConvertedRow:
    if isinstance(read, ReportEvent) and (findings := validate(read, now)):
        return RefusedRow(0, converter.locate(findings), None, to_json_fields(read.data))
    return read


def _preview(row: Row, read: ConvertedRow) -> PreviewRow:
    if isinstance(read, PassedOverRow):
        return PreviewRow(row.number, row.sheet, "passed_over", word=read.word)
    if isinstance(read, RefusedRow):
        return PreviewRow(row.number, row.sheet, "refused", read.findings, _to_texts(read.data))
    return PreviewRow(row.number, row.sheet, "accepted", (), _to_texts(to_json_fields(read.data)))


def _to_texts(data: Mapping[str, Any]) -> dict[str, str]:
    """Return the fields of a report as texts. Who complained is not shown."""
    texts: dict[str, str] = {}
    for name, value in data.items():
        if name == "complainant":
            texts |= {name: HIDDEN} if value else {}
        elif isinstance(value, Mapping):
            texts |= {f"{name}.{part}": _to_text(each) for part, each in value.items() if each is not None}
        elif value is not None:
            texts[name] = _to_text(value)
    return texts


def _to_text(value: object) -> str:
    return value if isinstance(value, str) else orjson.dumps(value, default=str).decode()


async def check_only(submission: Submission, now: datetime) -> list[IngestResult]:
    """Return what would be refused of a submission by what is in it alone: nothing is stored or compared."""
    return [_result_of(event, now) for event in submission.events]


def _result_of(event: object, now: datetime) -> IngestResult:
    findings = validate(event, now) if isinstance(event, ReportEvent) else getattr(event, "findings", ())
    return Refused(DeadLetterReason.INVALID, findings) if findings else INGESTED
