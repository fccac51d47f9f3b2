"""Offsets that no consumer will ever see are no lag: positions step over them."""

from __future__ import annotations

import pytest

from deploy.backlog import measure_backlog
from tests.integration.probes import wait_until
from tests.integration.stream.counter import (
    fetch_health,
    find_partition,
    has_count,
    month_closed,
    open_producer,
    run_counter,
    send_events,
    send_to,
    wait_applied,
)

PUBLISHER = ("publisher",)


async def run_transaction(settings, number, *numbers, commit):
    """Send numbers to a partition in a transaction of their own."""
    async with open_producer(settings, transactional_id=f"{settings.topic_prefix}{number}") as producer:
        await producer.begin_transaction()
        topic = find_partition(settings, number).topic
        for each in numbers:
            event = month_closed(each)
            await producer.send_and_wait(
                topic, event.body(), key=b"k", partition=number, headers=[("ce_type", event.type.encode())]
            )
        await (producer.commit_transaction() if commit else producer.abort_transaction())


@pytest.mark.parametrize("commit", [True, False], ids=["committed", "aborted"])
async def test_the_mark_of_a_transaction_is_no_lag(settings, stored_numbers, commit):
    async with run_counter(settings) as context:
        await wait_applied(context)
        await run_transaction(settings, 0, 1, 2, commit=commit)
        await run_transaction(settings, 3, 3, commit=True)

        async def is_applied():
            return await context.database.pool.fetchval("SELECT sum(next_offset) FROM positions") == 5

        await wait_until("positions are behind the marks", is_applied)
        await wait_applied(context)
        status, _ = await fetch_health(context)
        backlog = await measure_backlog(settings, PUBLISHER)

    assert (status, backlog.describe()) == (200, [])
    assert await stored_numbers() == ([1, 2, 3] if commit else [3])


async def test_records_behind_a_mark_are_applied(settings, stored_numbers):
    async with run_counter(settings) as context:
        await run_transaction(settings, 0, 1, commit=False)
        await wait_applied(context)
        await send_to(settings, 0, 7, 8)
        await wait_until("two numbers", lambda: has_count(stored_numbers, 2))
        await run_transaction(settings, 0, 2, commit=False)
        await wait_applied(context)
    async with run_counter(settings), open_producer(settings) as producer:
        await send_events(producer, settings, month_closed(9))
        await wait_until("three numbers", lambda: has_count(stored_numbers, 3))

    assert await stored_numbers() == [7, 8, 9]


async def test_an_open_transaction_is_no_lag_until_it_ends(settings, stored_numbers):
    async with run_counter(settings) as context, open_producer(settings, transactional_id=settings.topic_prefix) as producer:
        await wait_applied(context)
        await producer.begin_transaction()
        event = month_closed(1)
        topic = find_partition(settings, 0).topic
        await producer.send_and_wait(topic, event.body(), key=b"k", partition=0, headers=[("ce_type", event.type.encode())])
        await send_to(settings, 1, 2)
        await wait_until("the number of the other partition", lambda: has_count(stored_numbers, 1))
        await wait_applied(context)
        assert await stored_numbers() == [2]

        await producer.commit_transaction()
        await wait_until("the number of the transaction", lambda: has_count(stored_numbers, 2))
