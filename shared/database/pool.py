"""The connection pool of one service: it signs in as the login of its own schema, so the database itself denies the others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast
from urllib.parse import urlsplit

import asyncpg
import structlog

from shared.database.logins import login_url, role_of
from shared.settings import Settings

log = structlog.get_logger(__name__)

OPEN_ATTEMPTS = 60
OPEN_WAIT_S = 0.5
CLOSE_WAIT_S = 10.0


async def open_pool(settings: Settings, schema: str, *, login: str = "", bounded: bool = False) -> asyncpg.Pool:
    """Return a pool whose connections have `schema` first in the search path and the rights of its login only.

    `login`: another one than that of the schema. Where only the owner's URL is known, its connections take the role of the
    login, which they could leave again.

    The database ends a transaction of a bounded pool when it takes longer than a rebalance waits, or is idle for as long as
    it takes to lose the partitions: the locks of a frozen process must not stop its successor. Waits up to 30 s for the
    database.
    """
    timeouts = _transaction_timeouts(settings) if bounded else {}
    role = role_of(login or schema)
    url = login_url(settings, login or schema)
    if bounded and urlsplit(url).username != role:
        log.warning("database_login_shared", role=role)
    for attempt in range(OPEN_ATTEMPTS):
        try:
            return await _create(settings, url, role, {"search_path": f"{schema},public", **timeouts})
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


async def _create(settings: Settings, url: str, role: str, options: dict[str, str]) -> asyncpg.Pool:
    return await asyncpg.create_pool(
        url,
        min_size=2,
        max_size=settings.pool_size,
        command_timeout=settings.statement_timeout_s,
        server_settings={
            "application_name": role.replace("_", "-"),
            "role": role,
            "jit": "off",
            # The aggregates of a batch fit; at the default a large one spills to disk.
            "work_mem": "16MB",
            "timezone": "UTC",
            **options,
        },
    )


async def close_pool(pool: asyncpg.Pool) -> None:
    """Close the pool; connections that nobody gives back in time are cut, so that no stop waits for ever."""
    try:
        async with asyncio.timeout(CLOSE_WAIT_S):
            await pool.close()
    except TimeoutError:
        log.warning("pool_cut")


@asynccontextmanager
async def acquire(pool: asyncpg.Pool) -> AsyncIterator[asyncpg.Connection]:
    """Acquire a connection from the pool, typed as what its proxy stands for."""
    async with pool.acquire() as proxy:
        yield cast("asyncpg.Connection", proxy)
