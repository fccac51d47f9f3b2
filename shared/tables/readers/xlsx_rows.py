"""The rows of one worksheet of an XLSX file, parsed as its XML is read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from math import isfinite

from shared.tables.readers.cells import DAMAGED, ERROR, MAX_COLUMNS, NOT_CALCULATED, Cell, SheetRow
from shared.tables.readers.number_formats import to_cell
from shared.tables.readers.xml_events import create_parser, finish, local_name

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_CONSTANT = re.compile(r'"((?:[^"]|"")*)"')
_DIGITS = "0123456789$"
_TEXTS = frozenset({"v", "t", "f"})


@dataclass(frozen=True, slots=True)
class WorkbookContext:
    """What cells refer to: shared strings, number formats by style, and how the workbook counts days.

    `recalculates`: the workbook asks to be calculated when it is opened, so that a formula's 0 may only be a placeholder.
    """

    strings: Sequence[str]
    formats: Sequence[str]
    epoch: datetime
    recalculates: bool


@lru_cache(maxsize=MAX_COLUMNS)
def column_index(letters: str) -> int:
    """Return the 0-based index of a column: A is 0, AA is 26."""
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - ord("A") + 1
    return index - 1


def parse_rows(chunks: Iterable[bytes], context: WorkbookContext) -> Iterator[SheetRow]:
    """Yield the rows of a worksheet's XML in the order in which they stand there."""
    handler = _RowHandler(context)
    parser = create_parser()
    parser.StartElementHandler = handler.start
    parser.EndElementHandler = handler.end
    parser.CharacterDataHandler = handler.text
    for chunk in chunks:
        parser.Parse(chunk)
        yield from handler.take_rows()
    finish(parser)
    yield from handler.take_rows()


class _RowHandler:
    """Collects the text of cells and puts complete rows together."""

    def __init__(self, context: WorkbookContext) -> None:
        self._context = context
        self._rows: list[SheetRow] = []
        self._number = 0
        self._cells: list[Cell] = []
        self._column = -1
        self._type = ""
        self._style = 0
        self._parts: list[str] = []
        self._value: str | None = None
        self._formula: str | None = None
        self._collects = False
        self._in_phonetic = False

    def take_rows(self) -> list[SheetRow]:
        """Return the rows completed since the last call."""
        rows, self._rows = self._rows, []
        return rows

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Handle the start of an element."""
        if ":" in name:
            name = local_name(name)
        if name == "c":
            reference = attributes.get("r")
            self._column = column_index(reference.rstrip(_DIGITS)) if reference else self._column + 1
            self._type = attributes.get("t", "n")
            self._style = int(attributes.get("s", 0))
            self._value = self._formula = None
        elif name in _TEXTS:
            self._collects = not self._in_phonetic
            self._parts = []
        elif name == "row":
            self._number = int(attributes.get("r", self._number + 1))
            self._cells, self._column = [], -1
        elif name == "rPh":
            self._in_phonetic = True

    def text(self, data: str) -> None:
        """Handle text."""
        if self._collects:
            self._parts.append(data)

    def end(self, name: str) -> None:
        """Handle the end of an element."""
        if ":" in name:
            name = local_name(name)
        if name == "c":
            self._end_cell()
        elif name in _TEXTS:
            self._end_text(name)
        elif name == "row":
            self._rows.append(SheetRow(self._number, self._cells))
        elif name == "rPh":
            self._in_phonetic = False

    def _end_text(self, name: str) -> None:
        text = "".join(self._parts)
        if name == "f":
            self._formula = text
        elif name == "v":
            self._value = text
        elif self._collects:  # one run of several
            self._value = (self._value or "") + text
        self._collects = False

    def _end_cell(self) -> None:
        if self._column >= MAX_COLUMNS:
            return
        cell = self._to_cell()
        if cell is not None:
            self._cells.extend([None] * (self._column - len(self._cells)))
            self._cells.append(cell)

    def _to_cell(self) -> Cell:
        if self._formula is not None and self._is_uncalculated():
            constant = _CONSTANT.fullmatch(self._formula)
            return constant.group(1).replace('""', '"') if constant else NOT_CALCULATED
        if self._value is None or (not self._value and self._type == "n"):
            return None
        return self._convert(self._value)

    def _is_uncalculated(self) -> bool:
        """Return whether no program has put a result behind the formula. A text may be an empty one."""
        is_placeholder = self._value == "0" and self._context.recalculates
        return self._type != "str" and (not self._value or is_placeholder)

    def _convert(self, value: str) -> Cell:
        """Return the cell; one that a program has written wrongly costs its row, not the file."""
        match self._type:
            case "s":
                at = int(value) if value.isdecimal() else -1
                return self._context.strings[at] if 0 <= at < len(self._context.strings) else DAMAGED
            case "n":
                return self._convert_number(value)
            case "b":
                return value in {"1", "true"}
            case "e":
                return ERROR
            case "d":
                return to_moment(value)
            case _:
                return unescape(value)

    def _convert_number(self, value: str) -> Cell:
        formats = self._context.formats
        try:
            number = float(value)
        except ValueError:
            return unescape(value)
        if not isfinite(number):
            return ERROR
        return to_cell(number, formats[self._style] if self._style < len(formats) else "General", self._context.epoch)


def to_moment(text: str) -> Cell:
    """Return the moment of a cell that a program has marked as one; its text where it is none, or has a time zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return moment if moment.tzinfo is None else text


def unescape(text: str) -> str:
    """Return a text without the escapes of characters that XML cannot hold (`_x000D_`)."""
    return _ESCAPE.sub(lambda match: chr(int(match.group(1), 16)), text) if "_x" in text else text
