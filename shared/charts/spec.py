"""Chart specifications, free of any drawing library; hashable, so that equal charts are drawn once."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from shared.web.i18n import Text

Label = str | Text
# A rate is a Decimal: a binary fraction may round the other way.
Value = Decimal | float

# The look has four lines in one chart that can be told apart.
MAX_SERIES = 4


@dataclass(frozen=True, slots=True)
class Series:
    """One line or one kind of bar; None where there is no value. `colour` is 1…6 of the tokens, 0 by place."""

    name: Label
    values: tuple[Value | None, ...]
    colour: int = 0


@dataclass(frozen=True, slots=True)
class Restatement:
    """The value at `index` was `previous` before it was counted again."""

    index: int
    previous: Value
    series: int = 0


@dataclass(frozen=True, slots=True)
class Trend:
    """Values in the order of time. `ticks` are on the axis (10月), `rows` head the table's rows (2026-10).

    `unfinished`: the last point's period is still running. `percent`: values are rates, 0…1, as
    `shared.rates.share` returns them. `half`: the drawing stands in a column of half the page's width.
    """

    title: Label
    note: Label
    row_head: Label
    ticks: tuple[str, ...]
    rows: tuple[str, ...]
    series: tuple[Series, ...]
    unfinished: bool = False
    restated: tuple[Restatement, ...] = ()
    percent: bool = False
    half: bool = False

    def __post_init__(self) -> None:
        _check_lengths(self.series, len(self.ticks))
        if len(self.rows) != len(self.ticks):
            raise ValueError("ticks and rows differ in number")


@dataclass(frozen=True, slots=True)
class Bars:
    """Values of named things in the order given: by name or by number, never as a ranking of operators."""

    title: Label
    note: Label
    row_head: Label
    names: tuple[str, ...]
    series: tuple[Series, ...]
    percent: bool = False
    half: bool = False

    def __post_init__(self) -> None:
        _check_lengths(self.series, len(self.names))


Spec = Trend | Bars


def _check_lengths(series: tuple[Series, ...], length: int) -> None:
    if not 1 <= len(series) <= MAX_SERIES:
        raise ValueError(f"{len(series)} series; 1 to {MAX_SERIES} can be told apart")
    if any(len(one.values) != length for one in series):
        raise ValueError("a series has more or fewer values than the axis")
