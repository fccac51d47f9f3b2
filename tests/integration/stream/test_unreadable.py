"""A batch that cannot be read holds up its own partition only; it is logged, measured, shown, tried again, and can be given up."""

from __future__ import annotations

from types import SimpleNamespace
from uuid import uuid4

import orjson
import pytest
from cramjam import DecompressionError
from prometheus_client import generate_latest

from deploy.cli.positions import _accept_loss, _fetch_reports
from shared.contracts import binary_headers
from shared.contracts.figures import FIGURES
from shared.stream import compression, fetch_failures
from shared.web.health import metrics
from tests.integration.probes import wait_until
from tests.integration.stream.counter import (
    AT,
    fetch_health,
    find_partition,
    has_count,
    month_closed,
    open_producer,
    run_counter,
    send_to,
    wait_applied,
    wait_blocked,
)

PADDING = bytes(400_000)


@pytest.fixture
def codec(monkeypatch):
    """A codec that cannot read zstd until `codec.reads` is set; a failed fetch is soon tried again."""
    state, decompress = SimpleNamespace(reads=False), compression.decompress_zstd

    def refuse(payload):
        if state.reads:
            return decompress(payload)
        raise DecompressionError

    monkeypatch.setattr(compression, "decompress_zstd", refuse)
    monkeypatch.setattr(fetch_failures, "RETRY_UNREADABLE_S", (0.2, 0.5))
    return state


async def send_zstd(settings, number, *numbers):
    """Send one batch that decompresses to more than 400 kB to a partition of that number."""
    async with open_producer(settings, compression_type="zstd", max_batch_size=2_000_000) as producer:
        batch = producer.create_batch()
        for each in numbers:
            event = month_closed(each)
            headers = [*binary_headers(event, event_id=uuid4(), source="/test", at=AT), ("x-padding", PADDING)]
            assert batch.append(key=event.key().encode(), value=event.body(), timestamp=None, headers=headers)
        batch.close()
        await (await producer.send_batch(batch, find_partition(settings, number).topic, partition=number))


async def test_only_the_partition_is_blocked_and_what_was_before_the_batch_is_applied(settings, stored_numbers, codec):
    async with run_counter(settings) as context:
        await wait_applied(context)
        await send_to(settings, 0, 1, 2)
        await send_zstd(settings, 0, 3, 4)
        await send_to(settings, 0, 5)
        await send_to(settings, 6, 60, 61)
        blocked = await wait_blocked(context, "unreadable")
        await wait_until("what can be read", lambda: has_count(stored_numbers, 4))
        status, report = await fetch_health(context)
        exposition = await expose(context)
        (stored,) = await context.database.pool.fetch("SELECT topic, part, cause, resume_offset FROM standing_partitions")

        async def knows_the_lag():
            return context.consumers[0].lag() == 3

        await wait_until("the three records that wait are the lag", knows_the_lag)

    assert await stored_numbers() == [1, 2, 60, 61]
    assert (blocked[0].next_offset, blocked[0].resume_offset, blocked[0].error) == (2, 4, "DecompressionError")
    assert tuple(stored) == (settings.topic_prefix + FIGURES, 0, "unreadable", 4)
    assert status == 503
    assert [(each["partition"], each["cause"]) for each in report["partitions"]] == [(0, "unreadable")]
    place = f'partition="0",service="publisher",topic="{FIGURES}"'
    assert f'gongshi_standing_partitions{{cause="unreadable",{place}}} 1.0' in exposition
    assert f'gongshi_fetch_failures_total{{cause="DecompressionError",{place}}}' in exposition


async def expose(context):
    """The metrics of the service in Prometheus' text format."""
    await metrics(SimpleNamespace(app=SimpleNamespace(state=SimpleNamespace(context=context))))
    return generate_latest().decode()


async def test_a_batch_that_can_be_read_after_all_is_applied_without_a_restart(settings, stored_numbers, codec):
    async with run_counter(settings) as context:
        await send_zstd(settings, 0, 3, 4)
        await wait_blocked(context, "unreadable")
        codec.reads = True
        await wait_until("both numbers", lambda: has_count(stored_numbers, 2))
        await wait_applied(context)

        async def is_cleared():
            return await context.database.pool.fetchval("SELECT count(*) FROM standing_partitions") == 0

        await wait_until("nothing is stored as blocked", is_cleared)


async def test_a_batch_that_cannot_be_read_can_be_given_up(settings, stored_numbers, codec):
    async with run_counter(settings) as context:
        await send_to(settings, 0, 1)
        await send_zstd(settings, 0, 3, 4)
        await send_to(settings, 0, 5)
        await wait_blocked(context, "unreadable")
        await wait_until("the number before", lambda: has_count(stored_numbers, 1))

        async def is_reported():
            return [each.blocked.cause for each in await _fetch_reports(settings, ["publisher"]) if each.blocked] == [
                "unreadable"
            ]

        await wait_until("the partition is shown as blocked", is_reported)
        (line,) = await _accept_loss(settings, "publisher", FIGURES, None)
        await wait_applied(context)

    assert line.endswith("/0: from 1 to 3, 2 records given up")
    assert await stored_numbers() == [1, 5]


async def test_a_batch_that_unpacks_to_too_much_is_one_dead_letter_and_does_not_come_again(
    settings, stored_numbers, monkeypatch
):
    monkeypatch.setattr(compression, "MAX_BATCH_BYTES", 100_000)
    await send_to(settings, 0, 1, 2)
    await send_zstd(settings, 0, 3, 4)
    await send_to(settings, 0, 5)
    for _ in range(2):
        async with run_counter(settings) as context:
            await wait_applied(context)
            rows = await context.database.pool.fetch("SELECT * FROM dead_letters")
            status, _ = await fetch_health(context)
            offset = await context.database.pool.fetchval("SELECT next_offset FROM positions WHERE part = 0")

    (row,) = rows
    assert await stored_numbers() == [1, 2, 5]
    assert (status, offset) == (200, 5)
    assert (row["part"], row["at_offset"], row["reason"]) == (0, 2, "undecodable")
    assert [finding["code"] for finding in orjson.loads(row["detail"])] == ["unpacks_too_large"]
    assert len(row["value"]) < 100_000
