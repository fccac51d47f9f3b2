"""The sheets of a file, by the reader for what its first bytes say it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from shared.tables.readers.cells import Cell
from shared.tables.readers.file_kind import FileKind
from shared.tables.readers.html_table import read_html
from shared.tables.readers.sheets import FileUnreadable, Sheet
from shared.tables.readers.spreadsheetml import read_spreadsheetml
from shared.tables.readers.text_table import read_text_table
from shared.tables.readers.xls import read_xls
from shared.tables.readers.xlsx import read_xlsx

_READERS: Mapping[FileKind, Callable[[Path], list[Sheet]]] = {
    FileKind.XLSX: read_xlsx,
    FileKind.XLS: read_xls,
    FileKind.SPREADSHEETML: read_spreadsheetml,
    FileKind.HTML: read_html,
}


def read_sheets(path: Path, kind: FileKind, count_headings: Callable[[Sequence[Cell]], int]) -> list[Sheet]:
    """Return the sheets of a file of a kind; `count_headings` as `read_text_table` takes it. Raises `FileUnreadable`."""
    if kind is FileKind.TEXT:
        return [read_text_table(path, count_headings)]
    reader = _READERS.get(kind)
    if reader is None:
        raise FileUnreadable("not_a_table", file=path.name)
    return reader(path)
