"""The queue of names whose complaints are to be reattributed (table `intake.following`)."""

from __future__ import annotations

from collections.abc import Collection

import asyncpg

CHANNEL = "intake_following"

ENQUEUE = """
INSERT INTO intake.following (name_key)
SELECT name_key
  FROM unnest($1::text[]) AS name_key
 ORDER BY name_key
    ON CONFLICT (name_key) DO NOTHING
"""
NOTIFY = "SELECT pg_notify($1, '')"


async def enqueue_names(connection: asyncpg.Connection, names: Collection[str]) -> None:
    """Queue the names and, when this transaction commits, notify the worker."""
    await connection.execute(ENQUEUE, list(names))
    await connection.execute(NOTIFY, CHANNEL)


LOCK_NEXT = "SELECT name_key FROM intake.following ORDER BY since, name_key LIMIT 1 FOR UPDATE SKIP LOCKED"


async def lock_next_name(connection: asyncpg.Connection) -> str | None:
    """Return the name queued longest, locked; None when the queue is empty or locked by others."""
    name: str | None = await connection.fetchval(LOCK_NEXT)
    return name


DELETE = "DELETE FROM intake.following WHERE name_key = $1"


async def delete_name(connection: asyncpg.Connection, name: str) -> None:
    """Remove a name whose complaints are all reattributed."""
    await connection.execute(DELETE, name)
