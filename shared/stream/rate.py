"""The rate at which records come in, and how long it pays to gather more of them before the next batch."""

from __future__ import annotations

WINDOW_S = 1.0
# At this rate (records a second) and above, records gather for as long as is allowed; at an eighth of it, hardly.
HIGH_RATE = 4_000.0
GATHER_MAX_S = 1.0


def gather_time_s(rate: float, minimum_s: float, *, prefer_large: bool) -> float:
    """Return the seconds that records gather after a batch: `minimum_s`, or more at a high rate if `prefer_large`."""
    return max(minimum_s, min(GATHER_MAX_S, (rate / HIGH_RATE) ** 2)) if prefer_large else minimum_s


class RecordRate:
    """Records a second over the last full window: two small batches in quick succession are not a high rate."""

    def __init__(self) -> None:
        self._window_start = 0.0
        self._records = 0
        self._rate = 0.0

    def update(self, records: int, now: float) -> float:
        """Count records at `now` (seconds of a monotonic clock) and return the rate."""
        self._records += records
        elapsed = now - self._window_start
        if elapsed >= WINDOW_S:
            self._rate = self._records / elapsed
            self._window_start, self._records = now, 0
        return self._rate
