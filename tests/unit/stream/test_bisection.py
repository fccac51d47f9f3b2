"""A permanent failure is bisected down to the record that causes it."""

import asyncpg
import pytest
from aiokafka import ConsumerRecord
from pydantic import BaseModel

from shared.stream import DeadLetterReason, ReceivedEvent, RefusedRecord, Subscription
from shared.stream.batch_applier import BatchApplier
from shared.stream.health import ConsumerHealth
from shared.stream.partition_claims import PartitionClaims


class Number(BaseModel):
    """The event of these tests."""

    value: int


class BisectingApplier(BatchApplier):
    """An applier whose transactions fail while record 5 is in them; it records what they would commit."""

    def __init__(self, error):
        health = ConsumerHealth("t", "test")
        claims = PartitionClaims(None, health, lambda: None)
        super().__init__(Subscription("t", lambda record: record, {}), None, health, claims)
        self.error = error
        self.applied = []
        self.refused = []

    async def _transact(self, decoded, ranges):
        assert sum(each.last - each.first + 1 for each in ranges) == len(decoded)
        if any(isinstance(each, ReceivedEvent) and each.event.value == 5 for each in decoded):
            raise self.error
        refused = [each for each in decoded if isinstance(each, RefusedRecord)]
        self.applied += [each.event.value for each in decoded if isinstance(each, ReceivedEvent)]
        self.refused += [(each.record.offset, each.reason) for each in refused]
        return refused


def batch(size):
    records = [ConsumerRecord("t", 0, n, 0, 0, b"k", b"v", None, 0, 0, ()) for n in range(size)]
    return [ReceivedEvent(Number(value=record.offset), record) for record in records]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OverflowError("date value out of range"), DeadLetterReason.UNPROCESSABLE),
        (KeyError("operator"), DeadLetterReason.UNPROCESSABLE),
        (asyncpg.NumericValueOutOfRangeError("too large"), DeadLetterReason.REJECTED_BY_STORE),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_one_bad_record_is_refused_and_its_neighbours_are_applied_in_order(error, reason):
    applier = BisectingApplier(error)

    await applier.apply(batch(8))

    assert applier.applied == [0, 1, 2, 3, 4, 6, 7]
    assert applier.refused == [(5, reason)]


@pytest.mark.parametrize("error", [ConnectionResetError(), asyncpg.InterfaceError("closed")], ids=lambda e: type(e).__name__)
async def test_a_transient_failure_refuses_nothing(error):
    applier = BisectingApplier(error)

    with pytest.raises(type(error)):
        await applier.apply(batch(8))

    assert applier.refused == []
