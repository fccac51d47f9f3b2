"""XLS of Excel 97 and later ([MS-XLS], BIFF8), which WPS writes as .et too: records in a stream of a compound file."""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from struct import unpack_from

from shared.tables.readers.biff import BIFF8, Record, read_records
from shared.tables.readers.cells import MAX_COLUMNS, Cell, MergedRange, SheetRow
from shared.tables.readers.compound import CompoundFile
from shared.tables.readers.number_formats import BUILT_IN, EPOCH_1900, EPOCH_1904
from shared.tables.readers.sheets import MIB, FileUnreadable, Sheet
from shared.tables.readers.xls_cells import CELL_RECORDS, BookContext, parse_record
from shared.tables.readers.xls_strings import read_shared_strings, read_text

MAX_FILE = 256 * MIB
SUMMARY = "\x05summaryinformation"


def read_xls(path: Path) -> list[Sheet]:
    """Return the worksheets of a workbook, in their order. Raises `FileUnreadable`."""
    if path.stat().st_size > MAX_FILE:
        raise FileUnreadable("too_large", file=path.name, limit=MAX_FILE // MIB)
    with _translate_errors(path):
        container = CompoundFile(path.read_bytes())
        names = container.names()
        if "workbook" not in names:
            raise FileUnreadable(_kind_of(names), file=path.name)
        return _read_workbook(path, container.read("workbook"), is_calculated=SUMMARY in names)


def _kind_of(names: frozenset[str]) -> str:
    """Return the code of what a compound file without a workbook is."""
    if "encryptedpackage" in names:
        return "password"
    if "book" in names:
        return "excel_5"
    if "worddocument" in names:
        return "word"
    return "not_a_table"


@contextmanager
def _translate_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except (struct.error, ValueError, IndexError, KeyError, OSError) as error:
        raise FileUnreadable("damaged_xls", file=path.name) from error


@dataclass(frozen=True, slots=True)
class _BoundSheet:
    """A sheet as the workbook lists it."""

    start: int
    is_hidden: bool
    is_worksheet: bool
    name: str


def _read_workbook(path: Path, stream: bytes, *, is_calculated: bool) -> list[Sheet]:
    sheets: list[_BoundSheet] = []
    formats: dict[int, str] = {}
    styles: list[int] = []
    shared: list[bytes] = []
    epoch = EPOCH_1900
    previous = 0
    for _, kind, data in read_records(stream, 0):
        match kind:
            case Record.BOF if unpack_from("<H", data)[0] != BIFF8:
                raise FileUnreadable("excel_5", file=path.name)
            case Record.FILE_PASS:
                raise FileUnreadable("password", file=path.name)
            case Record.BOUND_SHEET:
                start, state, type_ = unpack_from("<IBB", data)
                sheets.append(_BoundSheet(start, bool(state & 3), type_ == 0, read_text(data, 6, length_size=1)))
            case Record.FORMAT:
                formats[unpack_from("<H", data)[0]] = read_text(data, 2)
            case Record.XF:
                styles.append(unpack_from("<H", data, 2)[0])
            case Record.DATE_MODE if unpack_from("<H", data)[0]:
                epoch = EPOCH_1904
            case Record.SHARED_STRINGS:
                shared = [data]
            case Record.CONTINUE if previous in {Record.SHARED_STRINGS, Record.CONTINUE} and shared:
                shared.append(data)
        previous = kind
    codes = [formats.get(number) or BUILT_IN.get(number, "General") for number in styles]
    context = BookContext(read_shared_strings(shared) if shared else (), codes, epoch, is_calculated)
    return [_to_sheet(path, stream, sheet, context) for sheet in sheets if sheet.is_worksheet]


def _to_sheet(path: Path, stream: bytes, sheet: _BoundSheet, context: BookContext) -> Sheet:
    return Sheet(
        sheet.name,
        partial(_read_rows, path, stream, sheet.start, context),
        partial(_read_merged_ranges, path, stream, sheet.start),
        is_hidden=sheet.is_hidden,
    )


def _read_rows(path: Path, stream: bytes, start: int, context: BookContext) -> Iterator[SheetRow]:
    """Yield the rows that hold anything, in order: some programs write cells column by column."""
    with _translate_errors(path):
        positions = array("I", (at for at, kind, _ in read_records(stream, start) if kind in CELL_RECORDS))

        def row_of(at: int) -> int:
            return int(unpack_from("<H", stream, at + 4)[0])

        for row, group in groupby(sorted(positions, key=row_of), row_of):
            cells: dict[int, Cell] = {}
            for at in group:
                cells.update(parse_record(stream, at, context))
            width = min(max(cells) + 1, MAX_COLUMNS)
            yield SheetRow(row + 1, [cells.get(column) for column in range(width)])


def _read_merged_ranges(path: Path, stream: bytes, start: int) -> Sequence[MergedRange]:
    with _translate_errors(path):
        return [
            MergedRange(first_row + 1, last_row + 1, first, last)
            for _, kind, data in read_records(stream, start)
            if kind == Record.MERGED_CELLS
            for first_row, last_row, first, last in (
                unpack_from("<HHHH", data, 2 + 8 * index) for index in range(unpack_from("<H", data)[0])
            )
        ]
