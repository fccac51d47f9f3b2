"""The throughput of a consumer, and how long it pays to linger before the next batch so that it is larger."""

from __future__ import annotations

WINDOW_S = 1.0
# At this throughput (records a second) and above, the consumer lingers for as long as is allowed; at a quarter of it, hardly.
HIGH_THROUGHPUT = 2_500.0
LINGER_MAX_S = 1.0


def linger_time_s(throughput: float, minimum_s: float, *, prefer_large: bool) -> float:
    """Return the seconds to wait for more records after a batch: `minimum_s`, or more under load if `prefer_large`."""
    return max(minimum_s, min(LINGER_MAX_S, (throughput / HIGH_THROUGHPUT) ** 2)) if prefer_large else minimum_s


class RecordThroughput:
    """Records a second over the last full window: two small batches in quick succession are no high throughput."""

    def __init__(self) -> None:
        self._window_start = 0.0
        self._records = 0
        self._throughput = 0.0

    def update(self, records: int, now: float) -> float:
        """Count records at `now` (seconds of a monotonic clock) and return the throughput."""
        self._records += records
        elapsed = now - self._window_start
        if elapsed >= WINDOW_S:
            self._throughput = self._records / elapsed
            self._window_start, self._records = now, 0
        return self._throughput
