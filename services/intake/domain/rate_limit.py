"""Rate limit of sources: a token bucket of events for each."""

from __future__ import annotations

from dataclasses import dataclass

EVENTS_PER_SECOND = 5_000.0
BURST = 50_000.0


@dataclass(slots=True)
class _Bucket:
    tokens: float
    refilled_at: float


class SourceRateLimiter:
    """Token buckets by source. The burst is ten of the largest batches; the rate is above any hotline's."""

    def __init__(self, per_second: float = EVENTS_PER_SECOND, burst: float = BURST) -> None:
        self._per_second = per_second
        self._burst = burst
        self._buckets: dict[str, _Bucket] = {}

    def reserve(self, source: str, events: int, now: float) -> float:
        """Take tokens for `events` of `source` at `now` (seconds, monotonic); return 0, or the seconds until they suffice."""
        bucket = self._buckets.setdefault(source, _Bucket(self._burst, now))
        bucket.tokens = min(self._burst, bucket.tokens + (now - bucket.refilled_at) * self._per_second)
        bucket.refilled_at = now
        if bucket.tokens >= events:
            bucket.tokens -= events
            return 0.0
        return (events - bucket.tokens) / self._per_second
