"""Pauses before another start of what has died."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

SHORTEST_S = 0.2
LONGEST_S = 10.0
STEADY_S = 60.0  # what ran so long is not failing at its start


class BackOff:
    """Pauses that double with every death, and begin anew after a steady run."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._pause = 0.0
        self._asked_at = now()

    def next(self) -> float:
        """Return the pause in seconds after a death that happened now."""
        steady = self._now() - self._asked_at > STEADY_S
        self._pause = SHORTEST_S if steady or not self._pause else min(LONGEST_S, self._pause * 2)
        self._asked_at = self._now()
        return self._pause
