"""Axes from zero with round steps."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, log10

# Five intervals at most: more lines crowd a drawing 250 pixels high.
MAX_STEPS = 5
_ROUND = (1, 2, 5, 10)


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis from 0 to `top` with a line every `step`."""

    top: float
    step: float

    @property
    def ticks(self) -> list[float]:
        """The values with a line."""
        return [self.step * index for index in range(round(self.top / self.step) + 1)]


PERCENT = Scale(100, 20)


def value_scale(largest: float) -> Scale:
    """Return the scale that holds `largest` with the fewest empty intervals; counts get whole steps."""
    if largest <= 0:
        return Scale(MAX_STEPS, 1)
    step = _round_up(max(largest / MAX_STEPS, 1))
    return Scale(step * ceil(largest / step), step)


def _round_up(value: float) -> float:
    power = 10.0 ** floor(log10(value))
    candidates = [factor * power for factor in _ROUND]
    return next(high for low, high in pairwise([0, *candidates]) if low < value <= high)
