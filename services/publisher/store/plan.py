"""What there is of what the publication plan asks for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import asyncpg
import orjson

from services.publisher.domain.drafting import Purpose
from services.publisher.domain.item_terms import AtWork
from services.publisher.domain.plan import PlannedItem, Published
from shared.clock import local_day
from shared.contracts import Board

MONTHS = """
SELECT c.month, c.drafted_at IS NOT NULL AS drafted,
       EXISTS (
           SELECT FROM publisher.public_items p
            WHERE p.board = 'basic' AND p.period = c.month AND p.state <> 'withdrawn') AS public
  FROM publisher.closings c
"""
# Of an item the version at work where it was never public; there are some tens in a year.
ITEMS = """
SELECT i.kind, i.item_id, v.content, f.published_at, p.item_id IS NOT NULL AS is_public
  FROM publisher.items i
 CROSS JOIN LATERAL (
       SELECT n.form -> 'content' AS content
         FROM publisher.versions n
        WHERE n.item_id = i.item_id
          AND n.purpose = 'publish'
          AND n.state <> 'rejected'
        ORDER BY n.version DESC
        LIMIT 1) AS v
  LEFT JOIN LATERAL (
       SELECT min(r.released_at) AS published_at FROM publisher.releases r WHERE r.item_id = i.item_id) AS f ON true
  LEFT JOIN publisher.public_items p ON p.item_id = i.item_id AND p.state <> 'withdrawn'
 WHERE i.kind = ANY ($1::text[])
   AND i.drafted_at >= $2
   AND (p.item_id IS NOT NULL OR f.published_at IS NULL)
 ORDER BY i.item_id
"""


async def fetch_published(connection: asyncpg.Connection, kinds: Sequence[str], since: datetime, zone: ZoneInfo) -> Published:
    """Return what is closed, drafted and public; items of kinds that were drafted since a time, withdrawn ones not."""
    months = await connection.fetch(MONTHS)
    rows = await connection.fetch(ITEMS, kinds, since)
    items = [
        PlannedItem(
            row["kind"],
            row["item_id"],
            {name: str(value) for name, value in orjson.loads(row["content"] or "{}").items() if value is not None},
            local_day(row["published_at"], zone) if row["published_at"] else None,
            row["is_public"],
        )
        for row in rows
    ]
    return Published(
        frozenset(row["month"] for row in months),
        frozenset(row["month"] for row in months if row["drafted"]),
        frozenset(row["month"] for row in months if row["public"]),
        items,
    )


AT_WORK = """
SELECT i.item_id, i.board, i.kind, v.purpose, v.drafted_at, coalesce(c.form ->> 'title', i.item_id) AS title,
       coalesce(c.form -> 'content', '{}') AS content
  FROM publisher.versions v
  JOIN publisher.items i USING (item_id)
  LEFT JOIN publisher.versions c
         ON c.item_id = v.item_id
        AND c.state = CASE v.purpose WHEN 'withdraw' THEN 'released' ELSE v.state END
        AND c.purpose = 'publish'
 WHERE v.state IN ('draft', 'returned', 'approved')
   AND i.kind = ANY ($1::text[])
   AND (v.purpose = 'withdraw' OR NOT EXISTS (SELECT FROM publisher.releases r WHERE r.item_id = v.item_id))
 ORDER BY v.drafted_at, i.item_id
 LIMIT $2
"""


async def fetch_at_work(connection: asyncpg.Connection, kinds: Sequence[str], zone: ZoneInfo, limit: int) -> list[AtWork]:
    """Return first versions and withdrawals at work of items of some kinds, the oldest first."""
    return [
        AtWork(
            row["item_id"], Board(row["board"]), row["kind"], row["title"], Purpose(row["purpose"]),
            orjson.loads(row["content"]), local_day(row["drafted_at"], zone),
        )
        for row in await connection.fetch(AT_WORK, kinds, limit)
    ]  # fmt: skip
