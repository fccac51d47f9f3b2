"""A writer of XLS workbooks (BIFF8 in a compound file) for tests: as little as a reader needs, in the forms that programs use."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

SECTOR = 512
FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def record(kind: int, data: bytes = b"") -> bytes:
    """Return one record."""
    return struct.pack("<HH", kind, len(data)) + data


def text(value: str, length_size: int = 2) -> bytes:
    """Return a text with its length and its flag of width."""
    narrow = all(ord(character) < 256 for character in value)
    encoded = value.encode("latin-1") if narrow else value.encode("utf-16-le")
    return len(value).to_bytes(length_size, "little") + bytes([not narrow]) + encoded


def shared_strings(values: Sequence[str], cut: int | None = None) -> bytes:
    """Return the SST record; with `cut` the last string goes on in a CONTINUE record after so many characters."""
    head = struct.pack("<II", len(values), len(values)) + b"".join(map(text, values[:-1]))
    last = values[-1]
    if cut is None:
        return record(0x00FC, head + text(last))
    first = struct.pack("<HB", len(last), 1) + last[:cut].encode("utf-16-le")
    return record(0x00FC, head + first) + record(0x003C, b"\x01" + last[cut:].encode("utf-16-le"))


def label(row: int, column: int, index: int) -> bytes:
    """Return a cell of a shared string."""
    return record(0x00FD, struct.pack("<HHHI", row, column, 0, index))


def number(row: int, column: int, value: float, style: int = 0) -> bytes:
    """Return a cell of a number."""
    return record(0x0203, struct.pack("<HHHd", row, column, style, value))


def integer(row: int, column: int, value: int, style: int = 0) -> bytes:
    """Return a cell of a packed integer (RK)."""
    return record(0x027E, struct.pack("<HHHI", row, column, style, (value << 2 | 2) & 0xFFFFFFFF))


def integers(row: int, column: int, values: Sequence[int]) -> bytes:
    """Return several packed integers side by side (MULRK)."""
    packed = b"".join(struct.pack("<HI", 0, value << 2 | 2) for value in values)
    return record(0x00BD, struct.pack("<HH", row, column) + packed + struct.pack("<H", column + len(values) - 1))


def formula(row: int, column: int, result: float | str | None) -> bytes:
    """Return a formula with the result that is stored with it; None is what a program writes that does not calculate."""
    if isinstance(result, str):
        cell = struct.pack("<HHH", row, column, 0) + b"\x00\x00\x00\x00\x00\x00\xff\xff" + bytes(8)
        return record(0x0006, cell) + record(0x0207, text(result))
    stored = b"\x03\x00\x00\x00\x00\x00\xff\xff" if result is None else struct.pack("<d", result)
    return record(0x0006, struct.pack("<HHH", row, column, 0) + stored + bytes(8))


def error(row: int, column: int) -> bytes:
    """Return a cell with the error #N/A."""
    return record(0x0205, struct.pack("<HHHBB", row, column, 0, 0x2A, 1))


def merged(*ranges: tuple[int, int, int, int]) -> bytes:
    """Return the merged cells: first row, last row, first column, last column each."""
    return record(0x00E5, struct.pack("<H", len(ranges)) + b"".join(struct.pack("<HHHH", *each) for each in ranges))


def workbook(
    sheets: Mapping[str, bytes],
    strings: bytes,
    formats: Sequence[str] = (),
    hidden: Sequence[str] = (),
    version: int = 0x0600,
) -> bytes:
    """Return the workbook stream. Style n + 1 has the nth of `formats`; the sheets are given as their cell records."""
    begin = record(0x0809, struct.pack("<HHHHII", version, 5, 0x0DBB, 1996, 0, 6))
    styles = record(0x00E0, struct.pack("<HH", 0, 0) + bytes(16))
    for index, code in enumerate(formats):
        styles = record(0x041E, struct.pack("<H", 164 + index) + text(code)) + styles
        styles += record(0x00E0, struct.pack("<HH", 0, 164 + index) + bytes(16))
    bodies = {
        name: record(0x0809, struct.pack("<HHHHII", version, 0x10, 0x0DBB, 1996, 0, 6)) + cells + record(0x000A)
        for name, cells in sheets.items()
    }
    bounds_size = sum(4 + 6 + len(text(name, 1)) for name in sheets)
    start = len(begin) + len(styles) + bounds_size + len(strings) + len(record(0x000A))
    bounds = b""
    for name, body in bodies.items():
        bounds += record(0x0085, struct.pack("<IBB", start, name in hidden, 0) + text(name, 1))
        start += len(body)
    return begin + styles + bounds + strings + record(0x000A) + b"".join(bodies.values())


def write_xls(path: Path, stream: bytes, name: str = "Workbook", *, by_program: bool = True) -> None:
    """Write a compound file with one stream, and with the summary that a spreadsheet program leaves in it."""
    content = stream.ljust(max(len(stream), 4096), b"\x00")
    sectors = -(-len(content) // SECTOR)
    # Sector 0 is the allocation table, 1 the directory, the stream follows.
    chain = [FAT, END, *range(3, sectors + 2), END]
    table = struct.pack(f"<{SECTOR // 4}I", *chain, *[FREE] * (SECTOR // 4 - len(chain)))
    entries = [_entry("Root Entry", 5, END, 0, child=1), _entry(name, 2, 2, len(content), right=2 if by_program else FREE)]
    entries += [_entry("\x05SummaryInformation", 2, END, 0)] if by_program else []
    directory = b"".join(entries).ljust(SECTOR, b"\x00")
    header = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, END, 0, END, 0) + struct.pack("<I", 0) + b"\xff" * (4 * 108)
    path.write_bytes(header + table + directory + content.ljust(sectors * SECTOR, b"\x00"))


def _entry(name: str, kind: int, start: int, size: int, child: int = FREE, right: int = FREE) -> bytes:
    encoded = (name + "\x00").encode("utf-16-le")
    head = encoded.ljust(64, b"\x00") + struct.pack("<HBB", len(encoded), kind, 1)
    return head + struct.pack("<III", FREE, right, child) + bytes(36) + struct.pack("<III", start, size, 0)
