"""A file as one table of rows under headings, whatever it is and however many sheets it has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import NoReturn

from services.intake.files.json_lines import count_lines, read_json_lines
from services.intake.files.mapping import MappingInvalid, SourceMapping
from services.intake.files.no_data import NoDataRows
from shared.tables.headings import SEARCHED_ROWS, Heading, KnownHeadings, find_doubled, find_heading
from shared.tables.merged_cells import MergedColumns
from shared.tables.nearest import suggestion
from shared.tables.readers.cells import Cell, CellFault, SheetRow, is_blank
from shared.tables.readers.file_kind import FileKind, detect_kind
from shared.tables.readers.opening import read_sheets
from shared.tables.readers.sheets import FileUnreadable, Sheet

__all__ = ["FileUnreadable", "Row", "Table", "open_table"]

MAX_NOTES = 50
"""Rows with one text each that are held as notes below a list; more are rows."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as a spreadsheet program shows it, its cells by heading; or the code of what makes it no row.

    `sheet`: its sheet, where the file has several with rows. `source`: the bytes of the row, where it has some of its own.
    """

    number: int
    cells: Mapping[str, Cell]
    fault: str | None = None
    sheet: str | None = None
    source: bytes | None = None

    @property
    def event_id(self) -> str:
        """The id of the row's report as an event."""
        return f"row-{self.number}"


@dataclass(frozen=True, slots=True)
class Table:
    """A file that can be read. `estimate`: about how many rows it has. `reading`: how its bytes were understood.

    `notes`: what was passed over, in words. `preface`: the texts above the headings and on sheets without any.
    """

    headings: Sequence[str]
    rows: Iterator[Row]
    estimate: int
    reading: str
    notes: Sequence[str] = ()
    preface: Sequence[str] = ()


def open_table(path: Path, mapping: SourceMapping) -> Table:
    """Open a file by what its first bytes say. Raises `FileUnreadable` or `MappingInvalid` with what to do about it."""
    if not path.is_file():
        raise FileUnreadable("no_file", file=path)
    kind = detect_kind(path)
    if kind is FileKind.JSON_LINES:
        return Table((), _json_rows(path), count_lines(path), "JSON lines")
    known = KnownHeadings(mapping.headings() | set(mapping.required_headings()))
    return _TableReader(path, kind, mapping, known).read(read_sheets(path, kind, known.count))


def _json_rows(path: Path) -> Iterator[Row]:
    for number, line, members in read_json_lines(path):
        if isinstance(members, str):
            yield Row(number, {}, members, source=line)
        else:
            yield Row(number, members, source=line)


@dataclass(frozen=True, slots=True)
class _HeadedSheet:
    """A sheet whose headings were found."""

    sheet: Sheet
    heading: Heading


