"""How many records come in a second, told from batches that come as they like, and how long it is worth to wait for more."""

from __future__ import annotations

WINDOW_S = 1.0
# At this rate and above (records a second) larger batches are waited for as long as is allowed; at an eighth of it, hardly.
FLOOD_RATE = 4_000.0
GATHER_MOST_S = 1.0


def gathering(rate: float, least_s: float, *, gains: bool) -> float:
    """Return how many seconds records gather after a batch: `least_s`, and where larger batches gain, more the more come in."""
    return max(least_s, min(GATHER_MOST_S, (rate / FLOOD_RATE) ** 2)) if gains else least_s


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
