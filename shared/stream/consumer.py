"""The consumer of one subscription: batches from FastStream, applied exactly once in PostgreSQL.

A batch is one transaction that moves the positions under the owner's epoch. Every failure takes the same way:
roll back, claim again, seek to the stored position.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Mapping, Sequence
from contextvars import copy_context
from typing import Any, cast

import structlog
from aiokafka import ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from faststream.kafka.subscriber.usecase import LogicSubscriber

from shared.errors import DeadLetterFlood, Fenced
from shared.metrics import BATCH_SECONDS
from shared.stream.batch import OffsetRange, offset_ranges
from shared.stream.batch_applier import BatchApplier
from shared.stream.fetch_failures import FetchFailures
from shared.stream.fetching import IsolatingConsumer
from shared.stream.health import ConsumerHealth
from shared.stream.partition_claims import BACK_OFF_S, PartitionClaims
from shared.stream.record import DecodedRecord
from shared.stream.subscription import Subscription
from shared.stream.throughput import RecordThroughput, linger_time_s
from shared.stream.unit_of_work import Database

log = structlog.get_logger(__name__)

OFFSET_COMMIT_INTERVAL_S = 1.0
# Marks of transactions come one by one: those of so long are stepped over in one transaction.
STEP_OVER_DELAY_S = 0.5
# About 2 ms of decoding, after which the batch that is being applied gets its turn of the event loop.
DECODE_CHUNK = 200


class BatchConsumer(ConsumerRebalanceListener):  # type: ignore[misc]
    """Applies the batches of one subscription; also the rebalance listener of its Kafka consumer."""

    def __init__(self, subscription: Subscription, database: Database, service: str) -> None:
        self.subscription = subscription
        self.health = ConsumerHealth(subscription.topic, service)
        self._labels = (service, subscription.topic)
        self._lock = asyncio.Lock()
        self._claims = PartitionClaims(database, self.health, lambda: self.kafka_consumer)
        self._applier = BatchApplier(subscription, database, self.health, self._claims)
        self._failures = FetchFailures(
            database, self.health, self._claims, lambda: self.kafka_consumer, self._schedule_step_over
        )
        self._subscriber: LogicSubscriber[Any] | None = None
        self._max_records = 0
        self._offsets_committed_at = 0.0
        self._offset_commit: asyncio.Task[None] | None = None
        self._in_flight: asyncio.Task[None] | None = None
        self._step: asyncio.Task[None] | None = None
        self._throughput = RecordThroughput()
        self._context = copy_context()

    def attach(self, subscriber: LogicSubscriber[Any], max_records: int) -> None:
        """Set the FastStream subscriber that fetches for this consumer, at most `max_records` at a time."""
        self._subscriber = subscriber
        self._max_records = max_records

    @property
    def kafka_consumer(self) -> IsolatingConsumer:
        """The Kafka consumer, which FastStream creates when the subscriber starts."""
        if self._subscriber is None or self._subscriber.consumer is None:
            raise RuntimeError("the subscriber has not been started")
        return cast("IsolatingConsumer", self._subscriber.consumer)

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:  # noqa: ARG002 - the listener's form
        """Release all claims, and let the transaction in flight end before the partitions move."""
        self._claims.release_all()
        self.health.mark_unassigned()
        async with self._lock:
            # Under the lock: the batch in flight writes its next offsets when it ends.
            self._claims.next_offsets.clear()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Claim the assigned partitions."""
        self.kafka_consumer.listen(self._failures)
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
        # FastStream's context of this call holds the records, and the timers of the database's connections, set within the
        # task, hold their context for five minutes: ten batches would be in memory.
        applying = self._apply_batch(decoded, epochs, started_at)
        self._in_flight = asyncio.create_task(applying, context=self._context.copy())
        await asyncio.sleep(self._linger_time_s(len(records), started_at))

    def lag(self) -> int:
        """Return how many offsets of the assigned partitions are not applied yet, as far as the last fetch knows."""
        return self._claims.lag()

    async def stop(self) -> None:
        """Let the batch in flight end, then cancel the background tasks."""
        await self._wait_in_flight()
        await self._claims.stop()
        await self._failures.stop()
        for task in (self._offset_commit, self._step):
            if task is not None:
                task.cancel()
                await asyncio.wait([task])

    def _linger_time_s(self, records: int, now: float) -> float:
        """Return how long to wait for more after a batch of so many records; 0 where a full batch waits already."""
        throughput = self._throughput.update(records, now)
        if self.lag() - records >= self._max_records:
            return 0.0
        return linger_time_s(throughput, self.subscription.linger_s, prefer_large=self.subscription.lingers_under_load)

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
                await self._applier.apply(decoded)
                BATCH_SECONDS.labels(*self._labels).observe(time.perf_counter() - started_at)
            except asyncio.CancelledError:
                raise
            except DeadLetterFlood as flood:
                self._stop_consuming(flood)
            except Exception as error:
                await self._roll_back(error, current)
            else:
                self._schedule_offset_commit()

    def _stop_consuming(self, flood: DeadLetterFlood) -> None:
        log.critical("dead_letter_flood", topic=self.subscription.topic, reason=str(flood))
        self.health.mark_failed(flood)
        # A batch that is decoded already must not be applied after the one that was rolled back.
        self._claims.release_all()
        self.kafka_consumer.pause(*self.kafka_consumer.assignment())

    async def _roll_back(self, error: Exception, ranges: Iterable[OffsetRange]) -> None:
        """Claim the partitions of a batch that was rolled back again, after a while."""
        level = log.info if isinstance(error, Fenced) else log.warning
        level(
            "batch_rolled_back",
            topic=self.subscription.topic,
            error=type(error).__name__,
            exc_info=not isinstance(error, Fenced | OSError),
        )
        await asyncio.sleep(self.health.next_back_off_s(BACK_OFF_S))
        self._claims.claim(each.partition for each in ranges)

    def _schedule_step_over(self) -> None:
        if self._step is None or self._step.done():
            self._step = asyncio.create_task(self._step_over())

    async def _step_over(self) -> None:
        """Step over offsets without records that begin where everything is applied; a batch takes those behind it along."""
        await asyncio.sleep(STEP_OVER_DELAY_S)
        async with self._lock:
            while ranges := self._claims.gaps.at(self._claims.next_offsets):
                try:
                    await self._applier.step_over(ranges)
                except Exception as error:
                    await self._roll_back(error, ranges)
                    return

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
