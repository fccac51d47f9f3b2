"""Seeded random numbers: the same seed gives the same world on every machine and Python version."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from random import Random
from typing import TypeVar

T = TypeVar("T")


class SeededRandom:
    """Draws by `random()` alone: the one method of `Random` whose sequence Python promises to keep."""

    def __init__(self, seed: int | str) -> None:
        self.random = Random(seed).random  # noqa: S311  repeatable, not secret

    def pick(self, pool: Sequence[T]) -> T:
        """Return one of `pool`, uniformly."""
        return pool[int(self.random() * len(pool))]

    def happens(self, share: float) -> bool:
        """Return True with probability `share` (0 to 1)."""
        return self.random() < share

    def randint(self, low: int, high: int) -> int:
        """Return an integer from `low` to `high`, both included."""
        return low + int(self.random() * (high - low + 1))

    def digits(self, count: int) -> str:
        """Return `count` decimal digits."""
        return str(int(self.random() * 10**count)).zfill(count)


def weighted_table(pool: Sequence[T], weights: Sequence[float], slots: int = 1000) -> tuple[T, ...]:
    """Return about `slots` entries, each of `pool` as frequent as its weight: a draw is one index, without a search."""
    bounds = [round(total / sum(weights) * slots) for total in accumulate(weights)]
    starts = [0, *bounds[:-1]]
    return tuple(entry for entry, start, end in zip(pool, starts, bounds, strict=True) for _ in range(max(end - start, 1)))
