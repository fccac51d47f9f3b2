"""Exponential back-off between restarts."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

INITIAL_S = 0.2
MAX_S = 10.0
RESET_AFTER_S = 60.0  # a process that ran this long does not fail at its start


class BackOff:
    """Doubles the pause with every exit, and resets it after a run of `RESET_AFTER_S` seconds."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._pause = 0.0
        self._last_exit = now()

    def next(self) -> float:
        """Return the pause in seconds after an exit that happened now."""
        is_reset = self._now() - self._last_exit > RESET_AFTER_S
        self._pause = INITIAL_S if is_reset or not self._pause else min(MAX_S, self._pause * 2)
        self._last_exit = self._now()
        return self._pause
