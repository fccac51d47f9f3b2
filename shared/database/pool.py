"""The pool of one service: it acts in the role of the schema it owns, so the database itself keeps others out."""

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
    """Return a pool whose connections find `schema` first and have its role's rights only.

    Transactions of a bounded pool are ended by the database when they take longer than a rebalance waits, or when nothing comes
    for as long as it takes to lose the partitions: what a frozen process has locked must not stop who takes over.
    Waits up to 30 s for the database.
    """
    guards = _guards(settings) if bounded else {}
    for attempt in range(OPEN_ATTEMPTS):
        try:
            return await _create(settings, schema, guards)
        except (OSError, asyncpg.CannotConnectNowError, asyncpg.TooManyConnectionsError) as error:
            if attempt == OPEN_ATTEMPTS - 1:
                raise
            log.info("database_awaited", schema=schema, error=type(error).__name__)
            await asyncio.sleep(OPEN_WAIT_S)
    raise AssertionError("unreachable")


def _guards(settings: Settings) -> dict[str, str]:
    return {
        "idle_in_transaction_session_timeout": str(settings.session_timeout_ms),
        "transaction_timeout": str(int(settings.statement_timeout_s * 1000)),
    }


async def _create(settings: Settings, schema: str, guards: dict[str, str]) -> asyncpg.Pool:
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
            # What a batch adds up fits; at the default a large one is written to files first.
            "work_mem": "16MB",
            "timezone": "UTC",
            **guards,
        },
    )


@asynccontextmanager
async def acquire(pool: asyncpg.Pool) -> AsyncIterator[asyncpg.Connection]:
    """Take a connection from the pool; the pool's proxy answers to everything that a connection does."""
    async with pool.acquire() as proxy:
        yield cast("asyncpg.Connection", proxy)
