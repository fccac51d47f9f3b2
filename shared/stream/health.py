"""Health of a consumer: the age of its last committed batch while records wait, and the blocked partitions."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import structlog
from aiokafka import TopicPartition

from shared.stream.blocked_partitions import BlockCause, BlockedPartition

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class ConsumerHealth:
    """State of one consumer. Times are seconds of the monotonic clock; `records` counts what was committed since the start.

    `failure`: the consumer as a whole has stopped. `blocked`: partitions that are not consumed, while the others are.
    """

    topic: str
    service: str = ""
    ready: bool = False
    failure: Exception | None = None
    blocked: dict[TopicPartition, BlockedPartition] = field(default_factory=dict)
    committed_at: float = field(default_factory=time.monotonic)
    lagging_since: float | None = None
    failed_attempts: int = 0
    records: int = 0

    def mark_unassigned(self) -> None:
        """Partitions are revoked: the consumer is not ready until it has claimed again."""
        self.ready = False

    def mark_claimed(self) -> None:
        """Stored positions are loaded, and the partitions that can be are fetched."""
        self.ready = True
        self.failure = None

    def mark_failed(self, failure: Exception) -> None:
        """The consumer has stopped and needs an operator."""
        self.ready = False
        self.failure = failure

    def mark_blocked(self, blocked: BlockedPartition) -> None:
        """A partition is blocked; it is logged when this begins, or for another cause than before."""
        before = self.blocked.get(blocked.partition)
        self.blocked[blocked.partition] = blocked
        if before is None or before.cause is not blocked.cause:
            self._log(blocked)

    def mark_unavailable(self, partition: TopicPartition, next_offset: int, error: str) -> None:
        """Fetching of a partition fails for now; one that is blocked for a graver cause keeps it, and the time it began."""
        if partition not in self.blocked:
            self.mark_blocked(BlockedPartition(partition, BlockCause.UNAVAILABLE, next_offset, error=error))

    def clear_blocked(self, partition: TopicPartition, cause: BlockCause) -> None:
        """A partition is no longer blocked for this cause."""
        if (blocked := self.blocked.get(partition)) and blocked.cause is cause:
            del self.blocked[partition]

    def replace_blocked(
        self, partitions: Collection[TopicPartition], blocked: Mapping[TopicPartition, BlockedPartition]
    ) -> None:
        """Replace what is blocked among partitions that were just claimed."""
        for partition in partitions:
            if partition in blocked:
                self.mark_blocked(blocked[partition])
            else:
                self.blocked.pop(partition, None)

    def unhealthy_partitions(self, patience_s: float) -> list[BlockedPartition]:
        """Return the blocked partitions; those that are only unavailable count after `patience_s` seconds."""
        now = time.monotonic()
        return [
            each for each in self.blocked.values() if each.cause is not BlockCause.UNAVAILABLE or now - each.since > patience_s
        ]

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

    def _log(self, blocked: BlockedPartition) -> None:
        level = log.warning if blocked.cause is BlockCause.UNAVAILABLE else log.critical
        level(
            "partition_blocked",
            topic=blocked.partition.topic,
            partition=blocked.partition.partition,
            cause=str(blocked.cause),
            offset=blocked.next_offset,
            lost_offsets=blocked.lost_offsets,
            error=blocked.error,
            reason=blocked.describe(self.service),
        )
