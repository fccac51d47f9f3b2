"""The connection pool of one service: it acts in the role of its own schema, so the database itself denies the others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import asyncpg
import structlog

from shared.settings import Settings

log = structlog.get_logger(__name__)

ROLE_PREFIX = "gongshi_"
OPEN_ATTEMPTS = 60
OPEN_WAIT_S = 0.5


async def open_pool(settings: Settings, schema: str, *, bounded: bool = False) -> asyncpg.Pool:
    """Return a pool whose connections have `schema` first in the search path and the rights of its role only.

    The database ends a transaction of a bounded pool when it takes longer than a rebalance waits, or is idle for as long as
    it takes to lose the partitions: the locks of a frozen process must not stop its successor. Waits up to 30 s for the
    database.
    """
    timeouts = _transaction_timeouts(settings) if bounded else {}
    for attempt in range(OPEN_ATTEMPTS):
        try:
            return await _create(settings, schema, timeouts)
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


async def _create(settings: Settings, schema: str, timeouts: dict[str, str]) -> asyncpg.Pool:
    return await asyncpg.create_pool(
        settings.database_url.get_secret_value(),
        min_size=2,
        max_size=settings.pool_size,
        command_timeout=settings.statement_timeout_s,
        server_settings={
            "application_name": f"gongshi-{schema}",
            "search_path": f"{schema},public",
            "role": ROLE_PREFIX + schema,
            "jit": "off",
            # The aggregates of a batch fit; at the default a large one spills to disk.
            "work_mem": "16MB",
            "timezone": "UTC",
            **timeouts,
        },
    )


@asynccontextmanager
async def acquire(pool: asyncpg.Pool) -> AsyncIterator[asyncpg.Connection]:
    """Acquire a connection from the pool, typed as what its proxy stands for."""
    async with pool.acquire() as proxy:
        yield cast("asyncpg.Connection", proxy)
