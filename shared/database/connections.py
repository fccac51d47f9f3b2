"""Connections of one service: they sign in as the login of its own schema, so the database itself denies the others."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import cast

import asyncpg

from shared.database.logins import login_url, role_of
from shared.settings import Settings


async def create_pool(
    settings: Settings, schema: str, *, login: str = "", options: Mapping[str, str] | None = None
) -> asyncpg.Pool:
    """Return a pool whose connections have `schema` first in the search path and the rights of its login only.

    `login`: another one than that of the schema. Where only the owner's URL is known, its connections take the role of the
    login, which they could leave again.
    """
    role = role_of(login or schema)
    return await asyncpg.create_pool(
        login_url(settings, login or schema),
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
            "search_path": f"{schema},public",
            **(options or {}),
        },
    )


@asynccontextmanager
async def acquire(pool: asyncpg.Pool) -> AsyncIterator[asyncpg.Connection]:
    """Acquire a connection from the pool, typed as what its proxy stands for."""
    async with pool.acquire() as proxy:
        yield cast("asyncpg.Connection", proxy)
