"""The consumer of one subscription: batches from FastStream, applied exactly once in PostgreSQL.

A batch is one transaction that moves the positions under the owner's epoch. Every failure takes the same way:
roll back, claim again, seek to the stored position.
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

from shared.errors import PERMANENT_ERRORS, PROGRAMMING_ERRORS, DeadLetterFlood, Fenced
from shared.metrics import BATCH_RECORDS, BATCH_SECONDS, DEAD_LETTERS, RECORDS
from shared.stream.batch import OffsetRange, offset_ranges
from shared.stream.flood import FloodGuard
from shared.stream.health import ConsumerHealth
from shared.stream.partition_claims import BACK_OFF_S, PartitionClaims
from shared.stream.positions import advance_positions
from shared.stream.rate import RecordRate, gather_time_s
from shared.stream.record import DeadLetterReason, DecodedRecord, ReceivedEvent, RefusedRecord, SkippedRecord, ValidationFinding
from shared.stream.subscription import Subscription
from shared.stream.unit_of_work import Store

log = structlog.get_logger(__name__)

OFFSET_COMMIT_INTERVAL_S = 1.0
# About 2 ms of decoding, after which the batch that is being applied gets its turn of the event loop.
DECODE_CHUNK = 200
# Reasons for which only our own code can be blamed.
OWN_REASONS = frozenset({DeadLetterReason.REJECTED_BY_STORE, DeadLetterReason.UNPROCESSABLE})


class BatchConsumer(ConsumerRebalanceListener):  # type: ignore[misc]
    """Applies the batches of one subscription; also the rebalance listener of its Kafka consumer."""

    def __init__(self, subscription: Subscription, store: Store, service: str) -> None:
        self.subscription = subscription
        self.health = ConsumerHealth(subscription.topic)
        self._store = store
        self._labels = (service, subscription.topic)
        self._flood_guard = FloodGuard()
        self._lock = asyncio.Lock()
        self._claims = PartitionClaims(store, self.health, lambda: self.kafka_consumer)
        self._subscriber: LogicSubscriber[Any] | None = None
        self._max_records = 0
        self._offsets_committed_at = 0.0
        self._offset_commit: asyncio.Task[None] | None = None
        self._in_flight: asyncio.Task[None] | None = None
        self._rate = RecordRate()

    def attach(self, subscriber: LogicSubscriber[Any], max_records: int) -> None:
        """Set the FastStream subscriber that fetches for this consumer, at most `max_records` at a time."""
        self._subscriber = subscriber
        self._max_records = max_records

    @property
    def kafka_consumer(self) -> AIOKafkaConsumer:
        """The Kafka consumer, which FastStream creates when the subscriber starts."""
        if self._subscriber is None or self._subscriber.consumer is None:
            raise RuntimeError("the subscriber has not been started")
        return self._subscriber.consumer

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:  # noqa: ARG002 - the listener's form
        """Release all claims, and let the transaction in flight end before the partitions move."""
        self._claims.release_all()
        self.health.mark_unassigned()
        async with self._lock:
            # Under the lock: the batch in flight writes its next offsets when it ends.
            self._claims.next_offsets.clear()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Claim the assigned partitions."""
        self._claims.release_all()
        self._claims.claim(assigned)

    async def consume(self, records: Sequence[ConsumerRecord]) -> None:
        """Decode a batch while the previous one is being applied, then apply it in the background, in order.

        On any failure the positions are claimed again, and the batch is fetched again.
        """
        started_at, epochs = time.perf_counter(), self._claims.epochs()
        decode = self.subscription.decode
        decoded: list[DecodedRecord] = []
        for start in range(0, len(records), DECODE_CHUNK):
            decoded += [decode(record) for record in records[start : start + DECODE_CHUNK]]
            await asyncio.sleep(0)
        await self._wait_in_flight()
        self._in_flight = asyncio.create_task(self._apply_batch(decoded, epochs, started_at))
        await asyncio.sleep(self._gather_time_s(len(records), started_at))

    def _gather_time_s(self, records: int, now: float) -> float:
        """Return how long to gather after a batch of so many records; 0 where a full batch waits already."""
        rate = self._rate.update(records, now)
        if self.lag() - records >= self._max_records:
            return 0.0
        return gather_time_s(rate, self.subscription.gather_s, prefer_large=self.subscription.batch_factor > 1)

    async def _wait_in_flight(self) -> None:
        """Wait for the batch that is being applied, if there is one."""
        if self._in_flight is not None:
            await asyncio.wait([self._in_flight])

    async def _apply_batch(
        self, decoded: Sequence[DecodedRecord], epochs: Mapping[TopicPartition, int], started_at: float
    ) -> None:
        """Apply the partitions whose claim is still that of `epochs`; one claimed since then is fetched again as a whole."""
        async with self._lock:
            ranges = offset_ranges(decoded)
            current = [each for each in ranges if self._claims.is_current(each.partition, epochs)]
            if len(current) < len(ranges):
                parts = {each.partition.partition for each in current}
                decoded = [each for each in decoded if each.record.partition in parts]
            if not decoded:
                return
            try:
                await self._apply(decoded, current)
                BATCH_SECONDS.labels(*self._labels).observe(time.perf_counter() - started_at)
            except asyncio.CancelledError:
                raise
            except DeadLetterFlood as flood:
                log.critical("dead_letter_flood", topic=self.subscription.topic, reason=str(flood))
                self.health.mark_failed(flood)
                # A batch that is decoded already must not be applied after the one that was rolled back.
                self._claims.release_all()
                self.kafka_consumer.pause(*self.kafka_consumer.assignment())
            except Exception as error:
                level = log.info if isinstance(error, Fenced) else log.warning
                level(
                    "batch_rolled_back",
                    topic=self.subscription.topic,
                    error=type(error).__name__,
                    exc_info=not isinstance(error, Fenced | OSError),
                )
                await asyncio.sleep(self.health.next_back_off_s(BACK_OFF_S))
                self._claims.claim(each.partition for each in current)
            else:
                self._schedule_offset_commit()

    async def _apply(self, decoded: Sequence[DecodedRecord], ranges: Sequence[OffsetRange]) -> None:
        """Apply in one transaction. A permanent failure is bisected down to the record that causes it."""
        try:
            refused = await self._transact(decoded, ranges)
        except (*PERMANENT_ERRORS, *PROGRAMMING_ERRORS) as error:
            if isinstance(error, DeadLetterFlood):
                raise
            if len(decoded) > 1:
                middle = len(decoded) // 2
                for half in (decoded[:middle], decoded[middle:]):
                    await self._apply(half, offset_ranges(half))
                return
            refused = await self._transact([self._refuse_failed(decoded[0].record, error)], ranges)
        self._record_commit(len(decoded), ranges, refused)

    def _refuse_failed(self, record: ConsumerRecord, error: BaseException) -> RefusedRecord:
        position = {"topic": self.subscription.topic, "part": record.partition, "offset": record.offset}
        log.error("record_failed", **position, exc_info=error)
        reason = DeadLetterReason.UNPROCESSABLE if isinstance(error, PROGRAMMING_ERRORS) else DeadLetterReason.REJECTED_BY_STORE
        finding = ValidationFinding("", type(error).__name__, "the record was refused when it was applied")
        return RefusedRecord(record, reason, (finding,))

    async def _transact(self, decoded: Sequence[DecodedRecord], ranges: Sequence[OffsetRange]) -> list[RefusedRecord]:
        events = [each for each in decoded if type(each) is ReceivedEvent]
        async with self._store.unit_of_work() as uow:
            uow.refused.extend(each for each in decoded if type(each) is RefusedRecord)
            await advance_positions(uow.connection, self._claims.position_advances(ranges))
            await self.subscription.apply(uow, events)
            self._flood_guard.check(len(decoded), sum(self._is_own_fault(refused) for refused in uow.refused))
        skipped = sum(type(each) is SkippedRecord for each in decoded)
        RECORDS.labels(*self._labels, "applied").inc(len(decoded) - len(uow.refused) - skipped)
        RECORDS.labels(*self._labels, "passed").inc(skipped)
        return uow.refused

    def _is_own_fault(self, refused: RefusedRecord) -> bool:
        return not self.subscription.untrusted_producers or refused.reason in OWN_REASONS

    def _record_commit(self, records: int, ranges: Sequence[OffsetRange], refused: Sequence[RefusedRecord]) -> None:
        self.health.record_commit(records)
        self._claims.next_offsets.update({each.partition: each.last + 1 for each in ranges})
        BATCH_RECORDS.labels(*self._labels).observe(records)
        for each in refused:
            DEAD_LETTERS.labels(*self._labels, each.reason).inc()
        if refused:
            log.warning("records_refused", topic=self.subscription.topic, count=len(refused))

    def _schedule_offset_commit(self) -> None:
        """Commit offsets to Kafka now and then, for lag monitors only; the stored positions are the truth."""
        now = asyncio.get_running_loop().time()
        if now - self._offsets_committed_at >= OFFSET_COMMIT_INTERVAL_S:
            self._offsets_committed_at = now
            self._offset_commit = asyncio.create_task(self._commit_offsets())

    async def _commit_offsets(self) -> None:
        if self._subscriber is None or self._subscriber.consumer is None:
            return
        try:
            await self.kafka_consumer.commit(dict(self._claims.next_offsets))
        except KafkaError as error:
            log.debug("offset_commit_failed", topic=self.subscription.topic, error=type(error).__name__)

    async def stop(self) -> None:
        """Let the batch in flight end, then cancel the background tasks."""
        await self._wait_in_flight()
        await self._claims.stop()
        if self._offset_commit is not None:
            self._offset_commit.cancel()
            await asyncio.wait([self._offset_commit])

    def lag(self) -> int:
        """Return how many records of the claimed partitions are not applied yet, as far as the last fetch knows."""
        high_watermark = self.kafka_consumer.highwater
        lags = ((high_watermark(partition) or 0) - offset for partition, offset in self._claims.next_offsets.items())
        return sum(max(0, records) for records in lags)
