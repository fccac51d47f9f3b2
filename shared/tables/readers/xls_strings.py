"""Texts in BIFF8 records ([MS-XLS] 2.5.293, 2.5.294): 8 or 16 bits a character; shared ones go on over records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from struct import unpack_from

WIDE, EXTENDED, RICH = 0x01, 0x04, 0x08


def read_text(data: bytes, at: int, length_size: int = 2) -> str:
    """Return the text at a position of a record; `length_size` is 1 in names of sheets, else 2 bytes."""
    count = int.from_bytes(data[at : at + length_size], "little")
    flags = data[at + length_size]
    start = at + length_size + 1 + (2 if flags & RICH else 0) + (4 if flags & EXTENDED else 0)
    return _decode(data[start : start + (count * 2 if flags & WIDE else count)], flags)


def _decode(data: bytes, flags: int) -> str:
    return data.decode("utf-16-le", "replace") if flags & WIDE else data.decode("latin-1")


def read_shared_strings(records: Sequence[bytes]) -> list[str]:
    """Return the shared strings of an SST record and the CONTINUE records behind it."""
    reader = _Continued(records)
    _, unique = unpack_from("<II", reader.take(8))
    return list(_read_strings(reader, unique))


def _read_strings(reader: _Continued, unique: int) -> Iterator[str]:
    for _ in range(unique):
        if reader.is_at_end():
            return
        count, flags = unpack_from("<HB", reader.take(3))
        runs = unpack_from("<H", reader.take(2))[0] if flags & RICH else 0
        extended = unpack_from("<I", reader.take(4))[0] if flags & EXTENDED else 0
        yield reader.take_characters(count, flags)
        reader.take(4 * runs + extended)


class _Continued:
    """Reads over the borders of records."""

    def __init__(self, records: Sequence[bytes]) -> None:
        self._records = records
        self._index = 0
        self._at = 0

    def is_at_end(self) -> bool:
        """Return whether everything is read."""
        return self._remaining() == 0 and self._index + 1 >= len(self._records)

    def _remaining(self) -> int:
        return len(self._records[self._index]) - self._at

    def _next_record(self) -> None:
        self._index, self._at = self._index + 1, 0
        if self._index >= len(self._records):
            raise ValueError("the shared strings are cut off")

    def take(self, size: int) -> bytes:
        """Return the next bytes, of this record and the next ones."""
        pieces = []
        while size:
            if not self._remaining():
                self._next_record()
            piece = self._records[self._index][self._at : self._at + size]
            self._at += len(piece)
            size -= len(piece)
            pieces.append(piece)
        return b"".join(pieces)

    def take_characters(self, count: int, flags: int) -> str:
        """Return the next characters; a record that goes on with them says again how wide they are."""
        pieces = []
        while count:
            if not self._remaining():
                self._next_record()
                flags = self.take(1)[0]
            width = 2 if flags & WIDE else 1
            here = min(count, self._remaining() // width)
            if not here:
                raise ValueError("a character is cut in two")
            pieces.append(_decode(self.take(here * width), flags))
            count -= here
        return "".join(pieces)
