"""How many records come in a second, told from batches that come as they like."""

from __future__ import annotations

WINDOW_S = 1.0


class Rate:
    """Records a second over the last full window: two small batches in quick succession are no flood."""

    def __init__(self) -> None:
        self._since = 0.0
        self._records = 0
        self._rate = 0.0

    def of(self, records: int, now: float) -> float:
        """Count records at `now` (seconds of a clock that only goes forward) and return the rate."""
        self._records += records
        elapsed = now - self._since
        if elapsed >= WINDOW_S:
            self._rate = self._records / elapsed
            self._since, self._records = now, 0
        return self._rate
