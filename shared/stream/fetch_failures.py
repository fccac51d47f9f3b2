"""What a consumer does about a fetch that fails at a partition: log it, measure it, show it in its health, try it again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import asyncpg
import structlog
from aiokafka import TopicPartition

from shared.database.connections import acquire
from shared.metrics import FETCH_FAILURES
from shared.stream.blocked_partitions import BlockCause, BlockedPartition
from shared.stream.fetch_events import FailureKind, FetchFailure
from shared.stream.fetching import IsolatingConsumer
from shared.stream.gaps import Gap
from shared.stream.health import ConsumerHealth
from shared.stream.partition_claims import PartitionClaims
from shared.stream.positions import store_blocked
from shared.stream.unit_of_work import Database

log = structlog.get_logger(__name__)

# A broker that refuses may soon be able to; a batch that cannot be read is read again by the next version at the earliest.
RETRY_REFUSED_S = (0.2, 0.5, 1.0, 2.0)
RETRY_UNREADABLE_S = (0.5, 1.0, 2.0, 5.0, 15.0, 60.0)


class FetchFailures:
    """The fetch listener of one consumer. `on_gap_found` is called when there are offsets to step over."""

    def __init__(
        self,
        database: Database,
        health: ConsumerHealth,
        claims: PartitionClaims,
        kafka_consumer: Callable[[], IsolatingConsumer],
        on_gap_found: Callable[[], None],
    ) -> None:
        self._database = database
        self._health = health
        self._claims = claims
        self._kafka_consumer = kafka_consumer
        self._on_gap_found = on_gap_found
        self._attempts: dict[TopicPartition, int] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def has_failures(self) -> bool:
        """Whether any partition is blocked."""
        return bool(self._health.blocked)

    def on_failure(self, failure: FetchFailure) -> None:
        """Count the failure, and do what its kind calls for."""
        partition = failure.partition
        FETCH_FAILURES.labels(self._health.service, self._health.topic, str(partition.partition), failure.error).inc()
        match failure.kind:
            case FailureKind.REPOSITION:
                log.warning("fetch_refused", topic=partition.topic, partition=partition.partition, error=failure.error)
                self._claims.claim([partition])
            case FailureKind.UNREACHABLE:
                self._health.mark_unavailable(partition, failure.offset, failure.error)
            case FailureKind.UNAVAILABLE:
                self._health.mark_unavailable(partition, failure.offset, failure.error)
                self._retry_later(partition, RETRY_REFUSED_S)
            case FailureKind.UNREADABLE:
                self._block(failure)
                self._retry_later(partition, RETRY_UNREADABLE_S)

    def on_response(self, partition: TopicPartition) -> None:
        """The broker answers again."""
        blocked = self._health.blocked.get(partition)
        if blocked and blocked.cause is BlockCause.UNAVAILABLE:
            self._clear_blocked(partition, BlockCause.UNAVAILABLE)

    def on_records(self, partition: TopicPartition, position: int) -> None:
        """A partition that could not be read is read again once its position has moved."""
        blocked = self._health.blocked.get(partition)
        if blocked and blocked.cause is BlockCause.UNREADABLE and position > blocked.next_offset:
            self._clear_blocked(partition, BlockCause.UNREADABLE)
            self._start(self._store_blocked(partition, None))

    def on_gap(self, gap: Gap) -> None:
        """Note the gap; positions step over it once everything before it is applied."""
        self._claims.gaps.add(gap)
        self._on_gap_found()

    async def stop(self) -> None:
        """Cancel what is to be tried again."""
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _block(self, failure: FetchFailure) -> None:
        partition = failure.partition
        blocked = BlockedPartition(
            partition,
            BlockCause.UNREADABLE,
            failure.offset,
            self._kafka_consumer().last_stable_offset(partition) or failure.offset,
            failure.resume_offset,
            failure.error,
        )
        self._health.mark_blocked(blocked)
        self._start(self._store_blocked(partition, blocked))

    def _clear_blocked(self, partition: TopicPartition, cause: BlockCause) -> None:
        self._health.clear_blocked(partition, cause)
        self._attempts.pop(partition, None)

    def _retry_later(self, partition: TopicPartition, steps_s: Sequence[float]) -> None:
        """Pause the partition at once, so that it is not fetched again and again, and resume it later."""
        attempt = self._attempts.get(partition, 0)
        self._attempts[partition] = attempt + 1
        self._kafka_consumer().pause(partition)
        self._start(self._resume(partition, steps_s[min(attempt, len(steps_s) - 1)]))

    async def _resume(self, partition: TopicPartition, after_s: float) -> None:
        await asyncio.sleep(after_s)
        consumer = self._kafka_consumer()
        if self._claims.is_claimed(partition) and partition in consumer.assignment():
            consumer.resume(partition)

    async def _store_blocked(self, partition: TopicPartition, blocked: BlockedPartition | None) -> None:
        try:
            async with acquire(self._database.pool) as connection:
                await store_blocked(connection, [partition], [blocked] if blocked else [])
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.warning("blocked_partition_not_stored", topic=partition.topic, error=type(error).__name__)

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
