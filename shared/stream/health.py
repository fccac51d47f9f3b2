"""Health of a consumer: the age of its last committed batch while records wait, not whether a process exists."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass(slots=True)
class ConsumerHealth:
    """What is known of one consumer. Ages in seconds; `records` counts what was committed since the start."""

    topic: str
    ready: bool = False
    failure: Exception | None = None
    committed_at: float = field(default_factory=time.monotonic)
    waiting_since: float | None = None
    rolled_back: int = 0
    records: int = 0

    def unassigned(self) -> None:
        """The partitions are on their way elsewhere."""
        self.ready = False

    def claimed(self) -> None:
        """The stored positions are known and the partitions flow."""
        self.ready = True
        self.failure = None

    def failed(self, failure: Exception) -> None:
        """The consumer has stopped and a person must look."""
        self.ready = False
        self.failure = failure

    def committed(self, records: int) -> None:
        """A batch of so many records was committed."""
        self.records += records
        self.committed_at = time.monotonic()
        self.rolled_back = 0

    def back_off(self, steps: tuple[float, ...]) -> float:
        """Return how long to wait before the next attempt; longer with each one that failed."""
        self.rolled_back += 1
        return steps[min(self.rolled_back - 1, len(steps) - 1)]

    def stalled(self, lag: int, limit_s: float) -> bool:
        """Return whether records have waited for longer than the limit, as far as was looked, and none was committed."""
        now = time.monotonic()
        if lag == 0:
            self.waiting_since = None
            return False
        if self.waiting_since is None:
            self.waiting_since = now
        return now - max(self.waiting_since, self.committed_at) > limit_s
