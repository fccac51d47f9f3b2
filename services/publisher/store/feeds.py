"""The items of a board's feed, page by page, and the identity of the feeds."""

from __future__ import annotations

import asyncpg

from services.publisher.domain.feed_identity import FeedIdentity
from services.publisher.domain.feed_subject import FeedSubject
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


# What is public of a subject, and every withdrawal: who had the item removes it, and nobody else learns what it was about.
def _of_subject(column: str) -> str:
    """Return the statement for the items of a subject, which a column of ours tells."""
    return """
SELECT p.release_seq, p.body, false AS under_review
  FROM ((SELECT * FROM publisher.public_items
          WHERE {column} = $1 AND state <> 'withdrawn' AND ($2::bigint IS NULL OR release_seq < $2)
          ORDER BY release_seq DESC
          LIMIT $3)
        UNION ALL
        (SELECT * FROM publisher.public_items
          WHERE state = 'withdrawn' AND ($2::bigint IS NULL OR release_seq < $2)
          ORDER BY release_seq DESC
          LIMIT $3)) p
 ORDER BY p.release_seq DESC
 LIMIT $3
""".replace("{column}", column)


OPERATOR_FEED_ITEMS = _of_subject("operator_key")
REGION_FEED_ITEMS = _of_subject("region")
INDUSTRY_FEED_ITEMS = _of_subject("industry")
OF_KIND = {
    "board": FEED_ITEMS,
    "operators": OPERATOR_FEED_ITEMS,
    "regions": REGION_FEED_ITEMS,
    "industries": INDUSTRY_FEED_ITEMS,
}


async def fetch_subject_items(
    connection: asyncpg.Connection, subject: FeedSubject, before: int | None, limit: int
) -> list[StoredItem]:
    """Return what a feed has before a release number (all where it is None), the newest first, withdrawn items too."""
    code = subject.code
    if subject.kind == "operators":
        code = await connection.fetchval(OPERATOR_KEY, code) or code
    return [StoredItem.from_row(row) for row in await connection.fetch(OF_KIND[subject.kind], code, before, limit)]


OPERATOR_KEY = "SELECT key FROM publisher.public_operators WHERE uscc = $1"


async def last_seq(connection: asyncpg.Connection, subject: FeedSubject) -> int:
    """Return the number of the newest release in a feed, 0 before the first."""
    newest = await fetch_subject_items(connection, subject, None, 1)
    return newest[0].release_seq if newest else 0


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
