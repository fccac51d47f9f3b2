"""Conversion of a row to a report: cells to the types of the contract, words of the source to its codes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import orjson
from pydantic import ValidationError

from services.intake.domain.findings import create_finding, to_findings
from services.intake.domain.report import ReportEvent, is_escape_free
from services.intake.files.mapping import SourceMapping
from services.intake.files.table import Cell, Row
from shared.contracts.reports import ComplaintReport
from shared.stream import ValidationFinding

MOMENTS = frozenset({"received_at", "accepted_at", "due_at", "closed_at"})
MONEY = frozenset({"amount", "recovered"})
INTEGERS = frozenset({"revision", "satisfaction"})
BOOLEANS = frozenset({"complainant.consents_to_publish", "complainant.consents_to_direct"})
PROSE = frozenset({"title", "text", "goods", "operator.scope"})

# Excel keeps fifteen digits of a number; of a longer one the rest is lost, and what it shows is a power of ten.
MAX_EXACT = 10**15
_POWER = re.compile(r"[0-9](?:\.[0-9]+)?[Ee]\+?[0-9]{2}")
_MONEY_MARKS = str.maketrans("", "", ",，¥￥元 ")
_TRUE = frozenset({"true", "yes", "y", "1", "是", "同意"})
_FALSE = frozenset({"false", "no", "n", "0", "否", "不同意"})


class _CellError(ValueError):
    """A cell does not fit the type of its field; the argument is the code of the finding."""


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that is no valid report: its number, and findings located by heading (or field)."""

    number: int
    details: tuple[ValidationFinding, ...]


def to_report(row: Row, mapping: SourceMapping, source: str) -> ReportEvent | RefusedRow:
    """Convert a row to a report, or return its findings by heading."""
    if row.fault:
        return RefusedRow(row.number, (create_finding("", row.fault),))
    data: dict[str, Any] = {}
    findings: list[ValidationFinding] = []
    for field in mapping.columns.keys() | mapping.constants.keys() | mapping.defaults.keys():
        try:
            value = _field_value(field, row.cells, mapping)
        except _CellError as error:
            findings.append(create_finding(_first_heading(field, mapping), str(error)))
        else:
            if value is not None:
                _set_field(data, field, value)
    if findings:
        return RefusedRow(row.number, tuple(sorted(findings, key=lambda finding: finding.field)))
    try:
        body = orjson.dumps(data)
        report = ComplaintReport.model_validate_json(body)
    except ValidationError as error:
        return RefusedRow(row.number, tuple(with_headings(to_findings(error), mapping)))
    return ReportEvent(source, f"row-{row.number}", report, is_escape_free(body))


def with_headings(details: tuple[ValidationFinding, ...], mapping: SourceMapping) -> list[ValidationFinding]:
    """Return the findings with headings of the file in place of field names."""
    return [ValidationFinding(_first_heading(detail.field, mapping), detail.code, detail.message) for detail in details]


def _first_heading(field: str, mapping: SourceMapping) -> str:
    return next(iter(mapping.headings_of(field)), field)


def _set_field(data: dict[str, Any], field: str, value: object) -> None:
    group, _, part = field.partition(".")
    if part:
        data.setdefault(group, {})[part] = value
    else:
        data[group] = value


def _field_value(field: str, cells: Mapping[str, Cell], mapping: SourceMapping) -> object:
    if field in mapping.constants:
        return mapping.constants[field]
    filled = [cell for heading in mapping.headings_of(field) if (cell := cells.get(heading)) not in {None, ""}]
    if not filled:
        return mapping.defaults.get(field)
    if field in MOMENTS:
        return _to_rfc3339(filled[0], mapping)
    texts = [text for cell in filled if (text := _cell_text(field, cell))]
    text = mapping.joined_by.join(texts)
    if field in mapping.values or field in mapping.otherwise:
        return _translate(field, text, mapping)
    return _parse_text(field, text) if text else mapping.defaults.get(field)


def _translate(field: str, text: str, mapping: SourceMapping) -> object:
    words = mapping.values.get(field, {})
    if text in words:
        return words[text]
    if field in mapping.otherwise:
        return mapping.otherwise[field]
    return text if text in words.values() else _raise_unknown()


def _raise_unknown() -> object:
    raise _CellError("unknown_value")


def _parse_text(field: str, text: str) -> object:
    if field in MONEY:
        return text.translate(_MONEY_MARKS)
    if field in INTEGERS:
        return int(text) if text.lstrip("-").isdecimal() else _raise_wrong_type()
    if field in BOOLEANS:
        lower = text.lower()
        return lower in _TRUE if lower in _TRUE | _FALSE else _raise_unknown()
    return text


def _raise_wrong_type() -> object:
    raise _CellError("wrong_type")


def _cell_text(field: str, cell: Cell) -> str:
    """Return a cell as text. A number that is not exact any more is refused: what it was cannot be known."""
    if isinstance(cell, float):
        if abs(cell) >= MAX_EXACT:
            raise _CellError("lost_digits")
        return str(int(cell)) if cell.is_integer() else repr(round(cell, 6))
    if isinstance(cell, str):
        text = cell.strip()
        if field not in PROSE and _POWER.fullmatch(text):
            raise _CellError("lost_digits")
        return text
    return cell.isoformat(sep=" ") if isinstance(cell, datetime) else str(cell)


def _to_rfc3339(cell: Cell, mapping: SourceMapping) -> str:
    """Return a moment as the contract writes it; a day is its first moment in the mapping's zone."""
    moment = _parse_moment(cell, mapping)
    return (moment if moment.tzinfo else moment.replace(tzinfo=mapping.zone)).isoformat()


def _parse_moment(cell: Cell, mapping: SourceMapping) -> datetime:
    if isinstance(cell, datetime):
        return cell
    if isinstance(cell, date):
        return datetime.combine(cell, time())
    if not isinstance(cell, str) or isinstance(cell, time | timedelta):
        raise _CellError("bad_date")
    text = cell.strip()
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    for form in mapping.date_formats:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007  # the zone is the mapping's
        except ValueError:
            continue
    raise _CellError("bad_date")
