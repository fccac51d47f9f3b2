"""The basic items of a month as one batch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import asyncpg


@dataclass(frozen=True, slots=True)
class MonthBatch:
    """A month's items: how many wait for review, wait for release or were sent back, are public, and are withdrawn.

    `withdrawing` are those whose withdrawal waits for its confirmation; `approved` does not count them.
    """

    month: str
    drafts: int
    approved: int
    withdrawing: int
    returned: int
    public: int
    withdrawn: int


# The month is the beginning of the natural key; a key that was freed still begins with it.
LIST = """
WITH RECURSIVE months AS (
    (SELECT left(natural_key, 7) AS month
       FROM publisher.items
      WHERE board = 'basic' AND left(natural_key, 7) < $1
      ORDER BY left(natural_key, 7) DESC
      LIMIT 1)
     UNION ALL
    SELECT (SELECT left(natural_key, 7)
              FROM publisher.items
             WHERE board = 'basic' AND left(natural_key, 7) < m.month
             ORDER BY left(natural_key, 7) DESC
             LIMIT 1)
      FROM months m
     WHERE m.month IS NOT NULL
), latest AS (
    SELECT month FROM months WHERE month IS NOT NULL LIMIT $2
)
SELECT left(i.natural_key, 7) AS month,
       count(*) FILTER (WHERE v.state = 'draft') AS drafts,
       count(*) FILTER (WHERE v.state = 'approved' AND v.purpose = 'publish') AS approved,
       count(*) FILTER (WHERE v.state = 'approved' AND v.purpose = 'withdraw') AS withdrawing,
       count(*) FILTER (WHERE v.state = 'returned') AS returned,
       count(*) FILTER (WHERE v.state = 'released' AND v.purpose = 'publish') AS public,
       count(*) FILTER (WHERE v.state = 'released' AND v.purpose = 'withdraw') AS withdrawn
  FROM publisher.items i
  JOIN publisher.versions v USING (item_id)
 WHERE i.board = 'basic'
   AND left(i.natural_key, 7) IN (SELECT month FROM latest)
 GROUP BY 1
 ORDER BY 1 DESC
"""
BEHIND_ALL = "9999-99"


async def list_batches(connection: asyncpg.Connection, limit: int, before: str = BEHIND_ALL) -> list[MonthBatch]:
    """Return the months before one (`2026-10`) that have items, the latest first; items of other months are not read."""
    return [MonthBatch(**dict(row)) for row in await connection.fetch(LIST, before, limit)]


OPEN = """
SELECT v.item_id, v.version
  FROM publisher.items i
  JOIN publisher.versions v USING (item_id)
 WHERE i.board = 'basic'
   AND left(i.natural_key, 7) = $1
   AND v.state IN ('draft', 'returned', 'approved')
   AND v.purpose = 'publish'
   AND NOT EXISTS (
       SELECT
         FROM publisher.rulings r
        WHERE r.item_id = i.item_id
          AND r.decision = 'corrected'
          AND NOT EXISTS (SELECT FROM publisher.releases e WHERE e.item_id = r.item_id AND e.released_at > r.decided_at)
          AND NOT EXISTS (
              SELECT
                FROM publisher.applications a
               WHERE a.item_id = r.item_id AND a.receipt = r.receipt AND a.ruled_at IS NOT NULL))
 ORDER BY v.item_id
   FOR UPDATE OF v
"""


async def lock_open(connection: asyncpg.Connection, month: str) -> list[tuple[str, int]]:
    """Return the versions (item id, number) of a month that would publish something and are not released, locked.

    Those that follow a ruling are not among them.
    """
    return [(row["item_id"], row["version"]) for row in await connection.fetch(OPEN, month)]


# What a check warns of, or what is not true in public any more, is looked at one by one.
GATHER = """
WITH chosen AS (
    SELECT v.item_id
      FROM publisher.items i
      JOIN publisher.versions v USING (item_id)
     WHERE i.board = 'basic'
       AND left(i.natural_key, 7) = $1
       AND v.version = 1
       AND v.state = 'draft'
       AND v.purpose = 'publish'
       AND v.failing = 0
       AND v.warning = 0
       AND NOT v.urgent
       AND v.batch_id IS NULL
       AND NOT EXISTS (SELECT FROM publisher.holds h WHERE h.item_id = v.item_id AND h.lifted_at IS NULL)
), made AS (
    INSERT INTO publisher.item_batches (kind, opened_at, closed_at, closed_by)
    SELECT $2, $4, $4, $3 WHERE EXISTS (SELECT FROM chosen)
    RETURNING batch_id
)
UPDATE publisher.versions v
   SET batch_id = made.batch_id
  FROM chosen
 CROSS JOIN made
 WHERE v.item_id = chosen.item_id
   AND v.version = 1
RETURNING v.batch_id
"""


async def gather(connection: asyncpg.Connection, month: str, kind: str, person: str, at: datetime) -> int | None:
    """Put the drafts of a month into a batch that takes in no more; return it, None where there is nothing to put into it."""
    rows = await connection.fetch(GATHER, month, kind, person, at)
    return int(rows[0]["batch_id"]) if rows else None


WITHDRAWALS = """
SELECT v.item_id, encode(v.digest, 'hex') AS digest, v.form ->> 'reason_code' AS code, v.form ->> 'reason' AS reason,
       v.drafted_by
  FROM publisher.items i
  JOIN publisher.versions v USING (item_id)
 WHERE i.board = 'basic'
   AND left(i.natural_key, 7) = $1
   AND v.state = 'approved'
   AND v.purpose = 'withdraw'
 ORDER BY v.item_id
"""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A withdrawal that waits for its confirmation: item, digest in hexadecimal, reason, and who proposed it."""

    item_id: str
    digest: str
    code: str
    reason: str
    drafted_by: str


async def fetch_withdrawals(connection: asyncpg.Connection, month: str) -> list[Withdrawal]:
    """Return the withdrawals of a month that wait for their confirmation."""
    return [Withdrawal(**dict(row)) for row in await connection.fetch(WITHDRAWALS, month)]


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
