"""Local replicas by key: published items, and the facts of complaints."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from uuid import UUID

import asyncpg

from services.corrections.domain import ComplaintFact, PublishedItem
from shared.contracts import Channel, Kind, Outcome, PublicItem, Status
from shared.contracts.facts_struct import Facts

MAX_ROWS = 200

# At the same version an item may still change its mark "under review"; the events of one item are ordered by its key.
UPSERT_ITEMS = """
INSERT INTO corrections.published_items AS current
       (item_id, version, board, state, operator_key, operator_name, released_at, body)
SELECT *
  FROM unnest($1::text[], $2::int[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::jsonb[])
    ON CONFLICT (item_id) DO UPDATE
   SET version = excluded.version,
       board = excluded.board,
       state = excluded.state,
       -- A withdrawn item may come without its operator; the operator of the version before stays stored.
       operator_key = coalesce(excluded.operator_key, current.operator_key),
       operator_name = coalesce(excluded.operator_name, current.operator_name),
       released_at = excluded.released_at,
       body = excluded.body
 WHERE excluded.version >= current.version
"""


async def upsert_items(connection: asyncpg.Connection, items: Sequence[PublicItem]) -> None:
    """Upsert the newest version of each item; of several in one batch the last one."""
    newest = list({item.item_id: item for item in items}.values())
    await connection.execute(
        UPSERT_ITEMS,
        [item.item_id for item in newest],
        [item.version for item in newest],
        [item.board for item in newest],
        [item.state for item in newest],
        [item.operator.key if item.operator else None for item in newest],
        [item.operator.name if item.operator else None for item in newest],
        [item.released_at for item in newest],
        [item.model_dump_json() for item in newest],
    )


UPSERT_COMPLAINTS = """
INSERT INTO corrections.complaints AS current
       (complaint_id, revision, operator_key, external_id, channel, received_on, counted, status, outcome, amount)
SELECT complaint_id, revision, operator_key, external_id, channel, received_on, counted, status, outcome,
       amount::numeric
  FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::text[], $6::date[], $7::boolean[], $8::text[],
              $9::text[], $10::text[])
       AS revised (complaint_id, revision, operator_key, external_id, channel, received_on, counted, status, outcome,
                amount)
    ON CONFLICT (complaint_id) DO UPDATE
   SET revision = excluded.revision,
       operator_key = excluded.operator_key,
       external_id = excluded.external_id,
       channel = excluded.channel,
       received_on = excluded.received_on,
       counted = excluded.counted,
       status = excluded.status,
       outcome = excluded.outcome,
       amount = excluded.amount
 WHERE excluded.revision > current.revision
"""


async def upsert_complaints(connection: asyncpg.Connection, facts: Sequence[Facts]) -> None:
    """Upsert the newest revision of each complaint."""
    newest: dict[UUID, Facts] = {}
    for fact in facts:
        previous = newest.get(fact.complaint_id)
        if previous is None or fact.revision > previous.revision:
            newest[fact.complaint_id] = fact
    # Ordered by key, so that two transactions never deadlock on each other's rows.
    rows = sorted(newest.values(), key=lambda fact: fact.complaint_id.int)
    await connection.execute(
        UPSERT_COMPLAINTS,
        [row.complaint_id for row in rows],
        [row.revision for row in rows],
        [row.operator.key for row in rows],
        [row.external_id for row in rows],
        [row.channel for row in rows],
        [row.received_on for row in rows],
        [row.kind is Kind.COMPLAINT and row.duplicate_of is None for row in rows],
        [row.status for row in rows],
        [row.outcome for row in rows],
        [row.amount for row in rows],
    )


ITEM = "SELECT body FROM corrections.published_items WHERE item_id = $1"


async def find_item(connection: asyncpg.Connection, item_id: str) -> PublishedItem | None:
    """Return the newest version of an item."""
    body = await connection.fetchval(ITEM, item_id)
    return PublishedItem(PublicItem.model_validate_json(body)) if body else None


SEARCH_ITEMS = """
SELECT body
  FROM corrections.published_items
 WHERE (operator_key = $1 OR item_id = $1 OR operator_name LIKE $2)
   AND state IN ('released', 'corrected')
 ORDER BY released_at DESC
 LIMIT $3
"""


async def search_items(connection: asyncpg.Connection, text: str) -> list[PublishedItem]:
    """Return published items by USCC, item number or a part of the operator's name, newest first."""
    pattern = "%" + text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"
    rows = await connection.fetch(SEARCH_ITEMS, text, pattern, MAX_ROWS)
    return [PublishedItem(PublicItem.model_validate_json(row["body"])) for row in rows]