class _TableReader:
    """Chooses the sheets that hold the list, and reads their rows one after the other."""

    def __init__(self, path: Path, kind: FileKind, mapping: SourceMapping, known: KnownHeadings) -> None:
        self._path = path
        self._kind = kind
        self._is_text = kind is FileKind.TEXT
        self._mapping = mapping
        self._known = known
        self._notes: list[str] = []
        self._preface: list[str] = []
        self._first_row = ""

    def read(self, sheets: Sequence[Sheet]) -> Table:
        """Return the table of all sheets that have the columns of the mapping; the others are named in its notes."""
        found = self._find_headed(self._choose(sheets))
        if not found:
            self._refuse()
        complete = [each for each in found if not self._mapping.missing_headings(each.heading.names)]
        if not complete:
            self._mapping.check_headings(max(found, key=lambda each: each.heading.known).heading.names)
        for each in found:
            if each not in complete:
                missing = ", ".join(self._mapping.missing_headings(each.heading.names))
                self._notes.append(f"sheet {each.sheet.name} is passed over: it has no column {missing}")
        for each in complete:
            self._check(each)
        names = self._known.find([name for each in complete for name in each.heading.names])
        absent = self._mapping.check_headings(complete[0].heading.names)
        if absent:
            self._notes.append(f"the file has no column {', '.join(sorted(set(absent) - names))}")
        rows = (row for each in complete for row in self._rows_of(each, several=len(complete) > 1))
        reading = ", ".join(each.sheet.name for each in complete)
        estimate = sum(max(each.sheet.estimate, 0) for each in complete)
        return Table(complete[0].heading.names, rows, estimate, reading, self._notes, self._preface)

    def _choose(self, sheets: Sequence[Sheet]) -> Sequence[Sheet]:
        """Return the sheets that the mapping names, all where it names none. Raises `MappingInvalid` where one is missing."""
        wanted = () if self._is_text else self._mapping.sheets
        names = [sheet.name for sheet in sheets]
        for name in wanted:
            if name not in names:
                raise MappingInvalid("no_sheet", name=name, sheets=", ".join(names), nearest=suggestion(name, names))
        return [sheet for sheet in sheets if sheet.name in wanted] if wanted else sheets

    def _find_headed(self, sheets: Sequence[Sheet]) -> list[_HeadedSheet]:
        """Return the sheets with headings. A page may show headings and rows as two tables, so that headings stay in view."""
        found: list[_HeadedSheet] = []
        for sheet in sheets:
            heading = self._heading_of(sheet)
            if heading is not None:
                found.append(_HeadedSheet(sheet, heading))
            elif found and self._continues(sheet, found[-1]):
                found.append(_HeadedSheet(sheet, replace(found[-1].heading, last_row=0)))
                self._notes.pop()
        return found

    def _continues(self, sheet: Sheet, before: _HeadedSheet) -> bool:
        """Return whether a page's table holds the rows to the headings of the table before it, which has no row of its own."""
        if self._kind is not FileKind.HTML:
            return False
        rows = (row for row in before.sheet.read_rows() if row.number > before.heading.last_row)
        first = next((row for row in sheet.read_rows() if not row.is_empty()), None)
        has_rows = any(not row.is_empty() for row in rows)
        return not has_rows and first is not None and len(first.cells) == len(before.heading.names)

    def _refuse(self) -> NoReturn:
        """Raise for a file in which no row holds headings of the mapping."""
        if not self._preface:
            raise FileUnreadable("no_rows", file=self._path.name, notes="; ".join(self._notes) or "it is empty")
        missing = ", ".join(self._mapping.required_headings())
        raise MappingInvalid("no_headings", missing=missing, first=self._first_row)

    def _heading_of(self, sheet: Sheet) -> Heading | None:
        if sheet.is_hidden:
            self._notes.append(f"sheet {sheet.name} is passed over: it is hidden")
            return None
        first = list(islice((row for row in sheet.read_rows() if not row.is_empty()), SEARCHED_ROWS))
        heading = find_heading(first, sheet.read_merged_ranges(), self._known)
        above = first if heading is None else [row for row in first if row.number <= heading.last_row]
        self._preface += [
            _describe(cell) for row in above for cell in row.cells if isinstance(cell, str | date) and str(cell).strip()
        ]
        if heading is None and first and not self._first_row:
            self._first_row = ", ".join(_describe(cell) for cell in first[0].cells if not is_blank(cell))
        if heading is None and not self._is_text:
            self._notes.append(f"sheet {sheet.name} is passed over: it {'has no headings' if first else 'is empty'}")
        return heading

    def _check(self, found: _HeadedSheet) -> None:
        """Raise `FileUnreadable` where a heading that the mapping names stands twice."""
        names = found.heading.names
        doubled = find_doubled(names, lambda name: name in self._mapping.headings())
        if doubled is not None:
            columns = " and ".join(column_letters(index) for index, name in enumerate(names) if name == doubled)
            raise FileUnreadable("doubled_heading", file=self._path.name, heading=doubled, columns=columns)

    def _rows_of(self, found: _HeadedSheet, *, several: bool) -> Iterator[Row]:
        heading, sheet = found.heading, found.sheet
        columns = {index for index, name in enumerate(heading.names) if name in self._fill_down_headings()}
        no_data = NoDataRows(heading, self._mapping.required_headings())
        ranges = sheet.read_merged_ranges()
        spans = [(merge.first_row, merge.last_row) for merge in ranges if merge.last_row > merge.first_row]
        merged = MergedColumns(ranges, columns)
        name = sheet.name if several else None
        notes: list[Row] = []
        for row in sheet.read_rows():
            if row.number <= heading.last_row or row.is_empty():
                continue
            if row.fault:
                yield Row(row.number, {}, row.fault, name, row.source)
                continue
            cells = merged.fill(row)
            if no_data.is_no_data(cells):
                continue
            if (
                len(notes) < MAX_NOTES
                and no_data.is_note(cells)
                and not any(first < row.number <= last for first, last in spans)
            ):
                notes.append(self._to_row(row, cells, heading, name))
                continue
            # What looked like a note below the list stands within it: it may be a part of a row that was torn apart.
            yield from notes
            notes.clear()
            yield self._to_row(row, cells, heading, name)

    def _fill_down_headings(self) -> set[str]:
        return {heading for field in self._mapping.fill_down for heading in self._mapping.headings_of(field)}

    def _to_row(self, row: SheetRow, cells: Sequence[Cell], heading: Heading, sheet: str | None) -> Row:
        """Return the row by headings. In text a row of another width may have lost a delimiter, and with it all order."""
        width = len(heading.names)
        if self._is_text:
            cut_off = set(heading.names[len(cells) :]) & set(self._mapping.required_headings())
            if cut_off or not all(is_blank(cell) for cell in cells[width:]):
                return Row(row.number, {}, "bad_row", sheet, row.source)
        by_heading = {name: cell for name, cell in zip(heading.names, cells, strict=False) if name}
        return Row(row.number, by_heading, None, sheet, row.source)


def _describe(cell: Cell) -> str:
    if isinstance(cell, date):
        return f"{cell:%Y-%m-%d}"
    return "?" if isinstance(cell, CellFault) else str(cell).strip()


def column_letters(index: int) -> str:
    """Return the letters of a column: 0 is A, 26 is AA."""
    letters = ""
    index += 1
    while index:
        index, digit = divmod(index - 1, 26)
        letters = chr(ord("A") + digit) + letters
    return letters
