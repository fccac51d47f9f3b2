"""Withdrawals told a second time, so that what they replace does not stay in the topic.

Kafka compacts only what is not in the newest segment of a partition, and closes a segment only when the next record arrives:
where nothing else follows, a withdrawn text would stand beside its withdrawal for ever. So the publisher repeats each
withdrawal, word for word, once the segment that holds it is old enough to be closed by that.
"""

from __future__ import annotations

from datetime import timedelta

from services.publisher.store import repeats
from shared.contracts import ItemWithdrawn
from shared.contracts.topics import OVERWRITTEN_WITHIN_MS
from shared.stream import Database

# The segment's age counts from its first record, and the broker's clock is another.
REPEAT_AFTER = timedelta(milliseconds=OVERWRITTEN_WITHIN_MS) + timedelta(minutes=5)
REPEAT_INTERVAL_S = 300.0
BATCH = 500


async def repeat_due(database: Database) -> None:
    """Repeat all that is due."""
    while await repeat_withdrawals(database) == BATCH:
        pass


async def repeat_withdrawals(database: Database, after: timedelta = REPEAT_AFTER) -> int:
    """Tell withdrawals older than `after` a second time; return how many."""
    async with database.unit_of_work() as uow:
        items = await repeats.take_withdrawals(uow.connection, uow.now - after, BATCH, uow.now)
        for item in items:
            uow.emit(ItemWithdrawn(item=item))
    return len(items)
