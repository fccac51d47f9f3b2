"""A service's part of the database, opened for as long as a command needs it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared import clock
from shared.database import open_pool
from shared.settings import Settings
from shared.stream import Store


@asynccontextmanager
async def opened(settings: Settings, service: str) -> AsyncIterator[Store]:
    """Open the store of a service, and close it at the end."""
    pool = await open_pool(settings, service)
    try:
        yield Store(pool, clock.now, f"/gongshi/{service}")
    finally:
        await pool.close()
