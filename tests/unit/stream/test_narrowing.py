"""A failure that will come again is narrowed down to the record it is in."""

import asyncpg
import pytest
from aiokafka import ConsumerRecord
from pydantic import BaseModel

from shared.stream import Reason, Received, Refused, Subscription
from shared.stream.batch import spans
from shared.stream.consumer import BatchConsumer


class Number(BaseModel):
    """What the records of these tests hold."""

    value: int


class Narrowing(BatchConsumer):
    """A consumer whose transactions fail while record 5 is in them; what they would commit is noted."""

    def __init__(self, error):
        super().__init__(Subscription("t", lambda record: record, {}), store=None, service="test")
        self.error = error
        self.applied = []
        self.refused = []

    async def _transact(self, decoded, found):
        assert sum(span.last - span.first + 1 for span in found) == len(decoded)
        if any(isinstance(each, Received) and each.event.value == 5 for each in decoded):
            raise self.error
        refused = [each for each in decoded if isinstance(each, Refused)]
        self.applied += [each.event.value for each in decoded if isinstance(each, Received)]
        self.refused += [(each.record.offset, each.reason) for each in refused]
        return refused


def batch(size):
    records = [ConsumerRecord("t", 0, n, 0, 0, b"k", b"v", None, 0, 0, ()) for n in range(size)]
    decoded = [Received(Number(value=record.offset), record) for record in records]
    return decoded, spans(decoded)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OverflowError("date value out of range"), Reason.UNPROCESSABLE),
        (KeyError("operator"), Reason.UNPROCESSABLE),
        (asyncpg.NumericValueOutOfRangeError("too large"), Reason.REJECTED_BY_STORE),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_one_bad_record_is_refused_and_its_neighbours_are_applied_in_order(error, reason):
    consumer = Narrowing(error)

    await consumer._apply(*batch(8))

    assert consumer.applied == [0, 1, 2, 3, 4, 6, 7]
    assert consumer.refused == [(5, reason)]


@pytest.mark.parametrize("error", [ConnectionResetError(), asyncpg.InterfaceError("closed")], ids=lambda e: type(e).__name__)
async def test_a_failure_that_may_pass_refuses_nothing(error):
    consumer = Narrowing(error)

    with pytest.raises(type(error)):
        await consumer._apply(*batch(8))

    assert consumer.refused == []
