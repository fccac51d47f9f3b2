"""The partitions of a topic that this process owns: claimed in PostgreSQL under an epoch, which fences every earlier owner.

The order on assignment is pause, claim, seek, resume: aiokafka would otherwise return records from its own position
before the stored one is loaded. A blocked partition stays paused and is looked at again every few seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg
import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from shared.database.connections import acquire
from shared.errors import Fenced
from shared.stream.batch import OffsetRange
from shared.stream.blocked_partitions import BlockedPartition
from shared.stream.fetching import IsolatingConsumer
from shared.stream.gaps import Gaps
from shared.stream.health import ConsumerHealth
from shared.stream.journal import JournalEntry
from shared.stream.positions import Position, PositionAdvance, claim_positions, fetch_overrides, store_blocked, store_bound
from shared.stream.topic_offsets import TopicOffsets, fetch_topic_offsets
from shared.stream.unit_of_work import Database, UnitOfWork

log = structlog.get_logger(__name__)

BACK_OFF_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
RECHECK_S = 3.0


class PartitionClaims:
    """The claims of one consumer. `next_offsets` holds the offset that is to be applied next, by claimed partition."""

    def __init__(self, database: Database, health: ConsumerHealth, kafka_consumer: Callable[[], IsolatingConsumer]) -> None:
        self.next_offsets: dict[TopicPartition, int] = {}
        self.gaps = Gaps()
        self._database = database
        self._health = health
        self._kafka_consumer = kafka_consumer
        self._epochs: dict[TopicPartition, int] = {}
        self._ends: dict[TopicPartition, int] = {}
        self._overrides: dict[TopicPartition, datetime | None] = {}
        # Of several claims of a partition that are under way the newest counts.
        self._newest: dict[TopicPartition, object] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._watcher: asyncio.Task[None] | None = None

    def epochs(self) -> Mapping[TopicPartition, int]:
        """Return the epochs of the current claims."""
        return dict(self._epochs)

    def is_current(self, partition: TopicPartition, epochs: Mapping[TopicPartition, int]) -> bool:
        """Return whether the partition is still claimed under its epoch in `epochs`, an earlier result of `epochs()`."""
        return partition in epochs and self._epochs.get(partition) == epochs[partition]

    def is_claimed(self, partition: TopicPartition) -> bool:
        """Return whether the partition is claimed now."""
        return partition in self._epochs

    def position_advances(self, ranges: Iterable[OffsetRange]) -> list[PositionAdvance]:
        """Return how the ranges of a batch advance the positions. Raises `Fenced` for a partition that is no longer claimed."""
        try:
            return [PositionAdvance(each.partition, each.first, each.last, self._epochs[each.partition]) for each in ranges]
        except KeyError as error:
            raise Fenced(f"{error} is no longer claimed by this consumer") from None

    def lag(self) -> int:
        """Return how many offsets are not applied yet, as far as the last fetch knows; blocked partitions count too."""
        kafka_consumer = self._kafka_consumer()
        assigned = kafka_consumer.assignment()
        lags = (
            max(kafka_consumer.last_stable_offset(partition) or 0, self._ends.get(partition, 0)) - offset
            for partition, offset in self.next_offsets.items()
            if partition in assigned
        )
        blocked = (each.lag for each in self._health.blocked.values() if each.partition not in self.next_offsets)
        return sum(max(0, offsets) for offsets in lags) + sum(blocked)

    def release_all(self) -> None:
        """Drop every claim: batches that are decoded but not applied are discarded."""
        for state in (self._newest, self._epochs, self._overrides, self._health.blocked):
            state.clear()

    def claim(self, partitions: Iterable[TopicPartition]) -> None:
        """Claim those of the partitions that are assigned to us, in the background: no heartbeat is sent meanwhile.

        They are paused before anything is awaited.
        """
        assigned = set(partitions) & self._kafka_consumer().assignment()
        if not assigned:
            self._health.mark_claimed()
            return
        self._kafka_consumer().pause(*assigned)
        claim = object()
        for partition in assigned:
            self._epochs.pop(partition, None)
            self._newest[partition] = claim
        self._start(self._claim(assigned, claim))
        if self._watcher is None:
            self._watcher = self._start(self._watch())

    async def stop(self) -> None:
        """Cancel the claims that are under way."""
        self._newest.clear()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _claim(self, partitions: set[TopicPartition], claim: object) -> None:
        """Claim until none of the partitions is blocked, or newer claims have replaced this one."""
        attempt = 0
        while partitions := {each for each in partitions if self._newest.get(each) is claim}:
            try:
                topic_offsets, positions = await self._load(partitions)
            except Exception as error:
                self._mark_unavailable(partitions, error)
                if isinstance(error, KafkaError) and len(partitions) > 1:
                    # One partition without a leader must not hold up the others.
                    for partition in partitions:
                        self._start(self._claim({partition}, claim))
                    return
                await asyncio.sleep(BACK_OFF_S[min(attempt, len(BACK_OFF_S) - 1)])
                attempt += 1
            else:
                newest = [each for each in positions if self._newest.get(each.partition) is claim]
                partitions = {each.partition for each in self._resume(topic_offsets, newest)}
                if partitions:
                    await asyncio.sleep(RECHECK_S)

    async def _load(self, partitions: set[TopicPartition]) -> tuple[TopicOffsets, list[Position]]:
        """Claim the partitions, bind their positions to the topic as it is now, and store which of them are blocked."""
        topic_offsets = await fetch_topic_offsets(self._kafka_consumer(), next(iter(partitions)).topic, partitions)
        async with self._database.unit_of_work() as uow:
            claimed = await claim_positions(uow.connection, topic_offsets, partitions)
            positions = [each.bind(topic_offsets) for each in claimed]
            await store_bound(uow.connection, positions)
            await store_blocked(uow.connection, partitions, _find_blocked(positions, topic_offsets))
            self._journal_recreation(uow, [each for each in claimed if each.is_of_another_topic(topic_offsets)], topic_offsets)
        return topic_offsets, positions

    def _journal_recreation(self, uow: UnitOfWork, foreign: Sequence[Position], topic_offsets: TopicOffsets) -> None:
        """Leave a trace of positions that belonged to an earlier topic of the same name."""
        if foreign:
            topic, offsets = foreign[0].partition.topic, {str(each.partition.partition): each.next_offset for each in foreign}
            log.critical("topic_recreated", topic=topic, positions=offsets)
            detail = {"topic_id": str(topic_offsets.topic_id), "positions": offsets}
            uow.journal(JournalEntry(self._health.service, "topic_recreated", topic, detail=detail))

    def _resume(self, topic_offsets: TopicOffsets, positions: Sequence[Position]) -> set[TopicPartition]:
        """Let partitions go on from their positions; return those that are blocked."""
        if not positions:
            return set()
        kafka_consumer, partitions = self._kafka_consumer(), {each.partition for each in positions}
        if kafka_consumer.bind_topic(positions[0].partition.topic, topic_offsets.topic_id):
            # The positions of the others are those of an earlier topic.
            self.claim(kafka_consumer.assignment() - partitions)
        blocked = {each.partition: each for each in _find_blocked(positions, topic_offsets)}
        self._health.replace_blocked(partitions, blocked)
        for position in positions:
            self._seek(position, topic_offsets.ends[position.partition], is_blocked=position.partition in blocked)
        self._health.mark_claimed()
        if consumed := partitions - blocked.keys():
            kafka_consumer.resume(*consumed)
            log.info("partitions_claimed", topic=self._health.topic, partitions=len(consumed))
        return set(blocked)

    def _seek(self, position: Position, end: int, *, is_blocked: bool) -> None:
        partition = position.partition
        self.gaps.discard([partition])
        self._overrides[partition], self._ends[partition] = position.overridden_at, end
        # Sought although it may be blocked: without a position the fetcher would ask Kafka for a committed one again and again.
        self._kafka_consumer().seek(partition, position.next_offset)
        if is_blocked:
            self.next_offsets.pop(partition, None)
        else:
            self._epochs[partition], self.next_offsets[partition] = position.epoch, position.next_offset

    def _mark_unavailable(self, partitions: Iterable[TopicPartition], error: Exception) -> None:
        log.warning("claim_failed", topic=self._health.topic, error=type(error).__name__)
        for partition in partitions:
            offset = self.next_offsets.get(partition, 0)
            self._health.mark_unavailable(partition, offset, type(error).__name__)

    async def _watch(self) -> None:
        """Claim partitions again once an operator has set their positions by a command."""
        while True:
            await asyncio.sleep(RECHECK_S)
            for topic in {partition.topic for partition in self._overrides}:
                if changed := await self._find_overrides(topic):
                    self.claim(changed)

    async def _find_overrides(self, topic: str) -> set[TopicPartition]:
        """Return the partitions whose positions an operator has set since they were claimed."""
        try:
            async with acquire(self._database.pool) as connection:
                overrides = await fetch_overrides(connection, topic)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            log.debug("watch_failed", topic=self._health.topic, error=type(error).__name__)
            return set()
        return {each for each in overrides.keys() & self._overrides.keys() if overrides[each] != self._overrides[each]}


def _find_blocked(positions: Iterable[Position], topic_offsets: TopicOffsets) -> list[BlockedPartition]:
    return [blocked for each in positions if (blocked := each.find_blocked(topic_offsets))]
