"""SpreadsheetML of Excel 2003: one XML document, mostly named .xls, with sheets, rows and typed cells."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from math import isfinite
from pathlib import Path
from xml.parsers import expat

from shared.tables.readers.cells import ERROR, MAX_COLUMNS, NOT_CALCULATED, Cell, MergedRange, SheetRow
from shared.tables.readers.number_formats import EPOCH_1900, to_cell
from shared.tables.readers.sheets import FileUnreadable, Sheet
from shared.tables.readers.text_encoding import TextEncoding, decode_chunks, detect_encoding
from shared.tables.readers.xlsx_rows import to_moment
from shared.tables.readers.xml_events import DoctypeFound, create_parser, finish, local_name
from shared.tables.readers.xml_repair import repair_xml, split_entity

NAMESPACE = b"urn:schemas-microsoft-com:office:spreadsheet"
_DECLARED_ENCODING = re.compile(r"""(<\?xml[^>]*?)\sencoding\s*=\s*["'][^"']*["']""")


def read_spreadsheetml(path: Path) -> list[Sheet]:
    """Return the worksheets of a document, in their order. Raises `FileUnreadable`."""
    encoding = detect_encoding(path)
    outline = _Outline()
    with _translate_errors(path):
        for _ in _parse(path, encoding, outline):
            pass
    return [
        Sheet(
            sheet.name,
            partial(_read_rows, path, encoding, index, outline.formats),
            partial(tuple, sheet.merged_ranges),
            is_hidden=sheet.is_hidden,
            estimate=sheet.rows - 1,
        )
        for index, sheet in enumerate(outline.sheets)
    ]


@contextmanager
def _translate_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except (expat.ExpatError, DoctypeFound, ValueError, OSError) as error:
        raise FileUnreadable("damaged_xml", file=path.name) from error


def _read_rows(path: Path, encoding: TextEncoding, index: int, formats: Mapping[str, str]) -> Iterator[SheetRow]:
    handler = _Rows(index, formats)
    with _translate_errors(path):
        for _ in _parse(path, encoding, handler):
            yield from handler.take_rows()


def _parse(path: Path, encoding: TextEncoding, handler: _Position) -> Iterator[None]:
    """Parse the document piece by piece. Its text is decoded here: the parser does not know the encodings of Chinese."""
    parser = create_parser()
    parser.StartElementHandler, parser.EndElementHandler = handler.start, handler.end
    parser.CharacterDataHandler = handler.text
    is_first = True
    kept = ""
    for chunk in decode_chunks(path, encoding.name):
        text, kept = split_entity(kept + (_DECLARED_ENCODING.sub(r"\1", chunk, count=1) if is_first else chunk))
        parser.Parse(repair_xml(text))
        is_first = False
        yield
    parser.Parse(kept)
    finish(parser)
    yield


class _Position:
    """Knows at which sheet, row and column the parser is."""

    def __init__(self) -> None:
        self.sheet = -1
        self.row = 0
        self.column = 0
        self._skipped = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Handle the start of an element."""
        name = local_name(name)
        own = {local_name(key): value for key, value in attributes.items()}
        match name:
            case "Worksheet":
                self.sheet, self.row = self.sheet + 1, 0
            case "Row":
                self.row = int(own.get("Index", self.row + 1))
                self.column, self._skipped = -1, 0
            case "Cell":
                self.column = int(own["Index"]) - 1 if "Index" in own else self.column + 1 + self._skipped
                self._skipped = int(own.get("MergeAcross", 0))
        self.open_element(name, own)

    def end(self, name: str) -> None:
        """Handle the end of an element."""
        self.close_element(local_name(name))

    def text(self, data: str) -> None:
        """Handle text."""

    def open_element(self, name: str, attributes: Mapping[str, str]) -> None:
        """Handle an element whose position is known."""

    def close_element(self, name: str) -> None:
        """Handle the end of an element."""


@dataclass(slots=True)
class _SheetOutline:
    name: str
    is_hidden: bool = False
    rows: int = 0
    merged_ranges: list[MergedRange] = field(default_factory=list)


