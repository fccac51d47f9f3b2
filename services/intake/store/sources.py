"""Sources of reports and their keys."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import asyncpg


@dataclass(frozen=True, slots=True)
class Source:
    """A source of reports. `has_key`: it may send over HTTP. `complaints`: the number of its complaints."""

    name: str
    registered_by: str
    registered_at: datetime
    has_key: bool
    complaints: int


FETCH_IDS = "SELECT name, source_id FROM intake.sources WHERE name = ANY ($1::text[])"


async def fetch_ids(connection: asyncpg.Connection, names: Iterable[str]) -> dict[str, int]:
    """Return the ids of the registered names."""
    return {row["name"]: row["source_id"] for row in await connection.fetch(FETCH_IDS, list(names))}


REGISTER = """
INSERT INTO intake.sources (name, registered_by)
SELECT name, $2
  FROM unnest($1::text[]) AS name
 ORDER BY name
    ON CONFLICT (name) DO NOTHING
"""


async def register(connection: asyncpg.Connection, names: Iterable[str], by: str) -> dict[str, int]:
    """Insert sources seen for the first time and return their ids. `by`: the entrance."""
    missing = list(names)
    await connection.execute(REGISTER, missing, by)
    return await fetch_ids(connection, missing)


SET_KEY = """
INSERT INTO intake.sources AS s (name, key_hash, signs, registered_by)
VALUES ($1, $2, $3, 'command')
    ON CONFLICT (name) DO UPDATE SET key_hash = excluded.key_hash, signs = excluded.signs
RETURNING (SELECT key_hash IS NOT NULL FROM intake.sources WHERE name = $1)
"""


async def set_key(connection: asyncpg.Connection, name: str, key_hash: bytes, *, signs: bool = False) -> bool:
    """Store the SHA-256 of the key of a source, and whether it signs; return whether an older key was replaced."""
    return bool(await connection.fetchval(SET_KEY, name, key_hash, signs))


FETCH_SIGNING_KEYS = "SELECT name, key_hash FROM intake.sources WHERE signs"


async def fetch_signing_keys(connection: asyncpg.Connection) -> dict[str, bytes]:
    """Return the SHA-256 of the keys of the sources that sign, by name; of one whose key was revoked one that nobody knows."""
    rows = await connection.fetch(FETCH_SIGNING_KEYS)
    return {row["name"]: row["key_hash"] or secrets.token_bytes(32) for row in rows}


REVOKE_KEY = """
UPDATE intake.sources AS s
   SET key_hash = NULL
  FROM (SELECT name, key_hash IS NOT NULL AS had_key FROM intake.sources WHERE name = $1 FOR UPDATE) AS before
 WHERE s.name = before.name
RETURNING before.had_key
"""


async def revoke_key(connection: asyncpg.Connection, name: str) -> bool | None:
    """Void the key of a source; return whether it had one, None for an unknown source."""
    had_key: bool | None = await connection.fetchval(REVOKE_KEY, name)
    return had_key


FETCH_NAME_BY_KEY = "SELECT name FROM intake.sources WHERE key_hash = $1"


async def fetch_name_by_key(connection: asyncpg.Connection, key_hash: bytes) -> str | None:
    """Return the name of the source with this key, or None."""
    name: str | None = await connection.fetchval(FETCH_NAME_BY_KEY, key_hash)
    return name


LIST_SOURCES = """
SELECT s.name, s.registered_by, s.registered_at, s.key_hash IS NOT NULL AS has_key, coalesce(c.complaints, 0) AS complaints
  FROM intake.sources AS s
  LEFT JOIN (SELECT source_id, count(*) AS complaints FROM intake.complaints GROUP BY source_id) AS c USING (source_id)
 ORDER BY s.name
"""


async def list_sources(connection: asyncpg.Connection) -> list[Source]:
    """Return every source, ordered by name."""
    return [Source(**row) for row in await connection.fetch(LIST_SOURCES)]
