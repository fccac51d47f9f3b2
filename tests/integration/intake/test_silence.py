"""A source that is silent for longer than it ever was is counted, and named."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest_asyncio
from prometheus_client import REGISTRY

from services.intake.silence import SourceWatch
from services.intake.store import silence, sources
from shared.database import open_pool
from shared.stream import Database

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest_asyncio.fixture(loop_scope="session")
async def store(database):
    """The database of intake, and what stores that a source was heard in these hours before noon."""
    pool = await open_pool(database, "intake")

    async def hear(name, *hours_ago):
        async with pool.acquire() as connection:
            source_id = (await sources.register(connection, [name], "http"))[name]
            for hours in hours_ago:
                await silence.insert_hours(connection, [source_id], NOON - hours * HOUR)

    async def silent(at=NOON):
        async with pool.acquire() as connection:
            return [each.name for each in await silence.fetch_silent_sources(connection, at)]

    yield pool, hear, silent
    await pool.close()


async def test_a_source_is_silent_once_it_is_away_half_as_long_again_as_ever(store):
    _, hear, silent = store
    await hear("/hourly", *range(5, 40))
    await hear("/still-there", *range(1, 40))
    # Away for sixty hours at the weekend.
    await hear("/office", *range(20, 30), *range(90, 100))
    await hear("/seldom", 200, 100)

    assert await silent() == ["/hourly"]
    assert await silent(NOON + 80 * HOUR) == ["/office", "/hourly", "/still-there"]


async def test_a_source_that_was_given_up_is_not_silent_for_ever(store):
    _, hear, silent = store
    await hear("/gone", *range(100, 120))

    assert await silent() == ["/gone"]
    assert await silent(NOON + timedelta(days=12)) == []


async def test_the_watch_stores_which_were_active_forgets_what_is_old_and_counts_the_silent(store):
    pool, hear, _ = store
    await hear("/hourly", *range(5, 40), 17 * 24)

    class Intake:
        def take_active(self):
            return set()

    await SourceWatch(Database(pool, lambda: NOON, "/test"), Intake()).check()

    assert REGISTRY.get_sample_value("gongshi_sources_silent") == 1
    async with pool.acquire() as connection:
        assert await connection.fetchval("SELECT count(*) FROM intake.source_hours") == 35
