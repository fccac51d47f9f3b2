"""Cells of a sheet as a reader returns them, whatever the format of the file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

MAX_COLUMNS = 1_000
"""Columns read of a sheet; what stands further right is never looked at."""

MAX_ROWS = 1_048_576
"""Rows of a sheet, the limit of Excel."""


# White space, the end-of-file mark of DOS, which old programs put behind the last row, and NUL, with which others fill up.
_BLANKS = " \t\r\n\f\v\xa0\u3000\x1a\x00\ufeff"


@dataclass(frozen=True, slots=True)
class Number:
    """A number whose format shows it with other characters than its digits: 123 with `00000000` is shown as 00000123."""

    value: float
    shown: str


@dataclass(frozen=True, slots=True)
class CellFault:
    """A cell without a usable value; `code` is the code of the finding."""

    code: str


Cell = str | int | float | bool | date | datetime | time | timedelta | Number | CellFault | None

ERROR = CellFault("cell_error")
NOT_CALCULATED = CellFault("not_calculated")
DAMAGED = CellFault("bad_encoding")


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row of a sheet: its number as a spreadsheet program shows it (1-based), its cells from column A on.

    `source`: the bytes of the row as they stand in a text file; None where a row has no bytes of its own. `fault`: the code
    of what makes it no row, in which case it has no cells.
    """

    number: int
    cells: Sequence[Cell]
    source: bytes | None = None
    fault: str | None = None

    def is_empty(self) -> bool:
        """Return whether no cell holds anything."""
        return self.fault is None and all(is_blank(cell) for cell in self.cells)


def is_blank(cell: Cell) -> bool:
    """Return whether a cell is empty or holds white space only."""
    return cell is None or (isinstance(cell, str) and not cell.strip(_BLANKS))


@dataclass(frozen=True, slots=True)
class MergedRange:
    """Merged cells: first and last row (1-based), first and last column (0-based), both inclusive."""

    first_row: int
    last_row: int
    first_column: int
    last_column: int
