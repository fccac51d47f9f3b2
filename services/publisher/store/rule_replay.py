"""Items as the rules decided on them, read in one snapshot."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

import asyncpg
import orjson

from services.publisher.domain.drafting import State
from services.publisher.domain.rule_replay import DecidedItem
from shared.contracts import Board

PREFETCH = 500
TIMEOUT_S = 1800.0

DECIDED_ITEMS = """
SELECT i.item_id, i.board, v.state, v.rules_version, v.return_code,
       coalesce(v.form ->> 'title', '') AS title, i.kind, CASE WHEN i.kind IS NOT NULL THEN v.form -> 'content' END AS content,
       v.form #>> '{content,amount}' AS amount, v.form #>> '{content,category}' AS category,
       concat_ws(' ', v.form ->> 'title', v.form #>> '{content,issue}') AS words,
       (SELECT min(r.released_at) FROM publisher.releases r WHERE r.item_id = i.item_id) AS first_released_at,
       (SELECT count(DISTINCT a.person) FROM publisher.approvals a
         WHERE (a.item_id, a.version, a.digest) = (v.item_id, v.version, v.digest) AND a.step = 'review') AS reviews
  FROM publisher.items i
 CROSS JOIN LATERAL (
       SELECT DISTINCT ON (v.state = 'released') v.*
         FROM publisher.versions v
        WHERE v.item_id = i.item_id
          AND v.purpose = 'publish'
          AND (v.state <> 'rejected' OR v.return_code IS NOT NULL)
          AND v.version >= (SELECT coalesce(max(r.version), 1) FROM publisher.versions r
                             WHERE r.item_id = i.item_id AND r.state = 'released')
        ORDER BY v.state = 'released', v.version DESC) v
 WHERE v.drafted_at >= $1
 ORDER BY i.item_id, v.version
"""


async def iterate_decided_items(
    connection: asyncpg.Connection, since: date, zone: ZoneInfo
) -> AsyncIterator[tuple[DecidedItem, str]]:
    """Yield every item drafted on `since` or later with the version of the rules that it was made under.

    An item that is public and has a later version that was not dropped is yielded twice, since both were decided on.
    Days are those of `zone`; runs inside a transaction.
    """
    midnight = datetime.combine(since, time(), zone)
    async for row in connection.cursor(DECIDED_ITEMS, midnight, prefetch=PREFETCH, timeout=TIMEOUT_S):
        first = row["first_released_at"]
        yield (
            DecidedItem(
                item_id=row["item_id"],
                board=Board(row["board"]),
                title=row["title"],
                state=State(row["state"]),
                first_released_on=first.astimezone(zone).date() if first else None,
                reviews=row["reviews"],
                ground=row["return_code"],
                amount=Decimal(row["amount"]) if row["amount"] else None,
                category=row["category"],
                words=row["words"],
                kind=row["kind"],
                content=orjson.loads(row["content"] or "{}"),
            ),
            row["rules_version"],
        )
