"""The consumer of one subscription: batches from FastStream, applied exactly once in PostgreSQL.

A batch is one transaction that moves the positions under the owner's epoch. Whatever goes wrong ends in the same place:
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

from shared.errors import OWN_FAULTS, PERMANENT, DeadLetterFlood, Fenced
from shared.metrics import BATCH_RECORDS, BATCH_SECONDS, DEAD_LETTERS, RECORDS
from shared.stream.batch import Span, spans
from shared.stream.flood import FloodGuard
from shared.stream.health import ConsumerHealth
from shared.stream.ownership import BACK_OFF_S, Ownership
from shared.stream.positions import advance
from shared.stream.rate import Rate, gathering
from shared.stream.record import Decoded, Detail, Passed, Reason, Received, Refused
from shared.stream.subscription import Subscription
from shared.stream.unit import Store

log = structlog.get_logger(__name__)

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
        self._owned = Ownership(store, self.health, lambda: self.consumer)
        self._subscriber: LogicSubscriber[Any] | None = None
        self._most = 0
        self._hinted_at = 0.0
        self._hint: asyncio.Task[None] | None = None
        self._in_flight: asyncio.Task[None] | None = None
        self._rate = Rate()

    def attach_to(self, subscriber: LogicSubscriber[Any], most: int) -> None:
        """Take the FastStream subscriber that fetches for this consumer, at most so many records at a time."""
        self._subscriber = subscriber
        self._most = most

    @property
    def consumer(self) -> AIOKafkaConsumer:
        """The Kafka consumer; FastStream makes it when the subscriber starts."""
        if self._subscriber is None or self._subscriber.consumer is None:
            raise RuntimeError("the subscriber has not been started")
        return self._subscriber.consumer

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:  # noqa: ARG002 - the listener's form
        """Forget the epochs, and let the transaction in flight end before the partitions move."""
        self._owned.give_up()
        self.health.unassigned()
        async with self._lock:
            # Not sooner: the batch in flight notes how far it came when it ends.
            self._owned.applied.clear()

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Claim what is assigned."""
        self._owned.give_up()
        self._owned.take(assigned)

    async def consume(self, records: Sequence[ConsumerRecord]) -> None:
        """Decode one batch while the one before is in the database, then apply it in the background, in order.

        On any failure the positions are claimed again and the batch comes back.
        """
        began, epochs = time.perf_counter(), self._owned.epochs()
        decode = self.subscription.decode
        decoded: list[Decoded] = []
        for at in range(0, len(records), DECODED_AT_ONCE):
            decoded += [decode(record) for record in records[at : at + DECODED_AT_ONCE]]
            await asyncio.sleep(0)
        await self._end_flight()
        self._in_flight = asyncio.create_task(self._apply_batch(decoded, epochs, began))
        await asyncio.sleep(self._gathering(len(records), began))

    def _gathering(self, records: int, now: float) -> float:
        """Return how long to wait for more, when so many have just begun to be applied; no time where a full batch waits."""
        rate = self._rate.of(records, now)
        if self.lag() - records >= self._most:
            return 0.0
        return gathering(rate, self.subscription.gather_s, gains=self.subscription.batches > 1)

    async def _end_flight(self) -> None:
        """Wait for the batch that is being applied, if there is one."""
        if self._in_flight is not None:
            await asyncio.wait([self._in_flight])

    async def _apply_batch(self, decoded: Sequence[Decoded], epochs: Mapping[TopicPartition, int], began: float) -> None:
        """Apply what is still owned as it was when the batch came: a partition claimed since then comes back as a whole."""
        async with self._lock:
            found = spans(decoded)
            owned = [span for span in found if self._owned.holds(span.partition, epochs)]
            if len(owned) < len(found):
                parts = {span.partition.partition for span in owned}
                decoded = [each for each in decoded if each.record.partition in parts]
            if not decoded:
                return
            try:
                await self._apply(decoded, owned)
                BATCH_SECONDS.labels(*self._labels).observe(time.perf_counter() - began)
            except asyncio.CancelledError:
                raise
            except DeadLetterFlood as flood:
                log.critical("dead_letter_flood", topic=self.subscription.topic, reason=str(flood))
                self.health.failed(flood)
                # What is decoded already must not be applied behind what was refused.
                self._owned.give_up()
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
                self._owned.take(span.partition for span in owned)
            else:
                self._give_hint()

    async def _apply(self, decoded: Sequence[Decoded], found: Sequence[Span]) -> None:
        """Apply in one transaction. A failure that will come again is narrowed down by halves to the record it is in."""
        try:
            refused = await self._transact(decoded, found)
        except (*PERMANENT, *OWN_FAULTS) as error:
            if isinstance(error, DeadLetterFlood):
                raise
            if len(decoded) > 1:
                middle = len(decoded) // 2
                for half in (decoded[:middle], decoded[middle:]):
                    await self._apply(half, spans(half))
                return
            refused = await self._transact([self._refused_alone(decoded[0].record, error)], found)
        self._committed(len(decoded), found, refused)

    def _refused_alone(self, record: ConsumerRecord, error: BaseException) -> Refused:
        place = {"topic": self.subscription.topic, "part": record.partition, "offset": record.offset}
        log.error("record_failed", **place, exc_info=error)
        reason = Reason.UNPROCESSABLE if isinstance(error, OWN_FAULTS) else Reason.REJECTED_BY_STORE
        return Refused(record, reason, (Detail("", type(error).__name__, "the record was refused when it was applied"),))

    async def _transact(self, decoded: Sequence[Decoded], found: Sequence[Span]) -> list[Refused]:
        events = [each for each in decoded if type(each) is Received]
        async with self._store.unit() as unit:
            unit.refused.extend(each for each in decoded if type(each) is Refused)
            await advance(unit.connection, self._owned.advances(found))
            await self.subscription.apply(unit, events)
            self._flood.check(len(decoded), sum(self._our_fault(refused) for refused in unit.refused))
        passed = sum(type(each) is Passed for each in decoded)
        RECORDS.labels(*self._labels, "applied").inc(len(decoded) - len(unit.refused) - passed)
        RECORDS.labels(*self._labels, "passed").inc(passed)
        return unit.refused

    def _our_fault(self, refused: Refused) -> bool:
        return not self.subscription.own_faults_only or refused.reason in {Reason.REJECTED_BY_STORE, Reason.UNPROCESSABLE}

    def _committed(self, records: int, found: Sequence[Span], refused: Sequence[Refused]) -> None:
        self.health.committed(records)
        self._owned.applied.update({span.partition: span.last + 1 for span in found})
        BATCH_RECORDS.labels(*self._labels).observe(records)
        for letter in refused:
            DEAD_LETTERS.labels(*self._labels, letter.reason).inc()
        if refused:
            log.warning("records_refused", topic=self.subscription.topic, count=len(refused))

    def _give_hint(self) -> None:
        """Tell Kafka where we are, for lag monitors only; the stored positions are the truth."""
        now = asyncio.get_running_loop().time()
        if now - self._hinted_at >= HINT_EVERY_S:
            self._hinted_at = now
            self._hint = asyncio.create_task(self._send_hint())

    async def _send_hint(self) -> None:
        if self._subscriber is None or self._subscriber.consumer is None:
            return
        try:
            await self.consumer.commit(dict(self._owned.applied))
        except KafkaError as error:
            log.debug("hint_failed", topic=self.subscription.topic, error=type(error).__name__)

    async def stop(self) -> None:
        """Let the batch in flight end, then end the background tasks."""
        await self._end_flight()
        await self._owned.stop()
        if self._hint is not None:
            self._hint.cancel()
            await asyncio.wait([self._hint])

    def lag(self) -> int:
        """Return how many records of the assigned partitions are known to wait."""
        waiting = ((self.consumer.highwater(p) or 0) - following for p, following in self._owned.applied.items())
        return sum(max(0, records) for records in waiting)
