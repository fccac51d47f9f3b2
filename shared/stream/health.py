"""Health of a consumer: the age of its last committed batch while records wait, not whether a process exists."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass(slots=True)
class ConsumerHealth:
    """State of one consumer. Times are seconds of the monotonic clock; `records` counts what was committed since the start."""

    topic: str
    ready: bool = False
    failure: Exception | None = None
    committed_at: float = field(default_factory=time.monotonic)
    lagging_since: float | None = None
    failed_attempts: int = 0
    records: int = 0

    def mark_unassigned(self) -> None:
        """Partitions are revoked: the consumer is not ready until it has claimed again."""
        self.ready = False

    def mark_claimed(self) -> None:
        """Stored positions are loaded and the partitions are being fetched."""
        self.ready = True
        self.failure = None

    def mark_failed(self, failure: Exception) -> None:
        """The consumer has stopped and needs an operator."""
        self.ready = False
        self.failure = failure

    def record_commit(self, records: int) -> None:
        """Count a committed batch of so many records."""
        self.records += records
        self.committed_at = time.monotonic()
        self.failed_attempts = 0

    def next_back_off_s(self, steps: tuple[float, ...]) -> float:
        """Return the seconds to wait before the next attempt; each failed attempt moves one step on."""
        self.failed_attempts += 1
        return steps[min(self.failed_attempts - 1, len(steps) - 1)]

    def is_stalled(self, lag: int, limit_s: float) -> bool:
        """Return whether records have waited for longer than `limit_s`, across the calls so far, and none was committed."""
        now = time.monotonic()
        if lag == 0:
            self.lagging_since = None
            return False
        if self.lagging_since is None:
            self.lagging_since = now
        return now - max(self.lagging_since, self.committed_at) > limit_s
