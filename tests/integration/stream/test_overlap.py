"""A batch is decoded while the previous one is applied; when that one fails, the decoded batch is not applied after it."""

from __future__ import annotations

import random
from contextvars import copy_context

from tests.integration.probes import wait_until
from tests.integration.stream.counter import has_count, insert_numbers, month_closed, open_producer, run_counter, send_events

RECORDS = 600


async def test_batches_that_fail_now_and_then_lose_and_double_nothing(settings, stored_numbers):
    chance = random.Random(20261122)
    failed = 0

    async def insert_or_fail(uow, events):
        nonlocal failed
        await insert_numbers(uow, events)
        if failed < 12 and chance.random() < 0.4:
            failed += 1
            raise ConnectionResetError("as if the database had gone away")

    small = settings.model_copy(update={"batch_records": 20})
    async with open_producer(settings) as producer:
        await send_events(producer, settings, *(month_closed(n) for n in range(RECORDS)))
    async with run_counter(small, insert_or_fail):
        await wait_until(f"{RECORDS} numbers", lambda: has_count(stored_numbers, RECORDS), within_s=60)

    assert failed == 12
    assert await stored_numbers() == list(range(RECORDS))


async def test_a_transaction_holds_no_batch_for_those_it_starts(settings, stored_numbers):
    # Timers of the database's connections run for minutes, in the context in which they were set; FastStream's holds the records.
    variables: set[str] = set()

    async def insert(uow, events):
        variables.update(variable.name for variable in copy_context())
        await insert_numbers(uow, events)

    before = {variable.name for variable in copy_context()}
    async with open_producer(settings) as producer:
        await send_events(producer, settings, month_closed(1))
    async with run_counter(settings, insert):
        await wait_until("the number", lambda: has_count(stored_numbers, 1))

    assert variables <= before
