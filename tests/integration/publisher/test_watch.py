"""Screens that stay away and versions that nobody decides on are measured."""

from __future__ import annotations

from datetime import timedelta

from prometheus_client import REGISTRY

from services.publisher.store import pairing, screens
from services.publisher.store.screens import Screen
from services.publisher.watch import PublisherWatch
from shared.clock import now
from shared.keys import key_hash
from shared.stream import Database


def age(queue):
    return REGISTRY.get_sample_value("gongshi_queue_age_seconds", {"queue": queue})


async def test_the_age_of_a_queue_is_that_of_its_oldest_version(desk):
    await desk.close_month(5, 5)
    await desk.owner.execute(
        "UPDATE publisher.versions SET drafted_at = drafted_at - interval '3 days' WHERE item_id LIKE '%1'"
    )
    await PublisherWatch(desk.database, set(), "").check()
    before = age("draft"), age("approved"), age("urgent")

    await desk.review(await desk.seen())
    await PublisherWatch(desk.database, set(), "").check()

    assert (before[0] // 86400, *before[1:]) == (3, 0, 0)
    assert (age("draft"), age("approved") // 86400) == (0, 3)


async def test_a_paired_screen_that_was_there_within_a_week_and_is_not_now_is_lost(desk):
    at = now()
    async with desk.database.unit_of_work() as uow:
        for name in ("here", "lost", "gone", "open"):
            await screens.register_screen(uow.connection, Screen(name, name, None, is_open=name == "open"))
        for name in ("here", "lost", "gone"):
            await pairing.set_secret(uow.connection, name, key_hash(name), at)

    async def lost_after(away, *leased):
        await PublisherWatch(Database(desk.database.pool, lambda: at + away, "/test"), set(leased), "").check()
        return REGISTRY.get_sample_value("gongshi_screens_lost")

    assert await lost_after(timedelta(), "here", "lost", "open") == 0
    assert await lost_after(timedelta(hours=1), "here") == 1
    assert await lost_after(timedelta(hours=1, minutes=1), "lost") == 0
    assert await lost_after(timedelta(days=30)) == 0
