"""A permanent failure is bisected down to the record that causes it."""

import asyncpg
import pytest
from aiokafka import ConsumerRecord
from pydantic import BaseModel

from shared.stream import DeadLetterReason, ReceivedEvent, RefusedRecord, Subscription
from shared.stream.batch import offset_ranges
from shared.stream.consumer import BatchConsumer


class Number(BaseModel):
    """The event of these tests."""

    value: int


class BisectingConsumer(BatchConsumer):
    """A consumer whose transactions fail while record 5 is in them; it records what they would commit."""

    def __init__(self, error):
        super().__init__(Subscription("t", lambda record: record, {}), store=None, service="test")
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
    decoded = [ReceivedEvent(Number(value=record.offset), record) for record in records]
    return decoded, offset_ranges(decoded)


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
    consumer = BisectingConsumer(error)

    await consumer._apply(*batch(8))

    assert consumer.applied == [0, 1, 2, 3, 4, 6, 7]
    assert consumer.refused == [(5, reason)]


@pytest.mark.parametrize("error", [ConnectionResetError(), asyncpg.InterfaceError("closed")], ids=lambda e: type(e).__name__)
async def test_a_transient_failure_refuses_nothing(error):
    consumer = BisectingConsumer(error)

    with pytest.raises(type(error)):
        await consumer._apply(*batch(8))

    assert consumer.refused == []
