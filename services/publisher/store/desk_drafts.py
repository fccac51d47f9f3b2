"""What an office has drafted at the desk: its items, each by the version at work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import asyncpg

from services.publisher.store.versions import Version

LIST = """
SELECT v.item_id, i.board, v.version, v.purpose, v.state, v.form, v.digest, v.checks, v.failing, v.warning, v.drafted_by,
       v.drafted_at, v.rules_version, v.ruling_id, v.return_code, v.return_note, v.decided_by, v.decided_at, v.urgent
  FROM unnest($1::text[]) AS k(kind)
 CROSS JOIN LATERAL (
       SELECT *
         FROM publisher.items i
        WHERE i.kind = k.kind
          AND ($2::timestamptz IS NULL OR (i.drafted_at, i.item_id) < ($2, $3))
        ORDER BY i.drafted_at DESC, i.item_id DESC
        LIMIT $4) AS i
 CROSS JOIN LATERAL (
       SELECT *
         FROM publisher.versions v
        WHERE v.item_id = i.item_id
        ORDER BY (v.state = 'rejected' AND v.return_code IS NULL), v.version DESC
        LIMIT 1) AS v
 ORDER BY i.drafted_at DESC, i.item_id DESC
 LIMIT $4
"""


async def list_drafted(
    connection: asyncpg.Connection, kinds: Sequence[str], before: tuple[datetime, str] | None, limit: int
) -> list[Version]:
    """Return the items of kinds, the newest first, from `before` (time of drafting, item id) on."""
    drafted_at, item_id = before or (None, "")
    return [Version.from_row(row) for row in await connection.fetch(LIST, kinds, drafted_at, item_id, limit)]


ITEM_DRAFTED_AT = "SELECT drafted_at FROM publisher.items WHERE item_id = $1"


async def fetch_place(connection: asyncpg.Connection, item_id: str) -> tuple[datetime, str] | None:
    """Return the place of an item in the list; None for an item that there is not."""
    drafted_at = await connection.fetchval(ITEM_DRAFTED_AT, item_id)
    return None if drafted_at is None else (drafted_at, item_id)
