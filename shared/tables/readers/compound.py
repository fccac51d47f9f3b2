"""Compound files ([MS-CFB]): the container of XLS workbooks, of WPS .et files, and of XLSX files under a password."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from struct import unpack_from

SIGNATURE = bytes.fromhex("D0CF11E0A1B11AE1")
HEADER_SIZE = 512
_FIRST_FAT_SECTORS = 109
_ENTRY_SIZE = 128
_MINI_SECTOR_SIZE = 64
_LAST_SECTOR = 0xFFFFFFFA
_STREAM, _ROOT = 2, 5


class CompoundFileDamaged(ValueError):
    """The container is damaged."""


@dataclass(frozen=True, slots=True)
class _Entry:
    start: int
    size: int


class CompoundFile:
    """The streams of a compound file that is held in memory as `data`."""

    def __init__(self, data: bytes) -> None:
        if len(data) < HEADER_SIZE or not data.startswith(SIGNATURE):
            raise CompoundFileDamaged
        self._data = data
        self._sector_size = 1 << unpack_from("<H", data, 30)[0]
        self._mini_cutoff = int(unpack_from("<I", data, 56)[0])
        if self._sector_size not in {512, 4096}:
            raise CompoundFileDamaged
        self._fat = self._read_fat()
        self._entries, root = self._read_directory(unpack_from("<I", data, 48)[0])
        self._mini_fat = _to_table(self._read_chain(unpack_from("<I", data, 60)[0]))
        self._mini_stream = self._read_chain(root.start)[: root.size] if root else b""

    def names(self) -> frozenset[str]:
        """Return the names of the streams at any depth, in lower case."""
        return frozenset(self._entries)

    def read(self, name: str) -> bytes:
        """Return the content of a stream. Raises `KeyError`, `CompoundFileDamaged`."""
        entry = self._entries[name.lower()]
        if entry.size >= self._mini_cutoff:
            return self._read_chain(entry.start)[: entry.size]
        sectors = _follow(entry.start, self._mini_fat)
        pieces = (self._mini_stream[at * _MINI_SECTOR_SIZE : (at + 1) * _MINI_SECTOR_SIZE] for at in sectors)
        return b"".join(pieces)[: entry.size]

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self._sector_size
        return self._data[start : start + self._sector_size]

    def _read_fat(self) -> array[int]:
        """Return the next sector of each sector."""
        sectors = list(unpack_from(f"<{_FIRST_FAT_SECTORS}I", self._data, 76))
        further, count = unpack_from("<II", self._data, 68)
        for _ in range(min(count, len(self._data) // self._sector_size)):
            *more, further = unpack_from(f"<{self._sector_size // 4}I", self._sector(further).ljust(self._sector_size, b"\xff"))
            sectors += more
        return _to_table(b"".join(self._sector(number) for number in sectors if number < _LAST_SECTOR))

    def _read_chain(self, start: int) -> bytes:
        return b"".join(map(self._sector, _follow(start, self._fat)))

    def _read_directory(self, start: int) -> tuple[dict[str, _Entry], _Entry | None]:
        directory = self._read_chain(start)
        entries: dict[str, _Entry] = {}
        root = None
        for at in range(0, len(directory) - _ENTRY_SIZE + 1, _ENTRY_SIZE):
            length, kind = unpack_from("<HB", directory, at + 64)
            entry = _Entry(*unpack_from("<II", directory, at + 116))
            if kind == _ROOT:
                root = entry
            elif kind == _STREAM:
                name = directory[at : at + min(length, 64)].decode("utf-16-le", "replace").rstrip("\x00")
                entries.setdefault(name.lower(), entry)
        return entries, root


def _to_table(data: bytes) -> array[int]:
    count = len(data) // 4
    return array("I", unpack_from(f"<{count}I", data))


def _follow(start: int, table: array[int]) -> Iterator[int]:
    """Yield the sectors of a chain. Raises `CompoundFileDamaged` where it leaves the file or turns in a circle."""
    sector = start
    for _ in range(len(table) + 1):
        if sector >= _LAST_SECTOR:
            return
        if sector >= len(table):
            raise CompoundFileDamaged
        yield sector
        sector = table[sector]
    raise CompoundFileDamaged
