"""A batch that cannot be read holds up its own partition only; it is logged, measured, shown, tried again, and can be given up."""

from __future__ import annotations

from types import SimpleNamespace
from uuid import uuid4

import pytest
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
def small_batches(monkeypatch):
    """Batches that decompress to more than 100 kB cannot be read; a failed fetch is soon tried again."""
    monkeypatch.setattr(compression, "MAX_BATCH_BYTES", 100_000)
    monkeypatch.setattr(fetch_failures, "RETRY_UNREADABLE_S", (0.2, 0.5))


async def send_unreadable(settings, number, *numbers):
    """Send one batch that decompresses to more than 100 kB to a partition of that number."""
    async with open_producer(settings, compression_type="zstd", max_batch_size=2_000_000) as producer:
        batch = producer.create_batch()
        for each in numbers:
            event = month_closed(each)
            headers = [*binary_headers(event, event_id=uuid4(), source="/test", at=AT), ("x-padding", PADDING)]
            assert batch.append(key=event.key().encode(), value=event.body(), timestamp=None, headers=headers)
        batch.close()
        await (await producer.send_batch(batch, find_partition(settings, number).topic, partition=number))


async def test_only_the_partition_is_blocked_and_what_was_before_the_batch_is_applied(settings, stored_numbers, small_batches):
    async with run_counter(settings) as context:
        await wait_applied(context)
        await send_to(settings, 0, 1, 2)
        await send_unreadable(settings, 0, 3, 4)
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


async def test_a_batch_that_can_be_read_after_all_is_applied_without_a_restart(
    settings, stored_numbers, small_batches, monkeypatch
):
    async with run_counter(settings) as context:
        await send_unreadable(settings, 0, 3, 4)
        await wait_blocked(context, "unreadable")
        monkeypatch.setattr(compression, "MAX_BATCH_BYTES", 10_000_000)
        await wait_until("both numbers", lambda: has_count(stored_numbers, 2))
        await wait_applied(context)

        async def is_cleared():
            return await context.database.pool.fetchval("SELECT count(*) FROM standing_partitions") == 0

        await wait_until("nothing is stored as blocked", is_cleared)


async def test_a_batch_that_cannot_be_read_can_be_given_up(settings, stored_numbers, small_batches):
    async with run_counter(settings) as context:
        await send_to(settings, 0, 1)
        await send_unreadable(settings, 0, 3, 4)
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
