"""The basic items of a month as one batch."""

from __future__ import annotations

from dataclasses import dataclass

import asyncpg


@dataclass(frozen=True, slots=True)
class MonthBatch:
    """A month's items: how many wait for review, wait for release or were sent back, are public, and are withdrawn."""

    month: str
    drafts: int
    approved: int
    returned: int
    public: int
    withdrawn: int


# The month is the beginning of the natural key; a key that was freed still begins with it.
LIST = """
SELECT left(i.natural_key, 7) AS month,
       count(*) FILTER (WHERE v.state = 'draft') AS drafts,
       count(*) FILTER (WHERE v.state = 'approved') AS approved,
       count(*) FILTER (WHERE v.state = 'returned') AS returned,
       count(*) FILTER (WHERE v.state = 'released' AND v.purpose = 'publish') AS public,
       count(*) FILTER (WHERE v.state = 'released' AND v.purpose = 'withdraw') AS withdrawn
  FROM publisher.items i
  JOIN publisher.versions v USING (item_id)
 WHERE i.board = 'basic'
 GROUP BY 1
 ORDER BY 1 DESC
 LIMIT $1
"""


async def list_batches(connection: asyncpg.Connection, limit: int) -> list[MonthBatch]:
    """Return the months that have items, the latest first."""
    return [MonthBatch(**dict(row)) for row in await connection.fetch(LIST, limit)]


OPEN = """
SELECT v.item_id, v.version
  FROM publisher.items i
  JOIN publisher.versions v USING (item_id)
 WHERE i.board = 'basic'
   AND left(i.natural_key, 7) = $1
   AND v.state IN ('draft', 'returned', 'approved')
   AND v.purpose = 'publish'
 ORDER BY v.item_id
   FOR UPDATE OF v
"""


async def lock_open(connection: asyncpg.Connection, month: str) -> list[tuple[str, int]]:
    """Return the versions (item id, number) of a month that would publish something and are not released, locked."""
    return [(row["item_id"], row["version"]) for row in await connection.fetch(OPEN, month)]


PUBLIC_KEYS = """
SELECT i.natural_key
  FROM publisher.items i
  JOIN publisher.public_items p USING (item_id)
 WHERE i.board = 'basic'
   AND left(i.natural_key, 7) = $1
   AND p.state <> 'withdrawn'
 ORDER BY i.item_id
"""


async def fetch_public_keys(connection: asyncpg.Connection, month: str) -> list[str]:
    """Return the natural keys of a month's public items."""
    return [row["natural_key"] for row in await connection.fetch(PUBLIC_KEYS, month)]
