"""The refused rows of a file as a table of its own: the columns as they were and the reasons, to be mended and sent again."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from services.intake.files.rows import RefusedRow
from services.intake.files.table import Row
from services.intake.texts import finding_text
from shared.spreadsheet import to_cell
from shared.tables.readers.cells import Cell, CellFault, Number

ROW, REASONS, UNREADABLE = "原行号", "拒收原因", "原文"
"""Columns beside those of the list: the row's number, why it was refused, and a row that could not be taken apart."""


class RefusedFile(AbstractContextManager["RefusedFile"]):
    """Writes refused rows as CSV in UTF-8, row by row; the file is made with the first of them, for its owner only."""

    def __init__(self, path: Path, headings: Sequence[str]) -> None:
        self._path = path
        self._headings = [heading for heading in headings if heading]
        self._file: IO[str] | None = None
        self.rows = 0

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def __enter__(self) -> Self:
        """Return the writer."""
        return self

    def write(self, row: Row, refused: RefusedRow) -> None:
        """Write a row with its reasons in both languages."""
        if self._file is None:
            self._path.touch(mode=0o600)
            self._file = self._path.open("w", encoding="utf-8-sig", newline="")
            self._write_line([*self._headings, ROW, REASONS, UNREADABLE])
        reasons = "；".join(
            f"{each.field}：{finding_text(each.code)} / {each.message} ({each.code})" for each in refused.findings
        )
        place = f"{row.sheet} {row.number}" if row.sheet else str(row.number)
        is_whole = row.fault or not self._headings
        unreadable = row.source.decode("utf-8", "replace").strip() if is_whole and row.source else ""
        self._write_line([*(_to_text(row.cells.get(heading)) for heading in self._headings), place, reasons, unreadable])
        self.rows += 1

    def _write_line(self, texts: Sequence[str]) -> None:
        if self._file is not None:
            csv.writer(self._file).writerow([to_cell(text) for text in texts])


def _to_text(cell: Cell) -> str:
    """Return a cell as it is read again: a number as it is shown, a fault as an empty cell."""
    if cell is None or isinstance(cell, CellFault):
        return ""
    if isinstance(cell, Number):
        return cell.shown
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
