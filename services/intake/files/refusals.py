"""Refused rows as dead letters: the report as far as it was read, with the bytes of the row beside it."""

from __future__ import annotations

from typing import Any

import orjson

from services.intake.cloudevents import InvalidEvent
from services.intake.content_types import JSON
from services.intake.domain.report import ReportEvent, to_json_fields
from services.intake.files.rows import RefusedRow
from services.intake.files.table import Row
from shared.contracts.reports import REPORTED
from shared.contracts.topics import REPORTS
from shared.stream import DeadLetterReason, SubmittedRecord

FILE, ROW, SHEET, ROW_BYTES = "gongshi_file", "gongshi_row", "gongshi_sheet", "gongshi_row_bytes"
"""Headers of a refused row: the name of its file, its number, its sheet, and its bytes where it has some of its own."""

MAX_ROW_BYTES = 256 * 1024
"""Bytes of a row that go into a header; a longer one is known by its fields only."""


def to_event(row: ReportEvent | RefusedRow) -> ReportEvent | InvalidEvent:
    """Return a converted row as it is submitted."""
    if isinstance(row, ReportEvent):
        return row
    return InvalidEvent(DeadLetterReason.INVALID if row.data else DeadLetterReason.UNDECODABLE, row.findings)


def to_record(file: str, source: str, row: Row, converted: ReportEvent | RefusedRow) -> SubmittedRecord:
    """Return the record of a row in binary mode: corrected, its value is sent again as the data of a report.

    A row that could not be taken apart is its bytes.
    """
    data = to_json_fields(converted.data) if isinstance(converted, ReportEvent) else dict(converted.data)
    headers: list[tuple[str, bytes | None]] = [
        ("content-type", JSON.encode()),
        ("ce_specversion", b"1.0"),
        ("ce_id", row.event_id.encode()),
        ("ce_source", source.encode()),
        ("ce_type", REPORTED.encode()),
        (FILE, file.encode("utf-8", "replace")),
        (ROW, str(row.number).encode()),
    ]
    if row.sheet is not None:
        headers.append((SHEET, row.sheet.encode("utf-8", "replace")))
    if data and row.source and len(row.source) <= MAX_ROW_BYTES:
        headers.append((ROW_BYTES, row.source))
    return SubmittedRecord(REPORTS, "file", _key(source, data), headers, orjson.dumps(data) if data else row.source or b"")


def _key(source: str, data: dict[str, Any]) -> bytes | None:
    """Return the key that keeps revisions of a complaint in order; None where its number could not be read."""
    external_id = data.get("external_id")
    return f"{source}|{external_id}".encode() if external_id else None
