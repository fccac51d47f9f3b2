"""Chance from a seed: the same seed gives the same world on every machine and Python version."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Chance:
    """Draws by `random()` alone: the one method of `Random` whose sequence Python promises to keep."""

    def __init__(self, seed: int | str) -> None:
        self.random = Random(seed).random  # noqa: S311  it has to be repeatable, not secret

    def pick(self, pool: Sequence[T]) -> T:
        """Return one of `pool`, each as likely as the others."""
        return pool[int(self.random() * len(pool))]

    def happens(self, share: float) -> bool:
        """Return True in `share` (0 to 1) of the cases."""
        return self.random() < share

    def between(self, low: int, high: int) -> int:
        """Return an integer from `low` to `high`, both included."""
        return low + int(self.random() * (high - low + 1))

    def digits(self, count: int) -> str:
        """Return `count` decimal digits."""
        return str(int(self.random() * 10**count)).zfill(count)


def spread(pool: Sequence[T], weights: Sequence[float], slots: int = 1000) -> tuple[T, ...]:
    """Return a tuple of about `slots` entries in which each of `pool` is as frequent as its weight: one draw, no search."""
    bounds = [round(total / sum(weights) * slots) for total in accumulate(weights)]
    starts = [0, *bounds[:-1]]
    return tuple(entry for entry, start, end in zip(pool, starts, bounds, strict=True) for _ in range(max(end - start, 1)))
