"""A service that is asked to stop stops, whatever happens at that moment."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from shared.database import close_pool, open_pool
from shared.database import pool as pools
from shared.stream.relay import Relay
from tests.integration.probes import wait_until

WAITING = """
SELECT count(*)
  FROM pg_stat_activity
 WHERE datname = current_database() AND state = 'idle' AND query LIKE '%FROM outbox%'
"""


@pytest.mark.parametrize("ticks", range(4))
async def test_a_relay_that_is_notified_while_it_stops_stops(settings, ticks):
    owner = await asyncpg.connect(settings.database_url.get_secret_value())
    pool = await open_pool(settings, "stats")
    relay = Relay(pool, settings, "stats")
    relay.start()
    await wait_until("the relay waits for messages", lambda: owner.fetchval(WAITING))

    relay._on_notify()
    for _ in range(ticks):
        await asyncio.sleep(0)
    stopping = asyncio.create_task(relay.stop())
    done, _ = await asyncio.wait([stopping], timeout=60)
    assert done, "the relay still runs"
    await pool.close()
    await owner.close()


async def test_a_connection_that_nobody_gives_back_is_cut(database, monkeypatch):
    monkeypatch.setattr(pools, "CLOSE_WAIT_S", 0.1)
    owner = await asyncpg.connect(database.database_url.get_secret_value())
    pool = await open_pool(database, "stats")
    kept = await pool.acquire()
    session = await kept.fetchval("SELECT pg_backend_pid()")

    await close_pool(pool)

    async def is_gone():
        return not await owner.fetchval("SELECT count(*) FROM pg_stat_activity WHERE pid = $1", session)

    await wait_until("the session has ended", is_gone)
    await owner.close()
