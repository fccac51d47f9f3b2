"""Records that violate the contract stop no consumer, however many come; our own code failing on most of them does."""

from __future__ import annotations

import pytest

from shared.contracts.figures import FIGURES
from shared.stream.flood import MIN_RECORDS
from tests.integration.probes import wait_until
from tests.integration.stream.counter import fetch_health, has_count, month_closed, open_producer, run_counter, send_events

pytestmark = pytest.mark.asyncio(loop_scope="session")

COUNT_LETTERS = "SELECT reason, count(*) FROM dead_letters GROUP BY reason"


async def send_rubbish(producer, settings, count):
    """Records of a known type whose bodies violate the contract, records that are not JSON, and records without a type."""
    typed = [("ce_type", month_closed(0).type.encode())]
    bodies = [(b'{"month": 7}', typed), (b"{", typed), (b"\xff", [])]
    sent = [
        await producer.send(settings.topic_prefix + FIGURES, body, partition=0, key=b"x", headers=headers)
        for body, headers in bodies
        for _ in range(count // len(bodies))
    ]
    for each in sent:
        await each


async def test_a_flood_of_violations_stops_nobody(settings, stored_numbers):
    async with open_producer(settings) as producer:
        await send_rubbish(producer, settings, 3 * MIN_RECORDS // 2)
        await send_events(producer, settings, *(month_closed(number) for number in (1, 2, 3)))
        async with run_counter(settings) as context:
            await wait_until("three numbers", lambda: has_count(stored_numbers, 3))
            await send_rubbish(producer, settings, MIN_RECORDS)
            await send_events(producer, settings, month_closed(4))
            await wait_until("the fourth number", lambda: has_count(stored_numbers, 4))
            status, _ = await fetch_health(context)
            letters = dict(await context.database.pool.fetch(COUNT_LETTERS))

    assert status == 200
    assert set(letters) == {"invalid", "undecodable"}
    assert sum(letters.values()) > 2 * MIN_RECORDS


async def test_our_own_code_failing_on_most_records_stops_the_consumer(settings):
    async def fail(_uow, events):
        if events:
            raise ValueError

    async def is_stopped():
        return any(consumer.health.failure is not None for consumer in context.consumers)

    async with open_producer(settings) as producer:
        typed = [("ce_type", month_closed(0).type.encode())]
        for number in range(MIN_RECORDS + 50):
            await producer.send(
                settings.topic_prefix + FIGURES, month_closed(number).body(), partition=0, key=b"x", headers=typed
            )
        await producer.flush()
    async with run_counter(settings, fail) as context:
        await wait_until("a stop", is_stopped)
        status, _ = await fetch_health(context)

    assert status == 503
