"""Applies a decoded batch in one transaction, and bisects one that fails permanently down to the record that causes it."""

from __future__ import annotations

from collections.abc import Sequence

import structlog
from aiokafka import ConsumerRecord

from shared.errors import PERMANENT_ERRORS, PROGRAMMING_ERRORS, DeadLetterFlood
from shared.metrics import BATCH_RECORDS, DEAD_LETTERS, RECORDS
from shared.stream.batch import OffsetRange, offset_ranges
from shared.stream.flood import FloodGuard
from shared.stream.health import ConsumerHealth
from shared.stream.partition_claims import PartitionClaims
from shared.stream.positions import advance_positions
from shared.stream.record import DeadLetterReason, DecodedRecord, ReceivedEvent, RefusedRecord, SkippedRecord, ValidationFinding
from shared.stream.subscription import Subscription
from shared.stream.unit_of_work import Database

log = structlog.get_logger(__name__)

# Reasons for which our own code is to blame: it failed on a record that keeps the contract. Whoever may write to a topic can
# violate the contract as often as they like, and stop nobody.
OWN_REASONS = frozenset({DeadLetterReason.REJECTED_BY_STORE, DeadLetterReason.UNPROCESSABLE})


class BatchApplier:
    """Applies the batches of one subscription, and advances the positions that are claimed."""

    def __init__(self, subscription: Subscription, database: Database, health: ConsumerHealth, claims: PartitionClaims) -> None:
        self._subscription = subscription
        self._database = database
        self._health = health
        self._claims = claims
        self._flood_guard = FloodGuard()
        self._labels = (health.service, subscription.topic)

    async def apply(self, decoded: Sequence[DecodedRecord]) -> None:
        """Apply in one transaction, or by halves. Raises `Fenced`, `DeadLetterFlood` and what is transient."""
        ranges = self._claims.gaps.extend(offset_ranges(decoded))
        try:
            refused = await self._transact(decoded, ranges)
        except (*PERMANENT_ERRORS, *PROGRAMMING_ERRORS) as error:
            if isinstance(error, DeadLetterFlood):
                raise
            if len(decoded) > 1:
                middle = len(decoded) // 2
                await self.apply(decoded[:middle])
                await self.apply(decoded[middle:])
                return
            refused = await self._transact([self._refuse_failed(decoded[0].record, error)], ranges)
        self._record_commit(len(decoded), ranges, refused)

    async def step_over(self, ranges: Sequence[OffsetRange]) -> None:
        """Advance the positions past offsets that hold no record. Raises `Fenced`."""
        async with self._database.unit_of_work() as uow:
            await advance_positions(uow.connection, self._claims.position_advances(ranges))
        self._claims.next_offsets.update({each.partition: each.last + 1 for each in ranges})

    async def _transact(self, decoded: Sequence[DecodedRecord], ranges: Sequence[OffsetRange]) -> list[RefusedRecord]:
        events = [each for each in decoded if type(each) is ReceivedEvent]
        async with self._database.unit_of_work() as uow:
            uow.refused.extend(each for each in decoded if type(each) is RefusedRecord)
            await advance_positions(uow.connection, self._claims.position_advances(ranges))
            await self._subscription.apply(uow, events)
            self._flood_guard.check(len(decoded), sum(refused.reason in OWN_REASONS for refused in uow.refused))
        skipped = sum(type(each) is SkippedRecord for each in decoded)
        RECORDS.labels(*self._labels, "applied").inc(len(decoded) - len(uow.refused) - skipped)
        RECORDS.labels(*self._labels, "skipped").inc(skipped)
        return uow.refused

    def _refuse_failed(self, record: ConsumerRecord, error: BaseException) -> RefusedRecord:
        position = {"topic": self._subscription.topic, "partition": record.partition, "offset": record.offset}
        log.error("record_failed", **position, exc_info=error)
        reason = DeadLetterReason.UNPROCESSABLE if isinstance(error, PROGRAMMING_ERRORS) else DeadLetterReason.REJECTED_BY_STORE
        finding = ValidationFinding("", type(error).__name__, "the record was refused when it was applied")
        return RefusedRecord(record, reason, (finding,))

    def _record_commit(self, records: int, ranges: Sequence[OffsetRange], refused: Sequence[RefusedRecord]) -> None:
        self._health.record_commit(records)
        self._claims.next_offsets.update({each.partition: each.last + 1 for each in ranges})
        BATCH_RECORDS.labels(*self._labels).observe(records)
        for each in refused:
            DEAD_LETTERS.labels(*self._labels, each.reason).inc()
        if refused:
            log.warning("records_refused", topic=self._subscription.topic, count=len(refused))
