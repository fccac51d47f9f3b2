"""Sources of reports and their keys."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import asyncpg


@dataclass(frozen=True, slots=True)
class Source:
    """A source as listed. `has_key`: it may send over HTTP."""

    name: str
    registered_by: str
    registered_at: datetime
    has_key: bool
    complaints: int


FIND = "SELECT name, source_id FROM intake.sources WHERE name = ANY ($1::text[])"


async def find(connection: asyncpg.Connection, names: Iterable[str]) -> dict[str, int]:
    """Return the ids of those names that are registered."""
    return {row["name"]: row["source_id"] for row in await connection.fetch(FIND, list(names))}


REGISTER = """
INSERT INTO intake.sources (name, registered_by)
SELECT name, $2
  FROM unnest($1::text[]) AS name
 ORDER BY name
    ON CONFLICT (name) DO NOTHING
"""


async def register(connection: asyncpg.Connection, names: Iterable[str], by: str) -> dict[str, int]:
    """Register sources seen for the first time, and return their ids."""
    wanted = list(names)
    await connection.execute(REGISTER, wanted, by)
    return await find(connection, wanted)


SET_KEY = """
INSERT INTO intake.sources AS s (name, key_hash, registered_by)
VALUES ($1, $2, 'command')
    ON CONFLICT (name) DO UPDATE SET key_hash = excluded.key_hash
RETURNING (SELECT key_hash IS NOT NULL FROM intake.sources WHERE name = $1)
"""


async def set_key(connection: asyncpg.Connection, name: str, key_hash: bytes) -> bool:
    """Give a source a key, known here by its SHA-256 only; return whether an older key was replaced."""
    return bool(await connection.fetchval(SET_KEY, name, key_hash))


BY_KEY = "SELECT name FROM intake.sources WHERE key_hash = $1"


async def by_key(connection: asyncpg.Connection, key_hash: bytes) -> str | None:
    """Return the name of the source that holds the key."""
    name: str | None = await connection.fetchval(BY_KEY, key_hash)
    return name


LIST = """
SELECT s.name, s.registered_by, s.registered_at, s.key_hash IS NOT NULL AS has_key, coalesce(c.complaints, 0) AS complaints
  FROM intake.sources AS s
  LEFT JOIN (SELECT source_id, count(*) AS complaints FROM intake.complaints GROUP BY source_id) AS c USING (source_id)
 ORDER BY s.name
"""


async def listed(connection: asyncpg.Connection) -> list[Source]:
    """Return every source with the number of its complaints, by name."""
    return [Source(**row) for row in await connection.fetch(LIST)]
