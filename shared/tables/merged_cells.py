"""Merged cells of a column, whose value stands in the first row only."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Sequence

from shared.tables.readers.cells import Cell, MergedRange, SheetRow, is_blank


class MergedColumns:
    """Fills the rows of merged cells with the value of their first row, in the columns for which that holds."""

    def __init__(self, merged: Sequence[MergedRange], columns: Collection[int]) -> None:
        self._ranges: dict[int, list[tuple[int, int]]] = {column: [] for column in columns}
        for merge in merged:
            if merge.first_column in self._ranges and merge.last_row > merge.first_row:
                self._ranges[merge.first_column].append((merge.first_row, merge.last_row))
        for ranges in self._ranges.values():
            ranges.sort()
        self._values: dict[int, Cell] = {}

    def fill(self, row: SheetRow) -> Sequence[Cell]:
        """Return the cells of a row; rows are to come in order."""
        cells = list(row.cells)
        for column, ranges in self._ranges.items():
            at = bisect_right(ranges, (row.number, row.number + 2**31)) - 1
            if at < 0 or row.number > ranges[at][1]:
                continue
            if row.number == ranges[at][0]:
                self._values[column] = cells[column] if column < len(cells) else None
                continue
            cells.extend([None] * (column + 1 - len(cells)))
            if is_blank(cells[column]):
                cells[column] = self._values.get(column)
        return cells
