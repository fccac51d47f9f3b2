"""A recount: which keys it groups by, its rows, and the differences it finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from shared.contracts import Measures


class GroupKey(StrEnum):
    """What figures can be grouped by."""

    OPERATOR = "operator"
    CATEGORY = "category"
    REGION = "region"
    INDUSTRY = "industry"
    CHANNEL = "channel"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class RecountRow:
    """The measures of one group. `keys` are the values of the group keys in the order of the query."""

    keys: tuple[str, ...]
    operator_name: str | None
    measures: Measures


@dataclass(frozen=True, slots=True)
class Difference:
    """A stored number that differs from the recount: which table, which row, and both values."""

    table: str
    row: str
    stored: str
    recounted: str

    def __str__(self) -> str:
        """Return one line for a person."""
        return f"{self.table} {self.row}: kept {self.stored}, recounted {self.recounted}"
