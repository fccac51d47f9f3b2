"""Names whose complaints still have to follow them to another operator."""

from __future__ import annotations

from collections.abc import Collection

import asyncpg

CHANNEL = "intake_following"

LEAVE = """
INSERT INTO intake.following (name_key)
SELECT name_key
  FROM unnest($1::text[]) AS name_key
 ORDER BY name_key
    ON CONFLICT (name_key) DO NOTHING
"""
WAKE = "SELECT pg_notify($1, '')"


async def leave(connection: asyncpg.Connection, names: Collection[str]) -> None:
    """Leave the rest of what the names have to later transactions, and wake whoever does it when this one commits."""
    await connection.execute(LEAVE, list(names))
    await connection.execute(WAKE, CHANNEL)


NEXT = "SELECT name_key FROM intake.following ORDER BY since, name_key LIMIT 1 FOR UPDATE SKIP LOCKED"


async def next_name(connection: asyncpg.Connection) -> str | None:
    """Return the name that has waited longest and keep it from others; None where none waits."""
    name: str | None = await connection.fetchval(NEXT)
    return name


DONE = "DELETE FROM intake.following WHERE name_key = $1"


async def done(connection: asyncpg.Connection, name: str) -> None:
    """Every complaint of the name has followed."""
    await connection.execute(DONE, name)
