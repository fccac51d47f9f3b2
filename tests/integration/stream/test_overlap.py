"""One batch is decoded while the one before is applied: when that one fails, what was decoded is not applied behind it."""

from __future__ import annotations

import random

from tests.integration.probes import until
from tests.integration.stream.test_exactly_once import counting, has, kept, month, producing, tell

__all__ = ["kept"]

RECORDS = 600


async def test_batches_that_fail_now_and_then_lose_and_double_nothing(settings, kept):
    chance = random.Random(20261122)
    failed = 0

    async def keep_or_fail(unit, events):
        nonlocal failed
        numbers = [received.event.operators for received in events]
        await unit.connection.executemany("INSERT INTO publisher.kept VALUES ($1)", [(n,) for n in numbers])
        if failed < 12 and chance.random() < 0.4:
            failed += 1
            raise ConnectionResetError("as if the database had gone away")

    small = settings.model_copy(update={"batch_records": 20})
    async with producing(settings) as producer:
        await tell(producer, settings, *(month(n) for n in range(RECORDS)))
    async with counting(small, keep_or_fail):
        await until(f"{RECORDS} numbers", lambda: has(kept, RECORDS), within_s=60)

    assert failed == 12
    assert await kept() == list(range(RECORDS))
