"""Keys of programs that submit items for a drafting office: only their digests are stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import asyncpg


@dataclass(frozen=True, slots=True)
class ItemKey:
    """A key: the program that has it, the office that it drafts for, and since when and until when it holds."""

    name: str
    office: str
    made_at: datetime
    expires_at: datetime | None


INSERT = """
INSERT INTO publisher.item_keys (key_hash, name, office, made_at, expires_at)
VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (name) DO NOTHING
"""


async def insert_key(connection: asyncpg.Connection, key_hash: bytes, key: ItemKey) -> bool:
    """Store a key by its SHA-256; return False where a program of this name has one."""
    status = await connection.execute(INSERT, key_hash, key.name, key.office, key.made_at, key.expires_at)
    return bool(status.endswith(" 1"))


KEYS = """
SELECT name, office, made_at, expires_at
  FROM publisher.item_keys
 WHERE ($1::bytea IS NULL OR key_hash = $1)
   AND ($2::timestamptz IS NULL OR expires_at IS NULL OR expires_at > $2)
 ORDER BY name
"""


async def find_key(connection: asyncpg.Connection, key_hash: bytes, at: datetime) -> ItemKey | None:
    """Return the key of this digest; None for one that is unknown, revoked or over."""
    row = await connection.fetchrow(KEYS, key_hash, at)
    return ItemKey(**dict(row)) if row else None


async def list_keys(connection: asyncpg.Connection) -> list[ItemKey]:
    """Return all keys by name."""
    return [ItemKey(**dict(row)) for row in await connection.fetch(KEYS, None, None)]


REVOKE = "DELETE FROM publisher.item_keys WHERE name = $1"


async def revoke_key(connection: asyncpg.Connection, name: str) -> bool:
    """Take a program's key away; return whether it had one."""
    return bool((await connection.execute(REVOKE, name)).endswith(" 1"))
