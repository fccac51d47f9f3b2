"""The public projection: the newest public form of every item, and the operators that they are about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from services.publisher.domain.search import search_words
from services.publisher.store.search import fill_operators, fill_readings
from shared.contracts import Board, ItemState, PublicItem
from shared.names import fold_name

WITHDRAWN = "withdrawn"

UPSERT_PUBLIC_ITEMS = """
INSERT INTO publisher.public_items AS p
       (item_id, release_seq, board, state, operator_key, operator_name, region, industry, period, expires_on, words,
        search_words, body)
SELECT *
  FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
              $10::date[], $11::text[], $12::text[], $13::jsonb[])
    ON CONFLICT (item_id) DO UPDATE
   SET release_seq = excluded.release_seq, state = excluded.state, words = excluded.words,
       search_words = excluded.search_words, body = excluded.body,
       operator_key = excluded.operator_key, operator_name = excluded.operator_name,
       region = excluded.region, industry = excluded.industry, period = excluded.period, expires_on = excluded.expires_on
"""


async def upsert_public_items(
    connection: asyncpg.Connection, first_seq: int, items: Sequence[PublicItem], bodies: Sequence[str]
) -> None:
    """Upsert the public forms of items (`bodies`: as JSON), released under consecutive numbers from `first_seq`.

    A withdrawn item leaves its operator, and an operator without items leaves the projection.
    """
    left = await _operators_of_withdrawn(connection, items)
    await connection.execute(
        UPSERT_PUBLIC_ITEMS,
        [item.item_id for item in items],
        list(range(first_seq, first_seq + len(items))),
        [item.board for item in items],
        [item.state for item in items],
        [item.operator.key if item.operator else None for item in items],
        [item.operator.name if item.operator else None for item in items],
        [item.region for item in items],
        [(item.content or {}).get("industry") for item in items],
        [item.period for item in items],
        [item.expires_on for item in items],
        [" ".join(filter(None, (item.title, item.summary))) for item in items],
        [search_words(item) for item in items],
        bodies,
    )
    await _upsert_public_operators(connection, {i.operator.key: i for i in items if i.operator})
    if left:
        await connection.execute(DELETE_OPERATORS, left)
        await connection.execute(REFRESH_OPERATORS, left)
        await fill_operators(connection)
    # Readings of names that are new; a batch releases at most as many operators as a fill takes at once, several times over.
    while await fill_readings(connection):
        pass


OPERATORS_OF_ITEMS = """
SELECT DISTINCT p.operator_key
  FROM publisher.public_items p
 WHERE p.item_id = ANY ($1::text[])
   AND p.operator_key IS NOT NULL
"""


async def _operators_of_withdrawn(connection: asyncpg.Connection, items: Sequence[PublicItem]) -> list[str]:
    """Return the keys of the operators that the withdrawn ones of these items are public under."""
    withdrawn = [item.item_id for item in items if item.state is ItemState.WITHDRAWN]
    return [row["operator_key"] for row in await connection.fetch(OPERATORS_OF_ITEMS, withdrawn)] if withdrawn else []


DELETE_OPERATORS = """
DELETE FROM publisher.public_operators o
 WHERE o.key = ANY ($1::text[])
   AND NOT EXISTS (SELECT FROM publisher.public_items p WHERE p.operator_key = o.key)
