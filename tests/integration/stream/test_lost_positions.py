"""Records that the broker has deleted before they were applied: the partition is blocked and says how many, the others go on."""

from __future__ import annotations

import pytest

from deploy.cli.positions import NothingLost, OffsetOutOfLog, PositionNotFound, _accept_loss, _fetch_reports, _reset
from shared.contracts.figures import FIGURES
from tests.integration.probes import wait_until
from tests.integration.stream.counter import (
    delete_records,
    fetch_health,
    has_count,
    month_closed,
    open_producer,
    run_counter,
    send_events,
    send_to,
    wait_applied,
    wait_blocked,
)


async def run_once(settings):
    """Let the service claim its positions, apply what there is, and stop."""
    async with run_counter(settings) as context:
        await wait_applied(context)


@pytest.mark.parametrize("applied", [0, 2])
async def test_a_partition_with_deleted_records_is_blocked_and_the_others_go_on(settings, stored_numbers, applied):
    await send_to(settings, 0, *range(applied))
    await run_once(settings)
    await send_to(settings, 0, *range(10, 15))
    await delete_records(settings, 0, applied + 3)
    await send_to(settings, 1, 20, 21)

    async with run_counter(settings) as context:
        blocked = await wait_blocked(context, "position_lost")
        await wait_until("the numbers of the other partition", lambda: has_count(stored_numbers, applied + 2))
        status, report = await fetch_health(context)

        async def knows_the_lag():
            return context.consumers[0].lag() == 5

        await wait_until("five records are the lag", knows_the_lag)

    assert blocked[0].lost_offsets == 3
    assert status == 503
    assert "gongshi positions accept-loss publisher" in report["partitions"][0]["reason"]
    assert await stored_numbers() == [*range(applied), 20, 21]


async def test_records_deleted_ahead_of_a_running_consumer_are_no_jump(settings, stored_numbers):
    await run_once(settings)
    async with run_counter(settings) as context:
        await wait_applied(context)
        context.consumers[0].kafka_consumer.pause(*context.consumers[0].kafka_consumer.assignment())
        await send_to(settings, 0, *range(4))
        await delete_records(settings, 0, 3)
        context.consumers[0].kafka_consumer.resume(*context.consumers[0].kafka_consumer.assignment())
        blocked = await wait_blocked(context, "position_lost")

    assert (blocked[0].next_offset, blocked[0].lost_offsets) == (0, 3)
    assert await stored_numbers() == []


async def test_a_loss_that_is_accepted_is_journaled_and_a_running_service_goes_on(settings, stored_numbers):
    await run_once(settings)
    await send_to(settings, 0, *range(10, 15))
    await delete_records(settings, 0, 3)

    async with run_counter(settings) as context:
        await wait_blocked(context, "position_lost")
        (line,) = await _accept_loss(settings, "publisher", FIGURES, None)
        await wait_applied(context)
        entries = await context.database.pool.fetch("SELECT action, subject, detail FROM journal")
        status, _ = await fetch_health(context)

    assert line == f"{settings.topic_prefix}{FIGURES}/0: from 0 to 3, 3 records given up"
    assert [(entry["action"], entry["subject"]) for entry in entries] == [
        ("position_loss_accepted", f"{settings.topic_prefix}{FIGURES}/0")
    ]
    assert status == 200
    assert await stored_numbers() == [13, 14]


async def test_a_loss_is_accepted_while_the_service_is_stopped(settings, stored_numbers):
    await run_once(settings)
    await send_to(settings, 0, 10, 11)
    await delete_records(settings, 0, 1)

    await _accept_loss(settings, "publisher", settings.topic_prefix + FIGURES, 0)
    await run_once(settings)

    assert await stored_numbers() == [11]


async def test_a_reset_applies_again_from_an_offset_or_the_beginning(settings, stored_numbers):
    await send_to(settings, 0, 1, 2, 3)
    async with run_counter(settings) as context:
        await wait_until("three numbers", lambda: has_count(stored_numbers, 3))
        await _reset(settings, "publisher", FIGURES, 0, 2)
        await wait_until("the third once more", lambda: has_count(stored_numbers, 4))
        await _reset(settings, "publisher", FIGURES, None, None)
        await wait_until("all once more", lambda: has_count(stored_numbers, 7))
        await wait_applied(context)

    assert await stored_numbers() == [1, 1, 2, 2, 3, 3, 3]


async def test_a_log_that_ends_before_the_position_is_blocked_for_good_however_long_it_grows(settings, stored_numbers):
    await run_once(settings)
    async with run_counter(settings) as context:
        await wait_applied(context)
        await _set_all_positions(context, 5)
    async with run_counter(settings) as context:
        await wait_blocked(context, "position_ahead", count=8)
        await send_to(settings, 0, *range(9))
    async with run_counter(settings) as context, open_producer(settings) as producer:
        blocked = await wait_blocked(context, "position_ahead", count=8)
        await send_events(producer, settings, month_closed(99))
        assert "gongshi positions reset publisher" in blocked[0].describe("publisher")
        assert await stored_numbers() == []

        await _reset(settings, "publisher", FIGURES, None, None)
        await wait_applied(context)

    assert await stored_numbers() == [*range(9), 99]


async def _set_all_positions(context, offset):
    await context.database.pool.execute("UPDATE positions SET next_offset = $1, epoch = epoch + 1", offset)


async def test_positions_are_shown_beside_the_log(settings, stored_numbers):
    await send_to(settings, 3, 1, 2)
    await run_once(settings)
    await send_to(settings, 3, 3)

    reports = await _fetch_reports(settings, ["publisher"])

    assert [(each.position.next_offset, each.lag) for each in reports if each.lag] == [(2, 1)]
    assert len(reports) == 8
    assert await stored_numbers() == [1, 2]


async def test_what_cannot_be_done_to_a_position_is_refused(settings, stored_numbers):
    await run_once(settings)

    with pytest.raises(NothingLost):
        await _accept_loss(settings, "publisher", FIGURES, None)
    with pytest.raises(PositionNotFound):
        await _accept_loss(settings, "publisher", FIGURES, 99)
    with pytest.raises(PositionNotFound):
        await _reset(settings, "publisher", "gongshi.nothing", None, None)
    with pytest.raises(OffsetOutOfLog, match="holds offsets 0 to 0"):
        await _reset(settings, "publisher", FIGURES, 0, 1)
