"""The connection pool of a service, which waits for its database and is closed whatever holds a connection."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import asyncpg
import structlog

from shared.database.connections import create_pool
from shared.database.logins import login_url, role_of
from shared.settings import Settings

log = structlog.get_logger(__name__)

OPEN_ATTEMPTS = 60
OPEN_WAIT_S = 0.5
CLOSE_WAIT_S = 10.0


async def open_pool(settings: Settings, schema: str, *, login: str = "", bounded: bool = False) -> asyncpg.Pool:
    """Return a pool of connections as `create_pool` makes them.

    The database ends a transaction of a bounded pool when it takes longer than a rebalance waits, or is idle for as long as
    it takes to lose the partitions: the locks of a frozen process must not stop its successor. Waits up to 30 s for the
    database.
    """
    timeouts = _transaction_timeouts(settings) if bounded else {}
    role = role_of(login or schema)
    if bounded and urlsplit(login_url(settings, login or schema)).username != role:
        log.warning("database_login_shared", role=role)
    for attempt in range(OPEN_ATTEMPTS):
        try:
            return await create_pool(settings, schema, login=login, options=timeouts)
        except (OSError, asyncpg.CannotConnectNowError, asyncpg.TooManyConnectionsError) as error:
            if attempt == OPEN_ATTEMPTS - 1:
                raise
            log.info("database_unavailable", schema=schema, error=type(error).__name__)
            await asyncio.sleep(OPEN_WAIT_S)
    raise AssertionError("unreachable")


def _transaction_timeouts(settings: Settings) -> dict[str, str]:
    return {
        "idle_in_transaction_session_timeout": str(settings.session_timeout_ms),
        "transaction_timeout": str(int(settings.statement_timeout_s * 1000)),
    }


async def close_pool(pool: asyncpg.Pool) -> None:
    """Close the pool; connections that nobody gives back in time are cut, so that no stop waits for ever."""
    try:
        async with asyncio.timeout(CLOSE_WAIT_S):
            await pool.close()
    except TimeoutError:
        log.warning("pool_cut")
