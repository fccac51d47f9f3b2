"""Conversion of a row to a report: cells to the types of the contract, words of the source to its codes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import orjson
from pydantic import ValidationError

from services.intake.domain.findings import create_finding, to_findings
from services.intake.domain.report import ReportEvent, is_escape_free
from services.intake.files.fields import FieldReader, field_reader
from services.intake.files.list_dates import ListDates
from services.intake.files.mapping import SourceMapping
from services.intake.files.table import Row
from shared.contracts.reports import ComplaintReport
from shared.stream import ValidationFinding
from shared.tables.readers.cells import Cell, CellFault, is_blank
from shared.tables.texts import CellError

# What findings of events are called where a person reads them beside a column.
_MESSAGES: Mapping[str, str] = {
    "bad_date": "this is no date that can be read: write it like 2026-10-01 09:30",
    "bad_encoding": "this holds damaged characters: export the file again, as UTF-8",
    "not_decimal": "this is no amount in yuan: write it like 1299.50",
    "wrong_type": "this is no whole number",
    "too_large": "this row is larger than 1 MiB",
}
UNNAMED = "未注明经营者"


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that is no valid report: its number and sheet, and findings located by heading (or field).

    `data`: the report as far as it was read, with the texts of cells that could not be.
    """

    number: int
    findings: tuple[ValidationFinding, ...]
    sheet: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PassedOverRow:
    """A row that the mapping passes over, by this word of one of its columns."""

    number: int
    word: str
    sheet: str | None = None


ConvertedRow = ReportEvent | RefusedRow | PassedOverRow


@dataclass(frozen=True, slots=True)
class _Field:
    """A field: its name, the object within the report that it stands in, its name there, and how it is read."""

    name: str
    group: str
    part: str
    read: FieldReader


class RowConverter:
    """Converts the rows of a source's file to reports."""

    def __init__(self, mapping: SourceMapping, source: str, dates: ListDates | None = None) -> None:
        self._mapping = mapping
        self._dates = dates or ListDates(mapping, None)
        self._source = source
        names = sorted(mapping.columns.keys() | mapping.constants.keys() | mapping.defaults.keys())
        self._fields = [_Field(name, *name.rpartition(".")[::2], field_reader(name, mapping)) for name in names]

    def to_report(self, row: Row) -> ConvertedRow:
        """Convert a row to a report, or return its findings by heading; or the word by which it is passed over."""
        if row.fault:
            return RefusedRow(row.number, (_to_finding("", row.fault),), row.sheet)
        for heading, words in self._mapping.pass_over.items():
            word = str(row.cells.get(heading) or "").strip()
            if word in words:
                return PassedOverRow(row.number, word, row.sheet)
        data, findings = self._read_fields(row.cells)
        if self._mapping.unnamed_operator:
            _name_operator(data)
        list_date = None
        if "revision" not in data:
            try:
                list_date = self._dates.find_date(row.cells)
            except CellError as error:
                findings.append(_to_finding(self._dates.column or "", str(error)))
        if findings:
            return RefusedRow(row.number, tuple(sorted(findings, key=lambda finding: finding.field)), row.sheet, data)
        try:
            body = orjson.dumps(data)
            report = ComplaintReport.model_validate_json(body)
        except ValidationError as error:
            return RefusedRow(row.number, self.locate(to_findings(error)), row.sheet, data)
        return ReportEvent(self._source, row.event_id, report, is_escape_free(body), list_date)

    def locate(self, findings: tuple[ValidationFinding, ...]) -> tuple[ValidationFinding, ...]:
        """Return findings with headings of the file in place of field names, in words for who reads a list."""
        return tuple(_to_finding(self._first_heading(finding.field), finding.code) for finding in findings)

    def _read_fields(self, cells: Mapping[str, Cell]) -> tuple[dict[str, Any], list[ValidationFinding]]:
        data: dict[str, Any] = {}
        findings: list[ValidationFinding] = []
        for each in self._fields:
            try:
                value = each.read(cells)
            except CellError as error:
                findings.append(_to_finding(self._first_heading(each.name), str(error)))
                value = self._raw_text(each.name, cells)
            if value is None:
                continue
            if each.group:
                data.setdefault(each.group, {})[each.part] = value
            else:
                data[each.part] = value
        return data, findings

    def _raw_text(self, name: str, cells: Mapping[str, Cell]) -> str | None:
        """Return the cells of a field as they are, where they hold anything that can be written."""
        found = (cells.get(heading) for heading in self._mapping.headings_of(name))
        plain = " ".join(str(cell) for cell in found if not is_blank(cell) and not isinstance(cell, CellFault))
        return plain.encode("utf-8", "replace").decode() or None

    def _first_heading(self, field: str) -> str:
        return next(iter(self._mapping.headings_of(field)), field)


def _name_operator(data: dict[str, Any]) -> None:
    """Give a report without an operator one of its own: no other complaint must follow where a clerk puts this one."""
    operator, number = data.setdefault("operator", {}), data.get("external_id")
    if number:
        operator.setdefault("name", f"{UNNAMED}（{number}）")


def _to_finding(heading: str, code: str) -> ValidationFinding:
    finding = create_finding(heading, code)
    return replace(finding, message=_MESSAGES.get(code, finding.message))
