"""A recount: which keys it groups by, its rows, and the differences it finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from shared.contracts import Measures


class Key(StrEnum):
    """What figures can be grouped by."""

    OPERATOR = "operator"
    CATEGORY = "category"
    REGION = "region"
    INDUSTRY = "industry"
    CHANNEL = "channel"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Row:
    """The measures of one group. `keys` are the values of the keys in the order they were asked for."""

    keys: tuple[str, ...]
    operator_name: str | None
    measures: Measures


@dataclass(frozen=True, slots=True)
class Difference:
    """A kept number that is not what the recount gives: which table, which row, and both values."""

    table: str
    row: str
    kept: str
    recounted: str

    def __str__(self) -> str:
        """Return one line for a person."""
        return f"{self.table} {self.row}: kept {self.kept}, recounted {self.recounted}"