class _Outline(_Position):
    """What has to be known before rows are read: sheets, merged cells, number formats by style."""

    def __init__(self) -> None:
        super().__init__()
        self.sheets: list[_SheetOutline] = []
        self.formats: dict[str, str] = {}
        self._style = ""
        self._in_visible = False

    def open_element(self, name: str, attributes: Mapping[str, str]) -> None:
        """Take down sheets, merged cells and formats."""
        match name:
            case "Worksheet":
                self.sheets.append(_SheetOutline(attributes.get("Name", "")))
            case "Row" if self.sheets:
                self.sheets[-1].rows += 1
            case "Cell" if self.sheets and ("MergeDown" in attributes or "MergeAcross" in attributes):
                last_row = self.row + int(attributes.get("MergeDown", 0))
                last_column = self.column + int(attributes.get("MergeAcross", 0))
                self.sheets[-1].merged_ranges.append(MergedRange(self.row, last_row, self.column, last_column))
            case "Style":
                self._style = attributes.get("ID", "")
                # Parents stand before their children.
                if (parent := attributes.get("Parent", "")) in self.formats:
                    self.formats[self._style] = self.formats[parent]
            case "NumberFormat":
                self.formats[self._style] = attributes.get("Format", "General")
            case "Visible":
                self._in_visible = True

    def text(self, data: str) -> None:
        """Take down that a sheet is hidden."""
        if self._in_visible and "Hidden" in data and self.sheets:
            self.sheets[-1].is_hidden = True

    def close_element(self, name: str) -> None:
        """Leave an element."""
        if name == "Visible":
            self._in_visible = False


class _Rows(_Position):
    """Puts the rows of one sheet together."""

    def __init__(self, index: int, formats: Mapping[str, str]) -> None:
        super().__init__()
        self._index = index
        self._formats = formats
        self._rows: list[SheetRow] = []
        self._cells: list[Cell] = []
        self._cell: Mapping[str, str] = {}
        self._type = ""
        self._parts: list[str] = []
        self._in_data = self._in_comment = False
        self._row_style = ""
        self._column_styles: dict[int, str] = {}
        self._columns = 0

    def take_rows(self) -> list[SheetRow]:
        """Return the rows completed since the last call."""
        rows, self._rows = self._rows, []
        return rows

    def open_element(self, name: str, attributes: Mapping[str, str]) -> None:
        """Begin a row, a cell or its content."""
        match name:
            case "Table":
                self._column_styles, self._columns = {}, 0
            case "Column":
                self._add_column(attributes)
            case "Row":
                self._cells = []
                self._row_style = attributes.get("StyleID", "")
            case "Cell":
                self._cell, self._type, self._parts = attributes, "", []
            case "Comment":
                self._in_comment = True
            case "Data" if not self._in_comment:
                self._type, self._in_data = attributes.get("Type", "String"), True

    def text(self, data: str) -> None:
        """Collect the text of a cell."""
        if self._in_data:
            self._parts.append(data)

    def close_element(self, name: str) -> None:
        """End a row, a cell or its content."""
        match name:
            case "Data":
                self._in_data = False
            case "Comment":
                self._in_comment = False
            case "Cell" if self.sheet == self._index and self.column < MAX_COLUMNS:
                self._cells.extend([None] * (self.column - len(self._cells)))
                self._cells.append(self._to_cell("".join(self._parts)))
            case "Row" if self.sheet == self._index:
                self._rows.append(SheetRow(self.row, self._cells))

    def _to_cell(self, text: str) -> Cell:
        match self._type:
            case "":
                return NOT_CALCULATED if "Formula" in self._cell else None
            case "Number":
                return self._to_number(text)
            case "DateTime":
                return to_moment(text)
            case "Boolean":
                return text == "1"
            case "Error":
                return ERROR
            case _:
                return text

    def _to_number(self, text: str) -> Cell:
        """Return the number, or the text that a program has called one."""
        try:
            number = float(text)
        except ValueError:
            return text
        if not isfinite(number):
            return ERROR
        style = self._cell.get("StyleID") or self._row_style or self._column_styles.get(self.column, "")
        return to_cell(number, self._formats.get(style, "General"), EPOCH_1900)

    def _add_column(self, attributes: Mapping[str, str]) -> None:
        """Take down the style of a column, or of several: cells without one of their own have it."""
        first = int(attributes.get("Index", self._columns + 1)) - 1
        self._columns = first + 1 + int(attributes.get("Span", 0))
        for column in range(first, min(self._columns, MAX_COLUMNS)):
            self._column_styles[column] = attributes.get("StyleID", "")
