"""The consumer of one subscription: batches from FastStream, applied exactly once in PostgreSQL.

The order on assignment is pause, claim, seek, resume: aiokafka would otherwise hand out records from its own position
before the stored one is known. A batch is one transaction that moves the positions under the owner's epoch. Whatever
goes wrong ends in the same place: roll back, claim again, seek to the stored position.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from faststream.kafka.subscriber.usecase import LogicSubscriber

from shared.database.pool import acquire
from shared.errors import OWN_FAULTS, PERMANENT, DeadLetterFlood, Fenced, PositionAhead, PositionLost
from shared.metrics import BATCH_RECORDS, BATCH_SECONDS, DEAD_LETTERS, RECORDS
from shared.stream.flood import FloodGuard
from shared.stream.health import ConsumerHealth
from shared.stream.positions import Advance, Position, advance, claim
from shared.stream.record import Decoded, Detail, Passed, Reason, Received, Refused
from shared.stream.subscription import Subscription
from shared.stream.unit import Store

log = structlog.get_logger(__name__)

BACK_OFF_S = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
HINT_EVERY_S = 1.0
# Some 2 ms of decoding, after which the batch that is being applied gets its turn.
DECODED_AT_ONCE = 200


class BatchConsumer(ConsumerRebalanceListener):  # type: ignore[misc]
    """Applies the batches of one subscription; also the rebalance listener of its Kafka consumer."""

    def __init__(self, subscription: Subscription, store: Store, service: str) -> None:
        self.subscription = subscription
        self.health = ConsumerHealth(subscription.topic)
        self._store = store
        self._labels = (service, subscription.topic)
        self._flood = FloodGuard()
        self._lock = asyncio.Lock()
        self._generation = 0
        self._epochs: dict[TopicPartition, int] = {}
        self._applied: dict[TopicPartition, int] = {}
        self._claiming: set[asyncio.Task[None]] = set()
        self._subscriber: LogicSubscriber[Any] | None = None
        self._hinted_at = 0.0
        self._in_flight: asyncio.Task[None] | None = None

    def attach_to(self, subscriber: LogicSubscriber[Any]) -> None:
        """Take the FastStream subscriber that fetches for this consumer."""
        self._subscriber = subscriber

    @property
    def consumer(self) -> AIOKafkaConsumer:
        """The Kafka consumer; FastStream makes it when the subscriber starts."""
        if self._subscriber is None or self._subscriber.consumer is None:
            raise RuntimeError("the subscriber has not been started")
        return self._subscriber.consumer

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:  # noqa: ARG002 - the listener's form
        """Forget the epochs, and let the transaction in flight end before the partitions move."""
        self._generation += 1
        self._epochs.clear()
        self.health.unassigned()
        async with self._lock:
            # Not sooner: the batch in flight notes how far it came when it ends.
            self._applied.clear()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Pause first, before anything is awaited; then claim in the background, since no heartbeat runs meanwhile."""
        self._generation += 1
        self._reclaim(set(assigned))

    def _reclaim(self, partitions: set[TopicPartition]) -> None:
        held = partitions & self.consumer.assignment()
        if not held:
            self.health.claimed()
            return
        self.consumer.pause(*held)
        for partition in held:
            self._epochs.pop(partition, None)
        task = asyncio.create_task(self._claim(held, self._generation))
        self._claiming.add(task)
        task.add_done_callback(self._claiming.discard)

    async def _claim(self, partitions: set[TopicPartition], generation: int) -> None:
        attempt = 0
        while generation == self._generation:
            try:
                positions = await self._load(partitions)
            except PositionLost as lost:
                log.critical("position_lost", topic=self.subscription.topic, reason=str(lost))
                self.health.failed(lost)
                return
            except Exception as error:
                if isinstance(error, PositionAhead):
                    self.health.failed(error)
                log.warning("claim_failed", topic=self.subscription.topic, error=type(error).__name__)
                await asyncio.sleep(BACK_OFF_S[min(attempt, len(BACK_OFF_S) - 1)])
                attempt += 1
            else:
                if generation == self._generation:
                    self._resume(positions)
                return

    async def _load(self, partitions: set[TopicPartition]) -> list[Position]:
        async with acquire(self._store.pool) as connection:
            positions = await claim(connection, partitions)
        beginnings = await self.consumer.beginning_offsets(list(partitions))
        ends = await self.consumer.end_offsets(list(partitions))
        for position in positions:
            if 0 < position.next_offset < beginnings[position.partition]:
                raise PositionLost(f"{position.partition} at {position.next_offset}: the broker begins later")
            if position.next_offset > ends[position.partition]:
                raise PositionAhead(f"{position.partition} at {position.next_offset}: the broker ends earlier")
        return positions

    def _resume(self, positions: Sequence[Position]) -> None:
        for position in positions:
            self._epochs[position.partition] = position.epoch
            self._applied[position.partition] = position.next_offset
            self.consumer.seek(position.partition, position.next_offset)
        self.consumer.resume(*(position.partition for position in positions))
        self.health.claimed()
        log.info("partitions_claimed", topic=self.subscription.topic, partitions=len(positions))

    async def consume(self, records: Sequence[ConsumerRecord]) -> None:
        """Decode one batch while the one before is in the database, then apply it in the background, in order.

        On any failure the positions are claimed again and the batch comes back.
        """
        began, generation, epochs = time.perf_counter(), self._generation, dict(self._epochs)
        decoded: list[Decoded] = []
        for at in range(0, len(records), DECODED_AT_ONCE):
            decoded.extend(self.subscription.decode(record) for record in records[at : at + DECODED_AT_ONCE])
            await asyncio.sleep(0)
        await self._end_flight()
        self._in_flight = asyncio.create_task(self._apply_batch(decoded, generation, epochs, began))

    async def _end_flight(self) -> None:
        """Wait for the batch that is being applied, if there is one."""
        if self._in_flight is not None:
            await asyncio.wait([self._in_flight])

    async def _apply_batch(
        self,
        decoded: Sequence[Decoded],
        generation: int,
        epochs: Mapping[TopicPartition, int],
        began: float,
    ) -> None:
        """Apply what is still owned as it was when the batch came: a partition claimed since then comes back as a whole."""
        async with self._lock:
            if generation != self._generation:
                return
            current = {p for p, epoch in epochs.items() if self._epochs.get(p) == epoch}
            owned = [each for each in decoded if _partition(each.record) in current]
            if not owned:
                return
            try:
                await self._apply([each.record for each in owned], owned)
                BATCH_SECONDS.labels(*self._labels).observe(time.perf_counter() - began)
            except asyncio.CancelledError:
                raise
            except DeadLetterFlood as flood:
                log.critical("dead_letter_flood", topic=self.subscription.topic, reason=str(flood))
                self.health.failed(flood)
                # What is decoded already must not be applied behind what was refused.
                self._epochs.clear()
                self.consumer.pause(*self.consumer.assignment())
            except Exception as error:
                level = log.info if isinstance(error, Fenced) else log.warning
                level(
                    "batch_rolled_back",
                    topic=self.subscription.topic,
                    error=type(error).__name__,
                    exc_info=not isinstance(error, Fenced | OSError),
                )
                await asyncio.sleep(self.health.back_off(BACK_OFF_S))
                self._reclaim({_partition(each.record) for each in owned})
            else:
                self._hint()

    async def _apply(self, records: Sequence[ConsumerRecord], decoded: Sequence[Decoded]) -> None:
        """Apply in one transaction. A failure that will come again is narrowed down by halves to the record it is in."""
        try:
            refused = await self._transact(records, decoded)
        except (*PERMANENT, *OWN_FAULTS) as error:
            if isinstance(error, DeadLetterFlood):
                raise
            if len(records) == 1:
                refused = await self._transact(records, [self._refused_alone(records[0], error)])
            else:
                middle = len(records) // 2
                for part in (slice(None, middle), slice(middle, None)):
                    await self._apply(records[part], decoded[part])
                return
        self._committed(records, refused)

    def _refused_alone(self, record: ConsumerRecord, error: BaseException) -> Refused:
        place = {"topic": self.subscription.topic, "part": record.partition, "offset": record.offset}
        log.error("record_failed", **place, exc_info=error)
        reason = Reason.UNPROCESSABLE if isinstance(error, OWN_FAULTS) else Reason.REJECTED_BY_STORE
        return Refused(record, reason, (Detail("", type(error).__name__, "the record was refused when it was applied"),))

    async def _transact(self, records: Sequence[ConsumerRecord], decoded: Sequence[Decoded]) -> list[Refused]:
        events = [d for d in decoded if isinstance(d, Received)]
        async with self._store.unit() as unit:
            unit.refused.extend(d for d in decoded if isinstance(d, Refused))
            await advance(unit.connection, self._advances(records))
            await self.subscription.apply(unit, events)
            self._flood.check(len(records), sum(self._our_fault(r) for r in unit.refused))
        passed = sum(isinstance(d, Passed) for d in decoded)
        RECORDS.labels(*self._labels, "applied").inc(len(records) - len(unit.refused) - passed)
        RECORDS.labels(*self._labels, "passed").inc(passed)
        return unit.refused

    def _our_fault(self, refused: Refused) -> bool:
        return not self.subscription.own_faults_only or refused.reason in {Reason.REJECTED_BY_STORE, Reason.UNPROCESSABLE}

    def _advances(self, records: Sequence[ConsumerRecord]) -> list[Advance]:
        spans: dict[TopicPartition, tuple[int, int]] = {}
        for record in records:
            partition = TopicPartition(record.topic, record.partition)
            first = spans[partition][0] if partition in spans else record.offset
            spans[partition] = (first, record.offset)
        try:
            return [Advance(p, first, last, self._epochs[p]) for p, (first, last) in spans.items()]
        except KeyError as error:
            raise Fenced(f"{error} is no longer ours") from None

    def _committed(self, records: Sequence[ConsumerRecord], refused: Sequence[Refused]) -> None:
        self.health.committed()
        for record in records:
            self._applied[TopicPartition(record.topic, record.partition)] = record.offset + 1
        BATCH_RECORDS.labels(*self._labels).observe(len(records))
        for letter in refused:
            DEAD_LETTERS.labels(*self._labels, letter.reason).inc()
        if refused:
            log.warning("records_refused", topic=self.subscription.topic, count=len(refused))

    def _hint(self) -> None:
        """Tell Kafka where we are, for lag monitors only; the stored positions are the truth."""
        loop = asyncio.get_running_loop()
        if loop.time() - self._hinted_at < HINT_EVERY_S:
            return
        self._hinted_at = loop.time()
        task = asyncio.create_task(self._send_hint())
        self._claiming.add(task)
        task.add_done_callback(self._claiming.discard)

    async def _send_hint(self) -> None:
        if self._subscriber is None or self._subscriber.consumer is None:
            return
        try:
            await self.consumer.commit(dict(self._applied))
        except KafkaError as error:
            log.debug("hint_failed", topic=self.subscription.topic, error=type(error).__name__)

    async def stop(self) -> None:
        """Let the batch in flight end, then end the background tasks."""
        await self._end_flight()
        self._generation += 1
        for task in tuple(self._claiming):
            task.cancel()
        await asyncio.gather(*self._claiming, return_exceptions=True)

    def lag(self) -> int:
        """Return how many records of the assigned partitions are known to wait."""
        waiting = ((self.consumer.highwater(p) or 0) - following for p, following in self._applied.items())
        return sum(max(0, records) for records in waiting)


def _partition(record: ConsumerRecord) -> TopicPartition:
    return TopicPartition(record.topic, record.partition)
