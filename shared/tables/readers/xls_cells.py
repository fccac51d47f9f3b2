"""Cell records of a BIFF8 worksheet ([MS-XLS] 2.4)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from struct import unpack_from

from shared.tables.readers.biff import HEADER, Record
from shared.tables.readers.cells import ERROR, NOT_CALCULATED, Cell
from shared.tables.readers.number_formats import to_cell
from shared.tables.readers.xls_strings import read_text

CELL_RECORDS = frozenset({
    Record.FORMULA, Record.LABEL, Record.LABEL_SST, Record.RICH_STRING,
    Record.NUMBER, Record.RK, Record.MUL_RK, Record.BOOL_ERR,
})  # fmt: skip
# Between a formula and its text may stand what it shares with other cells.
_SHARED_FORMULAS = frozenset({Record.ARRAY, Record.SHARED_FORMULA, Record.TABLE})
_NOT_A_NUMBER = 0xFFFF


@dataclass(frozen=True, slots=True)
class BookContext:
    """What cells refer to. `is_calculated`: False of a file that no spreadsheet program has saved."""

    strings: Sequence[str]
    formats: Sequence[str]
    epoch: datetime
    is_calculated: bool


def parse_record(stream: bytes, at: int, context: BookContext) -> Iterator[tuple[int, Cell]]:
    """Yield (column, cell) of the cell record at a position of the stream."""
    kind, size = unpack_from("<HH", stream, at)
    data = stream[at + HEADER : at + HEADER + size]
    _, column, style = unpack_from("<HHH", data)
    match kind:
        case Record.LABEL_SST:
            yield column, context.strings[unpack_from("<I", data, 6)[0]]
        case Record.NUMBER:
            yield column, _number(unpack_from("<d", data, 6)[0], style, context)
        case Record.RK:
            yield column, _number(decode_rk(unpack_from("<I", data, 6)[0]), style, context)
        case Record.MUL_RK:
            for index in range((size - 6) // 6):
                style, packed = unpack_from("<HI", data, 4 + index * 6)
                yield column + index, _number(decode_rk(packed), style, context)
        case Record.LABEL | Record.RICH_STRING:
            yield column, read_text(data, 6)
        case Record.BOOL_ERR:
            yield column, ERROR if data[7] else bool(data[6])
        case _:
            yield column, _formula(stream, at + HEADER + size, data, style, context)


def _number(value: float, style: int, context: BookContext) -> Cell:
    return to_cell(value, context.formats[style] if style < len(context.formats) else "General", context.epoch)


def decode_rk(packed: int) -> float:
    """Return the number of an RK value: 30 bits of an integer or of a float's upper half, perhaps in hundredths."""
    if packed & 2:
        value = float((packed >> 2) - (1 << 30 if packed & 0x80000000 else 0))
    else:
        value = unpack_from("<d", b"\x00\x00\x00\x00" + (packed & 0xFFFFFFFC).to_bytes(4, "little"))[0]
    return value / 100 if packed & 1 else value


def _formula(stream: bytes, following: int, data: bytes, style: int, context: BookContext) -> Cell:
    """Return the result that is stored with a formula."""
    if unpack_from("<H", data, 12)[0] != _NOT_A_NUMBER:
        value = unpack_from("<d", data, 6)[0]
        return _number(value, style, context) if value or context.is_calculated else NOT_CALCULATED
    match data[6]:
        case 0:  # a text, in a record of its own
            return _text_result(stream, following)
        case 1:
            return bool(data[8])
        case 2:
            return ERROR
        case _:
            return None if context.is_calculated else NOT_CALCULATED


def _text_result(stream: bytes, at: int) -> Cell:
    """Return the text of the STRING record that follows a formula."""
    kind, size = unpack_from("<HH", stream, at)
    if kind in _SHARED_FORMULAS:
        at += HEADER + size
        kind, size = unpack_from("<HH", stream, at)
    return read_text(stream[at + HEADER : at + HEADER + size], 0) if kind == Record.STRING else None
