"""Finding the row of headings: below titles and empty rows, perhaps in two rows, written a little differently each time."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from shared.tables.readers.cells import Cell, MergedRange, SheetRow

SEARCHED_ROWS = 50
"""Rows that hold something, among which the headings are looked for."""

_IGNORED = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]+")
_MARKS = "*:'\"`"
# What stands in brackets behind a heading and changes nothing: that it must be filled in, the yuan of an amount.
_REMARK = re.compile(
    r"[(\[【](?:必填项?|选填项?|可选|非必填|必输|必选|required|(?:单位[:：]?)?(?:人民币)?元)[)\]】]", re.IGNORECASE
)


def normalize_heading(text: str) -> str:
    """Return a heading as it is compared: without spaces, line breaks, marks of required fields, and differences of width."""
    plain = _IGNORED.sub("", unicodedata.normalize("NFKC", text)).strip(_MARKS)
    return _REMARK.sub("", plain).strip(_MARKS).casefold()


class KnownHeadings:
    """The headings that a mapping names, found whatever way a file writes them."""

    def __init__(self, headings: Collection[str]) -> None:
        self._known: Mapping[str, str] = {normalize_heading(heading): heading for heading in headings}

    def resolve(self, cell: Cell) -> str:
        """Return the mapping's heading that a cell holds, else the cell's text."""
        text = str(cell).strip() if isinstance(cell, str | int | float) else ""
        return self._known.get(normalize_heading(text), text)

    def count(self, cells: Sequence[Cell]) -> int:
        """Return how many different headings of the mapping a row holds."""
        return len(self.find(self.resolve(cell) for cell in cells))

    def find(self, names: Iterator[str] | Sequence[str]) -> set[str]:
        """Return those of the names that are headings of the mapping."""
        return {name for name in names if normalize_heading(name) in self._known}


@dataclass(frozen=True, slots=True)
class Heading:
    """Where the headings stand, their texts, what each column is called, and how many columns the mapping knows."""

    last_row: int
    texts: frozenset[str]
    names: Sequence[str]
    known: int


def find_heading(rows: Sequence[SheetRow], merged: Sequence[MergedRange], known: KnownHeadings) -> Heading | None:
    """Return the headings among the first rows of a sheet; None where no row holds one that the mapping names.

    The row with most of them is taken, the upper one of several; two rows together only where they hold more than one alone.
    """
    singles = [_to_heading(row, [known.resolve(cell) for cell in row.cells], known) for row in rows]
    pairs = [
        _to_heading(lower, _combine(upper, lower, merged, known), known)
        for upper, lower in pairwise(rows)
        if lower.number == upper.number + 1
    ]
    best = max([*singles, *pairs], key=lambda heading: heading.known, default=None)
    return best if best and best.known else None


def _to_heading(row: SheetRow, names: Sequence[str], known: KnownHeadings) -> Heading:
    texts = frozenset(cell for cell in row.cells if isinstance(cell, str) and cell.strip())
    return Heading(row.number, texts, names, len(known.find(names)))


def _combine(upper: SheetRow, lower: SheetRow, merged: Sequence[MergedRange], known: KnownHeadings) -> list[str]:
    """Return the names of columns under headings in two rows, the upper one of which spans several columns."""
    spanning = {
        column: merge.first_column
        for merge in merged
        if merge.first_row == upper.number and merge.last_row == upper.number
        for column in range(merge.first_column, min(merge.last_column, len(lower.cells) - 1) + 1)
    }
    names = []
    for column in range(max(len(upper.cells), len(lower.cells))):
        group, own = known.resolve(_cell(upper, spanning.get(column, column))), known.resolve(_cell(lower, column))
        is_first = spanning.get(column, column) == column
        choices = [own, known.resolve(group + own), group if is_first else ""] if own else [group]
        names.append(next((name for name in choices if known.find([name])), f"{group}{own}"))
    return names


def _cell(row: SheetRow, column: int) -> Cell:
    return row.cells[column] if column < len(row.cells) else None


def find_doubled(names: Sequence[str], is_mapped: Callable[[str], bool]) -> str | None:
    """Return a heading of the mapping that stands above two columns; None where each stands once."""
    seen: set[str] = set()
    for name in names:
        if name in seen and is_mapped(name):
            return name
        seen.add(name)
    return None
