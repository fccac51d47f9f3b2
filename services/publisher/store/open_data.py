"""What the open data is made from: the public items in the order of their releases, and whether one was withdrawn since."""

from __future__ import annotations

import asyncpg

from services.publisher.store.public_items import StoredItem

BATCH_OF_ITEMS = """
SELECT p.release_seq, p.body, false AS under_review
  FROM publisher.public_items p
 WHERE p.release_seq > $1 AND p.state <> 'withdrawn'
 ORDER BY p.release_seq
 LIMIT $2
"""
LAST_SEQ = "SELECT coalesce(max(release_seq), 0) FROM publisher.public_items"
WITHDRAWN_SINCE = "SELECT EXISTS (SELECT FROM publisher.public_items WHERE state = 'withdrawn' AND release_seq > $1)"


async def fetch_batch(connection: asyncpg.Connection, after: int, limit: int) -> list[StoredItem]:
    """Return public items released after a number, in the order of releases."""
    return [StoredItem.from_row(row) for row in await connection.fetch(BATCH_OF_ITEMS, after, limit)]


async def last_release_seq(connection: asyncpg.Connection) -> int:
    """Return the number of the newest release."""
    return int(await connection.fetchval(LAST_SEQ))


async def is_withdrawn_since(connection: asyncpg.Connection, seq: int) -> bool:
    """Return whether anything was withdrawn after a release."""
    return bool(await connection.fetchval(WITHDRAWN_SINCE, seq))
