"""The items of a board's feed, page by page, and the identity of the feeds."""

from __future__ import annotations

import asyncpg

from services.publisher.domain.feed_identity import FeedIdentity
from services.publisher.store.public_items import StoredItem
from shared.contracts import Board

ENSURE_IDENTITY = """
INSERT INTO publisher.feed_identity (authority, address_base, addresses_until)
SELECT $1, $2, max(released_at)
  FROM publisher.releases
    ON CONFLICT (singleton) DO NOTHING
"""


async def ensure_identity(connection: asyncpg.Connection, authority: str, address_base: str) -> FeedIdentity:
    """Store the identity on the first start, and return the stored one."""
    await connection.execute(ENSURE_IDENTITY, authority, address_base)
    return await fetch_identity(connection)


IDENTITY = "SELECT authority, address_base, addresses_until FROM publisher.feed_identity"


async def fetch_identity(connection: asyncpg.Connection) -> FeedIdentity:
    """Return the identity that was stored on the first start."""
    row = await connection.fetchrow(IDENTITY)
    if row is None:
        raise LookupError("the publisher has not started yet on this database")
    return FeedIdentity(**dict(row))


FEED_ITEMS = """
SELECT p.release_seq, p.body, false AS under_review
  FROM publisher.public_items p
 WHERE p.board = $1
   AND ($2::bigint IS NULL OR p.release_seq < $2)
 ORDER BY p.release_seq DESC
 LIMIT $3
"""


async def fetch_feed_items(connection: asyncpg.Connection, board: Board, before: int | None, limit: int) -> list[StoredItem]:
    """Return items of a board released before a release number (all where it is None), the newest first, withdrawn ones too."""
    return [StoredItem.from_row(row) for row in await connection.fetch(FEED_ITEMS, board, before, limit)]


WITHDRAWN_ITEMS = """
SELECT p.release_seq, p.body, false AS under_review
  FROM publisher.public_items p
 WHERE p.board = $1
   AND p.state = 'withdrawn'
 ORDER BY p.release_seq DESC
 LIMIT $2
"""


async def fetch_withdrawn_items(connection: asyncpg.Connection, board: Board, limit: int) -> list[StoredItem]:
    """Return the withdrawn items of a board, the newest first."""
    return [StoredItem.from_row(row) for row in await connection.fetch(WITHDRAWN_ITEMS, board, limit)]
