"""How much a source may send: a bucket of events that refills, one per source."""

from __future__ import annotations

from dataclasses import dataclass

EVENTS_PER_SECOND = 5_000.0
BURST = 50_000.0


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Allowances:
    """What each source may still send. The burst holds ten of the largest batches; the rate is above any hotline's."""

    def __init__(self, per_second: float = EVENTS_PER_SECOND, burst: float = BURST) -> None:
        self._per_second = per_second
        self._burst = burst
        self._buckets: dict[str, _Bucket] = {}

    def take(self, source: str, events: int, now: float) -> float:
        """Take `events` from what `source` may send at `now` (seconds); return 0, or the seconds to wait where it is short."""
        bucket = self._buckets.setdefault(source, _Bucket(self._burst, now))
        bucket.left = min(self._burst, bucket.left + (now - bucket.at) * self._per_second)
        bucket.at = now
        if bucket.left >= events:
            bucket.left -= events
            return 0.0
        return (events - bucket.left) / self._per_second