COMPLAINT_COLUMNS = """
SELECT c.complaint_id, c.revision, c.operator_key, c.external_id, c.channel, c.received_on, c.status, c.outcome,
       c.amount,
       EXISTS (SELECT FROM corrections.complaint_effects e
                WHERE e.complaint_id = c.complaint_id AND e.excluded) AS excluded
  FROM corrections.complaints c
"""
COMPLAINTS_OF_PERIOD = (
    COMPLAINT_COLUMNS
    + """
 WHERE c.operator_key = $1 AND c.received_on BETWEEN $2 AND $3 AND c.counted
 ORDER BY c.received_on, c.complaint_id
 LIMIT $4
"""
)


async def fetch_complaints_of_period(
    connection: asyncpg.Connection, operator_key: str, first: date, last: date
) -> list[ComplaintFact]:
    """Return the counted complaints about an operator received from `first` to `last`."""
    rows = await connection.fetch(COMPLAINTS_OF_PERIOD, operator_key, first, last, MAX_ROWS)
    return [_to_complaint(row) for row in rows]


COUNTED_PAGE = (
    COMPLAINT_COLUMNS
    + """
 WHERE c.operator_key = $1 AND c.received_on BETWEEN $2 AND $3 AND c.counted
   AND (c.received_on, c.complaint_id) > ($4, $5)
 ORDER BY c.received_on, c.complaint_id
 LIMIT $6
"""
)
COUNT_OF_PERIOD = """
SELECT count(*)
  FROM corrections.complaints c
 WHERE c.operator_key = $1 AND c.received_on BETWEEN $2 AND $3 AND c.counted
   AND NOT EXISTS (SELECT FROM corrections.complaint_effects e WHERE e.complaint_id = c.complaint_id AND e.excluded)
"""


async def fetch_counted_page(
    connection: asyncpg.Connection, operator_key: str, days: tuple[date, date], after: tuple[date, UUID], limit: int
) -> list[ComplaintFact]:
    """Return a page of the complaints that an operator's figures of some days count, behind (day, complaint)."""
    rows = await connection.fetch(COUNTED_PAGE, operator_key, *days, *after, limit)
    return [_to_complaint(row) for row in rows]


async def count_of_period(connection: asyncpg.Connection, operator_key: str, days: tuple[date, date]) -> int:
    """Return how many complaints an operator's figures of some days count, without those that a ruling leaves out."""
    return int(await connection.fetchval(COUNT_OF_PERIOD, operator_key, *days))


COMPLAINTS_BY_ID = (
    COMPLAINT_COLUMNS
    + """
 WHERE c.complaint_id = ANY ($1::uuid[])
 ORDER BY c.received_on, c.complaint_id
"""
)


async def fetch_complaints(connection: asyncpg.Connection, ids: Collection[UUID]) -> Mapping[UUID, ComplaintFact]:
    """Return complaints by their id; unknown ids are omitted."""
    rows = await connection.fetch(COMPLAINTS_BY_ID, list(ids))
    return {row["complaint_id"]: _to_complaint(row) for row in rows}


def _to_complaint(row: asyncpg.Record) -> ComplaintFact:
    return ComplaintFact(
        row["complaint_id"],
        row["revision"],
        row["operator_key"],
        row["external_id"],
        Channel(row["channel"]),
        row["received_on"],
        Status(row["status"]),
        Outcome(row["outcome"]) if row["outcome"] else None,
        row["amount"],
        row["excluded"],
    )


TITLES = """
SELECT item_id, coalesce(body ->> 'title', item_id) AS title
  FROM corrections.published_items
 WHERE item_id = ANY ($1::text[])
"""


async def fetch_titles(connection: asyncpg.Connection, ids: Collection[str]) -> Mapping[str, str]:
    """Return the titles of items by id; the id itself for a withdrawn item, which has none."""
    rows = await connection.fetch(TITLES, list(ids))
    return {row["item_id"]: row["title"] for row in rows}


async def fetch_behind(connection: asyncpg.Connection, item: PublishedItem) -> list[ComplaintFact]:
    """Return the complaint that an item is about, or those that its figures count."""
    public, days = item.public, item.counted_period()
    if public.complaint_id:
        return list((await fetch_complaints(connection, [UUID(public.complaint_id)])).values())
    if public.operator is None or days is None:
        return []
    return await fetch_complaints_of_period(connection, public.operator.key, *days)
