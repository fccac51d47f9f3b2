"""Which partitions of a topic this process owns: claimed in PostgreSQL under an epoch, fenced from whoever owned them before.

The order on assignment is pause, claim, seek, resume: aiokafka would otherwise hand out records from its own position
before the stored one is known.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.database.pool import acquire
from shared.errors import Fenced, PositionAhead, PositionLost
from shared.stream.batch import Span
from shared.stream.health import ConsumerHealth
from shared.stream.positions import Advance, Position, claim
from shared.stream.unit import Store

log = structlog.get_logger(__name__)

BACK_OFF_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)


class Ownership:
    """The claims of one consumer. `applied` holds the next offset of each owned partition."""

    def __init__(self, store: Store, health: ConsumerHealth, kafka: Callable[[], AIOKafkaConsumer]) -> None:
        self.applied: dict[TopicPartition, int] = {}
        self._store = store
        self._health = health
        self._kafka = kafka
        self._epochs: dict[TopicPartition, int] = {}
        self._generation = 0
        self._claiming: set[asyncio.Task[None]] = set()

    def epochs(self) -> Mapping[TopicPartition, int]:
        """Return the epochs under which partitions are owned now."""
        return dict(self._epochs)

    def holds(self, partition: TopicPartition, epochs: Mapping[TopicPartition, int]) -> bool:
        """Return whether the partition is owned still as it was when `epochs` were told."""
        return partition in epochs and self._epochs.get(partition) == epochs[partition]

    def advances(self, spans: Iterable[Span]) -> list[Advance]:
        """Return how far spans move the positions. Raises `Fenced` where a partition was given up."""
        try:
            return [Advance(span.partition, span.first, span.last, self._epochs[span.partition]) for span in spans]
        except KeyError as error:
            raise Fenced(f"{error} is no longer ours") from None

    def give_up(self) -> None:
        """Own nothing from now on: what is decoded already is not applied."""
        self._generation += 1
        self._epochs.clear()

    def take(self, partitions: Iterable[TopicPartition]) -> None:
        """Claim those of the partitions that are assigned to us, in the background: no heartbeat runs meanwhile.

        They are paused before anything is awaited.
        """
        held = set(partitions) & self._kafka().assignment()
        if not held:
            self._health.claimed()
            return
        self._kafka().pause(*held)
        for partition in held:
            self._epochs.pop(partition, None)
        task = asyncio.create_task(self._claim(held, self._generation))
        self._claiming.add(task)
        task.add_done_callback(self._claiming.discard)

    async def stop(self) -> None:
        """End the claims that are under way."""
        self._generation += 1
        for task in tuple(self._claiming):
            task.cancel()
        await asyncio.gather(*self._claiming, return_exceptions=True)

    async def _claim(self, partitions: set[TopicPartition], generation: int) -> None:
        attempt = 0
        while generation == self._generation:
            try:
                positions = await self._load(partitions)
            except PositionLost as lost:
                log.critical("position_lost", topic=self._health.topic, reason=str(lost))
                self._health.failed(lost)
                return
            except Exception as error:
                if isinstance(error, PositionAhead):
                    self._health.failed(error)
                log.warning("claim_failed", topic=self._health.topic, error=type(error).__name__)
                await asyncio.sleep(BACK_OFF_S[min(attempt, len(BACK_OFF_S) - 1)])
                attempt += 1
            else:
                if generation == self._generation:
                    self._resume(positions)
                return

    async def _load(self, partitions: set[TopicPartition]) -> list[Position]:
        async with acquire(self._store.pool) as connection:
            positions = await claim(connection, partitions)
        beginnings = await self._kafka().beginning_offsets(list(partitions))
        ends = await self._kafka().end_offsets(list(partitions))
        for position in positions:
            if 0 < position.next_offset < beginnings[position.partition]:
                raise PositionLost(f"{position.partition} at {position.next_offset}: the broker begins later")
            if position.next_offset > ends[position.partition]:
                raise PositionAhead(f"{position.partition} at {position.next_offset}: the broker ends earlier")
        return positions

    def _resume(self, positions: Sequence[Position]) -> None:
        for position in positions:
            self._epochs[position.partition] = position.epoch
            self.applied[position.partition] = position.next_offset
            self._kafka().seek(position.partition, position.next_offset)
        self._kafka().resume(*(position.partition for position in positions))
        self._health.claimed()
        log.info("partitions_claimed", topic=self._health.topic, partitions=len(positions))
