"""What every reader of spreadsheets returns: sheets, each with a way to read its rows and its merged ranges."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from shared.tables.readers.cells import MergedRange, SheetRow
from shared.tables.readers.faults import FileRefused

MIB = 1024 * 1024
MAX_UNPACKED = 512 * MIB


class FileUnreadable(FileRefused):
    """The file cannot be read as a table."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a file. Each call of `read_rows` reads it from its start; `estimate` is about how many rows it has."""

    name: str
    read_rows: Callable[[], Iterator[SheetRow]]
    read_merged_ranges: Callable[[], Sequence[MergedRange]] = tuple
    is_hidden: bool = False
    estimate: int = 0
