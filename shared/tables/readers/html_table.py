"""HTML as web systems export it, mostly named .xls: every table is a sheet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from html.parser import HTMLParser
from pathlib import Path

from shared.tables.readers.cells import DAMAGED, MAX_COLUMNS, MAX_ROWS, Cell, MergedRange, SheetRow
from shared.tables.readers.sheets import FileUnreadable, Sheet
from shared.tables.readers.text_encoding import EURO_BYTE, TextEncoding, decode_chunks, detect_encoding, is_damaged

MAX_TABLES = 100
_SPACE = re.compile(r"[ \t\r\n\f]+")
_CELLS = frozenset({"td", "th"})
_BLOCKS = frozenset({"br", "p", "div", "li"})
# Elements within a cell that nobody sees, so that sort keys and programs are no part of its text.
_INLINE = frozenset({"span", "div", "p", "a", "b", "i", "font", "label", "em", "strong"})
_UNSEEN = frozenset({"script", "style"})
_NOT_DISPLAYED = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all", re.IGNORECASE)
# The number format of a cell: a number under zeros is shown with as many digits.
_ZEROS = re.compile(r"""mso-number-format\s*:\s*["'\\]*(0{2,18})["']?\s*(?:;|$)""", re.IGNORECASE)
MAX_PARTS = 1_000
"""Pieces of a cell's text; a cell of a layout holds a whole table."""


def read_html(path: Path) -> list[Sheet]:
    """Return the tables of a page, in the order in which they begin. Raises `FileUnreadable` where it has none."""
    encoding = detect_encoding(path)
    outline = _TableParser(encoding)
    for text in decode_chunks(path, encoding.name):
        outline.feed(text)
        outline.completed.clear()
    outline.close()
    if not outline.tables:
        raise FileUnreadable("page_without_table", file=path.name)
    return [
        Sheet(
            f"table {index + 1}",
            partial(_read_rows, path, encoding, index),
            partial(tuple, table.merged_ranges),
            estimate=table.row - 1,
        )
        for index, table in enumerate(outline.tables)
    ]


def _read_rows(path: Path, encoding: TextEncoding, index: int) -> Iterator[SheetRow]:
    parser = _TableParser(encoding)
    for text in decode_chunks(path, encoding.name):
        parser.feed(text)
        yield from (row for table, row in parser.completed if table == index)
        parser.completed.clear()
    parser.close()
    yield from (row for table, row in parser.completed if table == index)


@dataclass(slots=True)
class _Table:
    """A table that is being read.

    `spans`: in how many more rows a column is covered from above; `parts`: a cell's text; `digits`: how many digits a number
    in it is shown with.
    """

    index: int
    row: int = 0
    cells: list[Cell] = field(default_factory=list)
    spans: dict[int, int] = field(default_factory=dict)
    merged_ranges: list[MergedRange] = field(default_factory=list)
    parts: list[str] | None = None
    column: int = 0
    digits: int = 0
    is_in_row: bool = False

    def begin_row(self) -> None:
        """Begin the next row."""
        self.row, self.cells, self.is_in_row = self.row + 1, [], True

    def begin_cell(self, columns: int, rows: int) -> None:
        """Begin a cell in the next column that no cell from above covers. `columns`, `rows`: how many it covers."""
        while self.spans.get(len(self.cells), 0):
            self.cells.append(None)
        first = len(self.cells)
        if columns > 1 or rows > 1:
            self.merged_ranges.append(MergedRange(self.row, self.row + rows - 1, first, first + columns - 1))
        if rows > 1:
            self.spans |= dict.fromkeys(range(first, first + columns), rows)
        self.parts, self.column = [], first
        self.cells.extend([None] * columns)

    def end_row(self) -> SheetRow:
        """End the row and return it."""
        self.spans = {column: rows - 1 for column, rows in self.spans.items() if rows > 1}
        self.is_in_row = False
        return SheetRow(self.row, self.cells)


class _TableParser(HTMLParser):
    """Collects completed rows with the index of their table. Ends of cells and rows may be missing, as HTML allows."""

    def __init__(self, encoding: TextEncoding) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[_Table] = []
        self.completed: list[tuple[int, SheetRow]] = []
        self._open: list[_Table] = []
        self._encoding = encoding
        self._hidden: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Handle the start of an element."""
        if tag == "table":
            table = _Table(len(self.tables))
            if len(self.tables) < MAX_TABLES:
                self.tables.append(table)
            self._open.append(table)
        if not self._open:
            return
        if self._hidden:
            self._hidden += [tag] if tag == self._hidden[-1] else []
            return
        if tag in _UNSEEN or (tag in _INLINE and _is_hidden(attrs)):
            self._hidden.append(tag)
            return
        table = self._open[-1]
        if tag == "tr":
            self._end_row()
            table.begin_row()
        elif tag in _CELLS:
            self._end_cell()
            if not table.is_in_row:
                table.begin_row()
            self._begin_cell(dict(attrs))
        elif tag in _BLOCKS and table.parts is not None:
            table.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """Handle the end of an element."""
        if not self._open:
            return
        if self._hidden and (tag == self._hidden[-1] or tag in _CELLS | {"tr", "table"}):
            self._hidden = self._hidden[:-1] if tag == self._hidden[-1] else []
        if tag in _CELLS:
            self._end_cell()
        elif tag in {"tr", "thead", "tbody", "tfoot"}:
            self._end_row()
        elif tag == "table":
            self._end_row()
            self._open.pop()
            self._hidden = []

    def handle_data(self, data: str) -> None:
        """Handle text; that of a table within a cell is the cell's too."""
        if self._hidden:
            return
        for table in self._open:
            if table.parts is not None and len(table.parts) < MAX_PARTS:
                # A line break in the source is a space, one of an element is kept.
                table.parts.append(_SPACE.sub(" ", data))

    def close(self) -> None:
        """End what is still open."""
        super().close()
        while self._open:
            self._end_row()
            self._open.pop()

    def _begin_cell(self, attributes: dict[str, str | None]) -> None:
        table = self._open[-1]
        if len(table.cells) < MAX_COLUMNS:
            columns = _span(attributes.get("colspan"), MAX_COLUMNS - len(table.cells))
            table.begin_cell(columns, _span(attributes.get("rowspan"), MAX_ROWS))
            zeros = _ZEROS.search(attributes.get("style") or "")
            table.digits = len(zeros[1]) if zeros else 0

    def _end_cell(self) -> None:
        table = self._open[-1]
        if table.parts is None:
            return
        text = "".join(table.parts).replace("\xa0", " ").strip()
        if self._encoding.name == "gb18030":
            text = text.replace(EURO_BYTE, "€")
        if table.digits and text.isdecimal():
            text = text.zfill(table.digits)
        table.cells[table.column] = DAMAGED if is_damaged(text, self._encoding.name) else text
        table.parts = None

    def _end_row(self) -> None:
        self._end_cell()
        table = self._open[-1]
        if table.is_in_row:
            self.completed.append((table.index, table.end_row()))


def _is_hidden(attrs: list[tuple[str, str | None]]) -> bool:
    return any(name == "hidden" or (name == "style" and _NOT_DISPLAYED.search(value or "")) for name, value in attrs)


def _span(text: str | None, limit: int) -> int:
    """Return how many columns or rows a cell covers, at least one and at most `limit`."""
    return max(1, min(int(text), limit)) if text and text.isdecimal() and len(text) < 8 else 1  # noqa: PLR2004
