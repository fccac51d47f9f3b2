"""Records of BIFF8, the stream in which an XLS workbook is written ([MS-XLS] 2.3)."""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from struct import unpack_from

BIFF8 = 0x0600
HEADER = 4
"""Bytes before the data of a record: its kind and its size, 16 bits each."""


class Record(IntEnum):
    """The kinds of records that are read."""

    FORMULA = 0x0006
    EOF = 0x000A
    DATE_MODE = 0x0022
    FILE_PASS = 0x002F
    CONTINUE = 0x003C
    BOUND_SHEET = 0x0085
    MUL_RK = 0x00BD
    RICH_STRING = 0x00D6
    XF = 0x00E0
    MERGED_CELLS = 0x00E5
    SHARED_STRINGS = 0x00FC
    LABEL_SST = 0x00FD
    NUMBER = 0x0203
    LABEL = 0x0204
    BOOL_ERR = 0x0205
    STRING = 0x0207
    ARRAY = 0x0221
    TABLE = 0x0236
    RK = 0x027E
    FORMAT = 0x041E
    SHARED_FORMULA = 0x04BC
    BOF = 0x0809


def read_records(stream: bytes, at: int) -> Iterator[tuple[int, int, bytes]]:
    """Yield (position, kind, data) of the records of the substream that begins at a position.

    Substreams within it, those of charts, are passed over. Raises `ValueError` where no substream begins there.
    """
    depth, kind = 0, -1
    while at + HEADER <= len(stream):
        kind, size = unpack_from("<HH", stream, at)
        depth += (kind == Record.BOF) - (kind == Record.EOF)
        if depth <= 1:
            yield at, kind, stream[at + HEADER : at + HEADER + size]
        if depth <= 0:
            break
        at += HEADER + size
    if depth < 0 or kind != Record.EOF:
        raise ValueError("a substream has no beginning or no end")
