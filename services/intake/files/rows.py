"""A row becomes a report: cells into the types of the contract, words into its codes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import orjson
from pydantic import ValidationError

from services.intake.domain.findings import finding, of_validation
from services.intake.domain.report import Reported, is_plain
from services.intake.files.mapping import SourceMapping
from services.intake.files.table import Cell, Row
from shared.contracts.reports import ComplaintReport
from shared.stream import Detail

MOMENTS = frozenset({"received_at", "accepted_at", "due_at", "closed_at"})
MONEY = frozenset({"amount", "recovered"})
NUMBERS = frozenset({"revision", "satisfaction"})
TRUTHS = frozenset({"complainant.consents_to_publish", "complainant.consents_to_direct"})
PROSE = frozenset({"title", "text", "goods", "operator.scope"})

# Excel keeps fifteen digits of a number; of a longer one the rest is lost, and what it shows is a power of ten.
EXACT = 10**15
_POWER = re.compile(r"[0-9](?:\.[0-9]+)?[Ee]\+?[0-9]{2}")
_MONEY_MARKS = str.maketrans("", "", ",，¥￥元 ")
_TRUE = frozenset({"true", "yes", "y", "1", "是", "同意"})
_FALSE = frozenset({"false", "no", "n", "0", "否", "不同意"})


class _Unfit(ValueError):
    """A cell cannot be what its field needs; the argument is the code."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that is no report: its number and, for each finding, the column (or field) it is in."""

    number: int
    details: tuple[Detail, ...]


def to_report(row: Row, mapping: SourceMapping, source: str) -> Reported | BadRow:
    """Return the report that a row tells, or what is wrong with it, by column."""
    if row.fault:
        return BadRow(row.number, (finding("", row.fault),))
    data: dict[str, Any] = {}
    faults: list[Detail] = []
    for field in mapping.columns.keys() | mapping.constants.keys() | mapping.defaults.keys():
        try:
            value = _value(field, row.cells, mapping)
        except _Unfit as unfit:
            faults.append(finding(_place(field, mapping), str(unfit)))
        else:
            if value is not None:
                _put(data, field, value)
    if faults:
        return BadRow(row.number, tuple(sorted(faults, key=lambda fault: fault.field)))
    try:
        body = orjson.dumps(data)
        report = ComplaintReport.model_validate_json(body)
    except ValidationError as error:
        return BadRow(row.number, tuple(in_columns(of_validation(error), mapping)))
    return Reported(source, f"row-{row.number}", report, is_plain(body))


def in_columns(details: tuple[Detail, ...], mapping: SourceMapping) -> list[Detail]:
    """Return the findings with the headings of the file in place of field names."""
    return [Detail(_place(detail.field, mapping), detail.code, detail.message) for detail in details]


def _place(field: str, mapping: SourceMapping) -> str:
    return next(iter(mapping.headings_of(field)), field)


def _put(data: dict[str, Any], field: str, value: object) -> None:
    group, _, part = field.partition(".")
    if part:
        data.setdefault(group, {})[part] = value
    else:
        data[group] = value


def _value(field: str, cells: Mapping[str, Cell], mapping: SourceMapping) -> object:
    if field in mapping.constants:
        return mapping.constants[field]
    given = [cell for heading in mapping.headings_of(field) if (cell := cells.get(heading)) not in {None, ""}]
    if not given:
        return mapping.defaults.get(field)
    if field in MOMENTS:
        return _moment(given[0], mapping)
    texts = [text for cell in given if (text := _text(field, cell))]
    text = mapping.joined_by.join(texts)
    if field in mapping.values or field in mapping.otherwise:
        return _word(field, text, mapping)
    return _typed(field, text) if text else mapping.defaults.get(field)


def _word(field: str, text: str, mapping: SourceMapping) -> object:
    words = mapping.values.get(field, {})
    if text in words:
        return words[text]
    if field in mapping.otherwise:
        return mapping.otherwise[field]
    return text if text in words.values() else _unknown()


def _unknown() -> object:
    raise _Unfit("unknown_value")


def _typed(field: str, text: str) -> object:
    if field in MONEY:
        return text.translate(_MONEY_MARKS)
    if field in NUMBERS:
        return int(text) if text.lstrip("-").isdecimal() else _mistyped()
    if field in TRUTHS:
        lower = text.lower()
        return lower in _TRUE if lower in _TRUE | _FALSE else _unknown()
    return text


def _mistyped() -> object:
    raise _Unfit("wrong_type")


def _text(field: str, cell: Cell) -> str:
    """Return a cell as text. A number that is not exact any more is refused: what it was cannot be known."""
    if isinstance(cell, float):
        if abs(cell) >= EXACT:
            raise _Unfit("lost_digits")
        return str(int(cell)) if cell.is_integer() else repr(round(cell, 6))
    if isinstance(cell, str):
        text = cell.strip()
        if field not in PROSE and _POWER.fullmatch(text):
            raise _Unfit("lost_digits")
        return text
    return cell.isoformat(sep=" ") if isinstance(cell, datetime) else str(cell)


def _moment(cell: Cell, mapping: SourceMapping) -> str:
    """Return a moment as the contract writes it; a day is its first moment in the mapping's zone."""
    moment = _read(cell, mapping)
    return (moment if moment.tzinfo else moment.replace(tzinfo=mapping.zone)).isoformat()


def _read(cell: Cell, mapping: SourceMapping) -> datetime:
    if isinstance(cell, datetime):
        return cell
    if isinstance(cell, date):
        return datetime.combine(cell, time())
    if not isinstance(cell, str) or isinstance(cell, time | timedelta):
        raise _Unfit("bad_date")
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
    raise _Unfit("bad_date")
