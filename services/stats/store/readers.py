"""Programs that may read figures which are not released, and the hashes of their keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import asyncpg


@dataclass(frozen=True, slots=True)
class Reader:
    """A program with a key."""

    name: str
    created_at: datetime


UPSERT_KEY = """
INSERT INTO stats.readers (name, key_hash)
VALUES ($1, $2)
    ON CONFLICT (name) DO UPDATE SET key_hash = excluded.key_hash, created_at = now()
RETURNING EXISTS (SELECT FROM stats.readers WHERE name = $1)
"""


async def upsert_key(connection: asyncpg.Connection, name: str, key_hash: bytes) -> bool:
    """Store the SHA-256 of a reader's key; return whether an older key was replaced."""
    return bool(await connection.fetchval(UPSERT_KEY, name, key_hash))


DELETE_READER = "DELETE FROM stats.readers WHERE name = $1 RETURNING true"


async def delete_reader(connection: asyncpg.Connection, name: str) -> bool:
    """Delete a reader with its key; return whether there was one."""
    return bool(await connection.fetchval(DELETE_READER, name))


FETCH_READER_BY_KEY = "SELECT name FROM stats.readers WHERE key_hash = $1"


async def fetch_reader_by_key(connection: asyncpg.Connection, key_hash: bytes) -> str | None:
    """Return the name of the reader with this key, or None."""
    name: str | None = await connection.fetchval(FETCH_READER_BY_KEY, key_hash)
    return name


LIST_READERS = "SELECT name, created_at FROM stats.readers ORDER BY name"


async def list_readers(connection: asyncpg.Connection) -> list[Reader]:
    """Return every reader, ordered by name."""
    return [Reader(**row) for row in await connection.fetch(LIST_READERS)]
