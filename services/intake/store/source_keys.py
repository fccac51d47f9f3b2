"""Keys of sources, stored as SHA-256: several of one source at once, each until its end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

# How much of a key's digest names it where keys are listed and voided.
ID_LENGTH = 8


@dataclass(frozen=True, slots=True)
class SourceKey:
    """A key that is listed. `id`: the beginning of its digest; `last_used_at`: over HTTP, by the hour."""

    id: str
    made_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    is_live: bool


REGISTER = """
INSERT INTO intake.sources AS s (name, signs, registered_by)
VALUES ($1, $2, 'command')
    ON CONFLICT (name) DO UPDATE SET signs = excluded.signs
RETURNING source_id
"""
END_OTHERS = """
WITH ended AS (
    UPDATE intake.source_keys
       SET expires_at = $2
     WHERE source_id = $1
       AND (expires_at IS NULL OR expires_at > $2)
    RETURNING 1
)
SELECT EXISTS (SELECT FROM ended)
"""
INSERT = "INSERT INTO intake.source_keys (key_hash, source_id, made_at, expires_at) VALUES ($1, $2, $3, $4)"


async def add_key(
    connection: asyncpg.Connection,
    name: str,
    key_hash: bytes,
    at: datetime,
    *,
    signs: bool = False,
    expires_at: datetime | None = None,
    others_until: datetime | None = None,
) -> bool:
    """Register a source with a key; its other keys hold until `others_until`, at most, or end at once.

    Return whether there were others. `signs`: over Kafka the source is believed with its signature only.
    """
    source_id = await connection.fetchval(REGISTER, name, signs)
    had_others = bool(await connection.fetchval(END_OTHERS, source_id, others_until or at))
    await connection.execute(INSERT, key_hash, source_id, at, expires_at)
    return had_others


SIGNING = """
SELECT s.name, k.key_hash
  FROM intake.sources AS s
  LEFT JOIN intake.source_keys AS k ON k.source_id = s.source_id AND (k.expires_at IS NULL OR k.expires_at > now())
 WHERE s.signs
"""


async def fetch_signing_keys(connection: asyncpg.Connection) -> Mapping[str, Sequence[bytes]]:
    """Return the SHA-256 of the live keys of the sources that sign, by name; none of one whose keys have ended."""
    keys: dict[str, list[bytes]] = defaultdict(list)
    for row in await connection.fetch(SIGNING):
        keys[row["name"]] += [row["key_hash"]] if row["key_hash"] else []
    return keys


@dataclass(frozen=True, slots=True)
class Holder:
    """The source whose key a request carries. `below`: the names below its own that have, or had, a key of their own."""

    name: str
    below: tuple[str, ...] = ()


HOLDER = """
SELECT s.name,
       ARRAY(
           SELECT b.name
             FROM intake.sources AS b
            WHERE starts_with(b.name, rtrim(s.name, '/') || '/')
              AND EXISTS (SELECT FROM intake.source_keys AS o WHERE o.source_id = b.source_id)) AS below
  FROM intake.source_keys AS k
  JOIN intake.sources AS s USING (source_id)
 WHERE k.key_hash = $1
   AND (k.expires_at IS NULL OR k.expires_at > now())
"""
NOTE_USE = """
UPDATE intake.source_keys
   SET last_used_at = now()
 WHERE key_hash = $1
   AND (last_used_at IS NULL OR last_used_at < now() - interval '1 hour')
"""


async def find_holder(connection: asyncpg.Connection, key_hash: bytes) -> Holder | None:
    """Return the source with this live key, or None; note that it was used, by the hour."""
    row = await connection.fetchrow(HOLDER, key_hash)
    if row is None:
        return None
    await connection.execute(NOTE_USE, key_hash)
    return Holder(row["name"], tuple(row["below"]))


FIND_SOURCE = "SELECT source_id FROM intake.sources WHERE name = $1"
VOID = """
WITH ended AS (
    UPDATE intake.source_keys
       SET expires_at = $3
     WHERE source_id = $1
       AND ($2::text IS NULL OR starts_with(encode(key_hash, 'hex'), $2))
       AND (expires_at IS NULL OR expires_at > $3)
    RETURNING 1
)
SELECT count(*) FROM ended
"""


async def void_keys(connection: asyncpg.Connection, name: str, at: datetime, key_id: str | None = None) -> int | None:
    """End the keys of a source, or the one of that id; return how many were live, None for an unknown source."""
    source_id = await connection.fetchval(FIND_SOURCE, name)
    return None if source_id is None else int(await connection.fetchval(VOID, source_id, key_id, at))


LIST = """
SELECT left(encode(k.key_hash, 'hex'), $2) AS id, k.made_at, k.expires_at, k.last_used_at,
       k.expires_at IS NULL OR k.expires_at > now() AS is_live
  FROM intake.source_keys AS k
  JOIN intake.sources AS s USING (source_id)
 WHERE s.name = $1
 ORDER BY k.made_at DESC
"""


async def list_keys(connection: asyncpg.Connection, name: str) -> list[SourceKey]:
    """Return the keys of a source, the newest first."""
    return [SourceKey(**dict(row)) for row in await connection.fetch(LIST, name, ID_LENGTH)]