"""
# What is shown of an operator comes from its public items: the newest name and code, of the rest the newest that there is.
REFRESH_OPERATORS = """
UPDATE publisher.public_operators o
   SET name = n.name, search_name = CASE WHEN o.name = n.name THEN o.search_name END, search_readings = NULL, uscc = n.uscc,
       address = n.address,
       scope = n.scope, region = n.region, industry = n.industry
  FROM (SELECT p.operator_key AS key,
               (array_agg(p.body #>> '{operator,name}' ORDER BY p.release_seq DESC))[1] AS name,
               (array_agg(p.body #>> '{operator,uscc}' ORDER BY p.release_seq DESC))[1] AS uscc,
               (array_remove(array_agg(p.body #>> '{operator,address}' ORDER BY p.release_seq DESC), NULL))[1] AS address,
               (array_remove(array_agg(p.body #>> '{operator,scope}' ORDER BY p.release_seq DESC), NULL))[1] AS scope,
               (array_remove(array_agg(p.region ORDER BY p.release_seq DESC), NULL))[1] AS region,
               (array_remove(array_agg(p.industry ORDER BY p.release_seq DESC), NULL))[1] AS industry
          FROM publisher.public_items p
         WHERE p.operator_key = ANY ($1::text[])
         GROUP BY p.operator_key) n
 WHERE o.key = n.key
"""


UPSERT_PUBLIC_OPERATORS = """
INSERT INTO publisher.public_operators AS o (key, name, search_name, uscc, address, scope, region, industry)
SELECT *
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
    ON CONFLICT (key) DO UPDATE
   SET name = excluded.name, search_name = excluded.search_name, uscc = excluded.uscc,
       search_readings = CASE WHEN o.name = excluded.name THEN o.search_readings END,
       address = coalesce(excluded.address, o.address),
       scope = coalesce(excluded.scope, o.scope), region = coalesce(excluded.region, o.region),
       industry = coalesce(excluded.industry, o.industry)
"""


async def _upsert_public_operators(connection: asyncpg.Connection, by_key: dict[str, PublicItem]) -> None:
    if not by_key:
        return
    operators = [item.operator for item in by_key.values() if item.operator]
    await connection.execute(
        UPSERT_PUBLIC_OPERATORS,
        [o.key for o in operators],
        [o.name for o in operators],
        [fold_name(o.name) for o in operators],
        [o.uscc for o in operators],
        [o.address for o in operators],
        [o.scope for o in operators],
        [item.region for item in by_key.values()],
        [(item.content or {}).get("industry") for item in by_key.values()],
    )


@dataclass(frozen=True, slots=True)
class StoredItem:
    """A public item as stored, with its release number and whether a correction application is pending."""

    release_seq: int
    item: PublicItem
    under_review: bool

    @classmethod
    def from_row(cls, row: asyncpg.Record) -> StoredItem:
        """Build from a row of `release_seq`, `body` and `under_review`."""
        return cls(row["release_seq"], PublicItem.model_validate_json(row["body"]), row["under_review"])


ONE = """
SELECT p.release_seq, p.body,
       EXISTS (SELECT FROM publisher.applications a
                WHERE a.item_id = p.item_id AND a.ruled_at IS NULL AND a.kind = 'correction') AS under_review
  FROM publisher.public_items p
 WHERE p.item_id = $1
"""


async def fetch_public_item(connection: asyncpg.Connection, item_id: str) -> StoredItem | None:
    """Return the public form of an item, also of a withdrawn one."""
    row = await connection.fetchrow(ONE, item_id)
    return StoredItem.from_row(row) if row else None


ITEMS_SINCE = """
SELECT p.release_seq, p.body, false AS under_review
  FROM publisher.public_items p
 WHERE p.release_seq > $2
   AND ($1::text IS NULL OR p.board = $1)
   AND ($4::text IS NULL OR p.body ->> 'kind' = $4 OR p.state = 'withdrawn')
 ORDER BY p.release_seq
 LIMIT $3
"""


async def fetch_items_since(
    connection: asyncpg.Connection, board: Board | None, seq: int, limit: int, kind: str | None = None
) -> list[StoredItem]:
    """Return items whose newest release is after a release number, oldest first; withdrawn ones have no kind."""
    return [StoredItem.from_row(row) for row in await connection.fetch(ITEMS_SINCE, board, seq, limit, kind)]


PUBLIC_FORMS = "SELECT release_seq, body FROM publisher.public_items WHERE release_seq > $1 ORDER BY release_seq LIMIT $2"


async def fetch_public_forms(connection: asyncpg.Connection, after_seq: int, limit: int) -> list[tuple[int, PublicItem]]:
    """Return the newest public forms behind a release, each with the number of its release."""
    rows = await connection.fetch(PUBLIC_FORMS, after_seq, limit)
    return [(row["release_seq"], PublicItem.model_validate_json(row["body"])) for row in rows]
