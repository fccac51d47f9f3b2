"""A topic that was made anew under the same name is read from its beginning, and its records are never mistaken."""

from __future__ import annotations

from tests.integration.probes import wait_until
from tests.integration.stream.counter import (
    has_count,
    month_closed,
    open_producer,
    recreate_topic,
    run_counter,
    send_events,
    send_to,
    wait_applied,
)


async def test_a_topic_made_anew_while_the_service_is_stopped_is_read_from_its_beginning(settings, stored_numbers):
    await send_to(settings, 0, 1, 2, 3)
    async with run_counter(settings):
        await wait_until("three numbers", lambda: has_count(stored_numbers, 3))
    await recreate_topic(settings)
    await send_to(settings, 0, *range(10, 15))

    async with run_counter(settings) as context:
        await wait_until("five more", lambda: has_count(stored_numbers, 8))
        entries = await context.database.pool.fetch("SELECT action, actor FROM journal")

    assert await stored_numbers() == [1, 2, 3, *range(10, 15)]
    assert [tuple(entry) for entry in entries] == [("topic_recreated", "publisher")]


async def test_a_topic_made_anew_while_the_service_runs_is_read_from_its_beginning(settings, stored_numbers):
    await send_to(settings, 0, 1, 2, 3)
    async with run_counter(settings) as context:
        await wait_until("three numbers", lambda: has_count(stored_numbers, 3))
        await recreate_topic(settings)
        await send_to(settings, 0, *range(10, 15))
        await send_to(settings, 5, 15)
        await wait_until("six more", lambda: has_count(stored_numbers, 9), within_s=60)
        await wait_applied(context)

    assert await stored_numbers() == [1, 2, 3, *range(10, 16)]


async def test_a_topic_that_was_longer_than_the_position_before_the_next_fetch_is_not_mistaken(settings, stored_numbers):
    await send_to(settings, 0, 1, 2)
    async with run_counter(settings) as context:
        await wait_until("two numbers", lambda: has_count(stored_numbers, 2))
        consumer = context.consumers[0].kafka_consumer
        consumer.pause(*consumer.assignment())
        await recreate_topic(settings)
        await send_to(settings, 0, *range(10, 15))
        consumer.resume(*consumer.assignment())
        await wait_until("five more", lambda: has_count(stored_numbers, 7), within_s=60)

    assert await stored_numbers() == [1, 2, *range(10, 15)]


async def test_refused_records_at_the_same_offset_of_two_topics_are_two_dead_letters(settings, stored_numbers):
    for number in (1, 2):
        async with open_producer(settings) as producer:
            await send_events(producer, settings, month_closed(number), value=b"{%d" % number)
        async with run_counter(settings) as context:

            async def has_dead_letters(context=context, number=number):
                return await context.database.pool.fetchval("SELECT count(*) FROM dead_letters") == number

            await wait_until(f"{number} dead letters", has_dead_letters)
            topics = await context.database.pool.fetch("SELECT topic_id, value FROM dead_letters ORDER BY id")
        await recreate_topic(settings)

    assert [row["value"] for row in topics] == [b"{1", b"{2"]
    assert len({row["topic_id"] for row in topics}) == 2
    assert await stored_numbers() == []
