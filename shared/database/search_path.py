"""The schema in which a transaction acts, for who reads those of several services."""

from __future__ import annotations

import asyncpg

USE_SCHEMA = "SELECT set_config('search_path', $1, true)"


async def use_schema(connection: asyncpg.Connection, schema: str) -> None:
    """Let the statements of this transaction find the tables of a schema."""
    await connection.execute(USE_SCHEMA, schema)
