"""The partitions of a topic that this process owns: claimed in PostgreSQL under an epoch, which fences every earlier owner.

The order on assignment is pause, claim, seek, resume: aiokafka would otherwise return records from its own position
before the stored one is loaded.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.database.pool import acquire
from shared.errors import Fenced, PositionAhead, PositionLost
from shared.stream.batch import OffsetRange
from shared.stream.health import ConsumerHealth
from shared.stream.positions import Position, PositionAdvance, claim_positions
from shared.stream.unit_of_work import Store

log = structlog.get_logger(__name__)

BACK_OFF_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class PartitionClaims:
    """The claims of one consumer. `next_offsets` holds the offset that is to be applied next, by claimed partition."""

    def __init__(self, store: Store, health: ConsumerHealth, kafka_consumer: Callable[[], AIOKafkaConsumer]) -> None:
        self.next_offsets: dict[TopicPartition, int] = {}
        self._store = store
        self._health = health
        self._kafka_consumer = kafka_consumer
        self._epochs: dict[TopicPartition, int] = {}
        self._generation = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def epochs(self) -> Mapping[TopicPartition, int]:
        """Return the epochs of the current claims."""
        return dict(self._epochs)

    def is_current(self, partition: TopicPartition, epochs: Mapping[TopicPartition, int]) -> bool:
        """Return whether the partition is still claimed under its epoch in `epochs`, an earlier result of `epochs()`."""
        return partition in epochs and self._epochs.get(partition) == epochs[partition]

    def position_advances(self, ranges: Iterable[OffsetRange]) -> list[PositionAdvance]:
        """Return how the ranges of a batch advance the positions. Raises `Fenced` for a partition that is no longer claimed."""
        try:
            return [PositionAdvance(each.partition, each.first, each.last, self._epochs[each.partition]) for each in ranges]
        except KeyError as error:
            raise Fenced(f"{error} is no longer claimed by this consumer") from None

    def release_all(self) -> None:
        """Drop every claim: batches that are decoded but not applied are discarded."""
        self._generation += 1
        self._epochs.clear()

    def claim(self, partitions: Iterable[TopicPartition]) -> None:
        """Claim those of the partitions that are assigned to us, in the background: no heartbeat is sent meanwhile.

        They are paused before anything is awaited.
        """
        assigned = set(partitions) & self._kafka_consumer().assignment()
        if not assigned:
            self._health.mark_claimed()
            return
        self._kafka_consumer().pause(*assigned)
        for partition in assigned:
            self._epochs.pop(partition, None)
        task = asyncio.create_task(self._claim(assigned, self._generation))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """Cancel the claims that are under way."""
        self._generation += 1
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _claim(self, partitions: set[TopicPartition], generation: int) -> None:
        attempt = 0
        while generation == self._generation:
            try:
                positions = await self._load_positions(partitions)
            except PositionLost as lost:
                log.critical("position_lost", topic=self._health.topic, reason=str(lost))
                self._health.mark_failed(lost)
                return
            except Exception as error:
                if isinstance(error, PositionAhead):
                    self._health.mark_failed(error)
                log.warning("claim_failed", topic=self._health.topic, error=type(error).__name__)
                await asyncio.sleep(BACK_OFF_S[min(attempt, len(BACK_OFF_S) - 1)])
                attempt += 1
            else:
                if generation == self._generation:
                    self._resume(positions)
                return

    async def _load_positions(self, partitions: set[TopicPartition]) -> list[Position]:
        """Claim the partitions and return their positions. Raises `PositionLost` or `PositionAhead` outside the log's range."""
        async with acquire(self._store.pool) as connection:
            positions = await claim_positions(connection, partitions)
        beginnings = await self._kafka_consumer().beginning_offsets(list(partitions))
        ends = await self._kafka_consumer().end_offsets(list(partitions))
        for position in positions:
            if 0 < position.next_offset < beginnings[position.partition]:
                raise PositionLost(f"{position.partition} at {position.next_offset}: the broker begins later")
            if position.next_offset > ends[position.partition]:
                raise PositionAhead(f"{position.partition} at {position.next_offset}: the broker ends earlier")
        return positions

    def _resume(self, positions: Sequence[Position]) -> None:
        kafka_consumer = self._kafka_consumer()
        for position in positions:
            self._epochs[position.partition] = position.epoch
            self.next_offsets[position.partition] = position.next_offset
            kafka_consumer.seek(position.partition, position.next_offset)
        kafka_consumer.resume(*(position.partition for position in positions))
        self._health.mark_claimed()
        log.info("partitions_claimed", topic=self._health.topic, partitions=len(positions))
