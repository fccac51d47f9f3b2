"""Health of a consumer: the age of its last committed batch while records wait, and the partitions that stand."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import structlog
from aiokafka import TopicPartition

from shared.stream.standing import StandingCause, StandingPartition

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class ConsumerHealth:
    """State of one consumer. Times are seconds of the monotonic clock; `records` counts what was committed since the start.

    `failure`: the consumer as a whole has stopped. `standing`: partitions that stand, while the others are consumed.
    """

    topic: str
    service: str = ""
    ready: bool = False
    failure: Exception | None = None
    standing: dict[TopicPartition, StandingPartition] = field(default_factory=dict)
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

    def mark_standing(self, standing: StandingPartition) -> None:
        """A partition stands; it is logged when it begins to, or for another reason than before."""
        before = self.standing.get(standing.partition)
        self.standing[standing.partition] = standing
        if before is None or before.cause is not standing.cause:
            self._log(standing)

    def mark_unavailable(self, partition: TopicPartition, next_offset: int, error: str) -> None:
        """Fetching of a partition fails for now; one that stands for a graver reason keeps it, and the time it began."""
        if partition not in self.standing:
            self.mark_standing(StandingPartition(partition, StandingCause.UNAVAILABLE, next_offset, error=error))

    def clear_standing(self, partition: TopicPartition, cause: StandingCause) -> None:
        """A partition no longer stands for this reason."""
        if (standing := self.standing.get(partition)) and standing.cause is cause:
            del self.standing[partition]

    def replace_standing(
        self, partitions: Collection[TopicPartition], standing: Mapping[TopicPartition, StandingPartition]
    ) -> None:
        """Replace what stands among partitions that were just claimed."""
        for partition in partitions:
            if partition in standing:
                self.mark_standing(standing[partition])
            else:
                self.standing.pop(partition, None)

    def unhealthy_partitions(self, patience_s: float) -> list[StandingPartition]:
        """Return the partitions that stand; those that are only unavailable count after `patience_s` seconds."""
        now = time.monotonic()
        return [
            each
            for each in self.standing.values()
            if each.cause is not StandingCause.UNAVAILABLE or now - each.since > patience_s
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

    def _log(self, standing: StandingPartition) -> None:
        level = log.warning if standing.cause is StandingCause.UNAVAILABLE else log.critical
        level(
            str(standing.cause),
            topic=standing.partition.topic,
            part=standing.partition.partition,
            offset=standing.next_offset,
            records=standing.lost_records,
            error=standing.error,
            reason=standing.describe(self.service),
        )
