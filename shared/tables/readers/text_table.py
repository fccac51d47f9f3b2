"""Delimited text (CSV and its kin) as rows: commas, tabs, semicolons; any line ends; quoted fields with line breaks."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import AnyStr

from shared.tables.readers.cells import DAMAGED, MAX_COLUMNS, Cell, SheetRow
from shared.tables.readers.sheets import MIB, Sheet
from shared.tables.readers.text_encoding import (
    EURO_BYTE,
    MIXED,
    TextEncoding,
    decode_line,
    detect_line_encodings,
    is_damaged,
)

DELIMITERS = ",\t;|，^~"
MAX_LINE = 4 * MIB
"""Characters of a line; the rest of a longer one is passed over."""

MAX_LINES = 1_000
"""Lines of one row. A quotation mark that is never closed costs its own line then, not the rest of the file."""

_SAMPLE_ROWS = 30
_QUOTED_BEHIND_BLANK = re.compile(r'"[,;|] "')
_ESCAPED_QUOTE = re.compile(r'(?:^|[,\t;|])"(?:[^"\\\r\n]|\\[^"\r\n])*+\\"[^,\t;|\r\n]', re.MULTILINE)
_SEPARATOR_LINE = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)


def read_text_table(path: Path, count_headings: Callable[[Sequence[Cell]], int]) -> Sheet:
    """Return the one sheet of a text file.

    `count_headings` returns how many cells of a row are headings that the mapping names: the delimiter that finds most of them
    is the file's, unless its first line says which (`sep=;`). Raises `FileUnreadable`.
    """
    encoding = detect_line_encodings(path)
    declared = _declared_delimiter(path, encoding)
    delimiter = declared or _find_delimiter(path, encoding, count_headings)
    skipped = 1 if declared else 0
    rows = partial(_read_rows, path, encoding, delimiter, skipped)
    name = {"utf-8-sig": "UTF-8", "utf-8": "UTF-8", "gb18030": "GB18030", "utf-32": "UTF-32", MIXED: "UTF-8 and GB18030"}.get(
        encoding.name, "UTF-16"
    )
    return Sheet(name, rows, estimate=max(encoding.lines - 1 - skipped, 0))


def _open_lines(path: Path, encoding: TextEncoding) -> Iterator[str]:
    """Yield the lines with their ends; of a longer one than `MAX_LINE` characters its beginning."""
    if encoding.name == MIXED:
        with path.open("rb") as lines:
            yield from map(decode_line, _beginnings(lines.readline, b"\n"))
        return
    # newline="" leaves line ends as they are and knows all three.
    with path.open(encoding=encoding.name, errors=encoding.errors, newline="") as file:
        yield from _beginnings(file.readline, ("\n", "\r"))


def _beginnings(read_line: Callable[[int], AnyStr], ends: AnyStr | tuple[AnyStr, ...]) -> Iterator[AnyStr]:
    """Yield of each line its first `MAX_LINE` characters or bytes; lines end with one of `ends`."""
    while line := read_line(MAX_LINE):
        yield line
        while len(line) == MAX_LINE and not line.endswith(ends):
            line = read_line(MAX_LINE)


def _declared_delimiter(path: Path, encoding: TextEncoding) -> str | None:
    """Return the delimiter that a line `sep=;` declares to Excel, which does not show that line."""
    match = _SEPARATOR_LINE.fullmatch(next(_open_lines(path, encoding), ""))
    return match.group(1) if match else None


def _find_delimiter(path: Path, encoding: TextEncoding, count_headings: Callable[[Sequence[Cell]], int]) -> str:
    def score(delimiter: str) -> tuple[int, int]:
        rows = list(islice(_read_rows(path, encoding, delimiter, 0), _SAMPLE_ROWS))
        return max((count_headings(row.cells), len(row.cells)) for row in rows) if rows else (0, 0)

    return max(DELIMITERS, key=score)


def _read_rows(path: Path, encoding: TextEncoding, delimiter: str, skipped: int) -> Iterator[SheetRow]:
    """Yield the rows, empty ones too; a line of `sep=` is no row."""
    csv.field_size_limit(MIB)
    lines = _Lines(islice(_open_lines(path, encoding), skipped, None))
    # A blank behind a delimiter is no part of a quoted field; MySQL puts a backslash before a quotation mark in one.
    sample = "".join(islice(_open_lines(path, encoding), _SAMPLE_ROWS))
    blank = _QUOTED_BEHIND_BLANK.search(sample) is not None
    escape = "\\" if _ESCAPED_QUOTE.search(sample) else None
    # Strict, so that a quotation mark too many is noticed where the quoted text ends and does not glue rows together.
    reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=blank, escapechar=escape)
    for number in count(1):
        lines.begin_row()
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield _read_single_line(number, lines.keep_first(), delimiter, encoding)
        else:
            yield _to_row(number, fields, "".join(lines.taken), encoding)


def _read_single_line(number: int, line: str, delimiter: str, encoding: TextEncoding) -> SheetRow:
    """Read a line whose quotation marks do not pair by itself, as far as it can be read."""
    if len(line) >= MIB:
        return SheetRow(number, (), encoding.encode(line), "too_large")
    if line.count('"') % 2:
        return SheetRow(number, (), encoding.encode(line), "bad_quote")
    return _to_row(number, next(csv.reader([line], delimiter=delimiter)), line, encoding)


def _to_row(number: int, fields: Sequence[str], text: str, encoding: TextEncoding) -> SheetRow:
    cells: Sequence[Cell] = fields[:MAX_COLUMNS]
    if not text.isascii() and (EURO_BYTE in text or is_damaged(text, encoding.name)):
        cells = [_to_cell(field, encoding) for field in fields[:MAX_COLUMNS]]
    return SheetRow(number, cells, encoding.encode(text))


def _to_cell(field: str, encoding: TextEncoding) -> Cell:
    text = field.replace(EURO_BYTE, "€") if encoding.name == "gb18030" else field
    return DAMAGED if is_damaged(text, encoding.name) else text


class _Lines:
    """The lines of a file for a CSV reader, which takes as many as a row has; they can be put back but for the first."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._waiting: deque[str] = deque()
        self.taken: list[str] = []

    def begin_row(self) -> None:
        """Forget the lines of the row before."""
        self.taken = []

    def keep_first(self) -> str:
        """Put back the lines of the row but the first, and return that."""
        first, *others = self.taken
        self._waiting.extendleft(reversed(others))
        return first

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= MAX_LINES:
            raise csv.Error
        line = self._waiting.popleft() if self._waiting else next(self._lines)
        self.taken.append(line)
        return line
