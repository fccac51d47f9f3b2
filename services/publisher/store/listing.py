"""Lists of public items by keyset: by board, by operator, by month and name, and by search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import asyncpg

from services.publisher.domain.search import search_code, search_pattern
from services.publisher.store.public_items import StoredItem
from shared.contracts import Board


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """Conditions on public items, each only where given. `today` excludes expired items; `q` is part of the words.

    What a board shows of a region includes what is about no region in particular; `operators` are keys, and a board includes
    what is about no operator.
    """

    board: Board | None = None
    period: str | None = None
    region: str | None = None
    industry: str | None = None
    q: str | None = None
    today: date | None = None
    kind: str | None = None
    operators: Sequence[str] | None = None


BOARD_ITEMS = """
SELECT p.release_seq, p.body,
       EXISTS (SELECT FROM publisher.applications a
                WHERE a.item_id = p.item_id AND a.ruled_at IS NULL AND a.kind = 'correction') AS under_review
  FROM publisher.public_items p
 WHERE p.board = $1
   AND ($2::text IS NULL OR p.region = $2 OR p.region IS NULL)
   AND ($3::text IS NULL OR p.search_words LIKE $3)
   AND ($4::date IS NULL OR p.expires_on IS NULL OR p.expires_on >= $4)
   AND ($5::text IS NULL OR p.body ->> 'kind' = $5)
   AND p.state <> 'withdrawn'
   AND ($6::bigint IS NULL OR p.release_seq < $6)
   AND ($7::text[] IS NULL OR p.operator_key IS NULL OR p.operator_key = ANY ($7))
 ORDER BY p.release_seq DESC
 LIMIT $8
"""


async def fetch_board_items(
    connection: asyncpg.Connection, board: Board, criteria: ItemFilter, *, before: int | None = None, limit: int
) -> list[StoredItem]:
    """Return items of a board released before a release number, the newest first."""
    conditions = (criteria.region, search_pattern(criteria.q), criteria.today, criteria.kind, before, criteria.operators)
    return [StoredItem.from_row(row) for row in await connection.fetch(BOARD_ITEMS, board, *conditions, limit)]


CORRECTED_ITEMS = """
SELECT p.release_seq, p.body,
       EXISTS (SELECT FROM publisher.applications a
                WHERE a.item_id = p.item_id AND a.ruled_at IS NULL AND a.kind = 'correction') AS under_review
  FROM publisher.public_items p
 WHERE p.board = $1
   AND p.state = 'corrected'
   AND ($2::text IS NULL OR p.region = $2 OR p.region IS NULL)
   AND ($3::date IS NULL OR p.expires_on IS NULL OR p.expires_on >= $3)
   AND ($4::text[] IS NULL OR p.operator_key = ANY ($4))
 ORDER BY p.release_seq DESC
 LIMIT $5
"""


async def fetch_corrected_items(
    connection: asyncpg.Connection, board: Board, criteria: ItemFilter, *, limit: int
) -> list[StoredItem]:
    """Return items of a board whose public version is a correction, the newest first."""
    return [
        StoredItem.from_row(row)
        for row in await connection.fetch(CORRECTED_ITEMS, board, criteria.region, criteria.today, criteria.operators, limit)
    ]


COUNT_BOARD_ITEMS = """
SELECT count(*)
  FROM publisher.public_items p
 WHERE p.board = $1
   AND ($2::text IS NULL OR p.region = $2 OR p.region IS NULL)
   AND ($3::text IS NULL OR p.search_words LIKE $3)
   AND ($4::date IS NULL OR p.expires_on IS NULL OR p.expires_on >= $4)
   AND ($5::text IS NULL OR p.body ->> 'kind' = $5)
   AND p.state <> 'withdrawn'
"""


async def count_board_items(connection: asyncpg.Connection, board: Board, criteria: ItemFilter) -> int:
    """Return how many items of a board meet the conditions."""
    conditions = (criteria.region, search_pattern(criteria.q), criteria.today, criteria.kind)
    return int(await connection.fetchval(COUNT_BOARD_ITEMS, board, *conditions))


NEWEST_ITEMS = """
SELECT p.release_seq, p.body,
       EXISTS (SELECT FROM publisher.applications a
                WHERE a.item_id = p.item_id AND a.ruled_at IS NULL AND a.kind = 'correction') AS under_review
  FROM publisher.public_items p
 WHERE ($1::bigint IS NULL OR p.release_seq < $1)
   AND ($2 OR p.state <> 'withdrawn')
   AND ($3::date IS NULL OR p.expires_on IS NULL OR p.expires_on >= $3)
 ORDER BY p.release_seq DESC
 LIMIT $4
"""


async def fetch_newest_items(
    connection: asyncpg.Connection,
    *,
    before: int | None = None,
    withdrawn: bool = False,
    today: date | None = None,
    limit: int,
) -> list[StoredItem]:
    """Return items of all boards, the newest first; `withdrawn` includes withdrawn ones, `today` excludes expired ones."""
    return [StoredItem.from_row(row) for row in await connection.fetch(NEWEST_ITEMS, before, withdrawn, today, limit)]


OPERATOR_ITEMS = """
SELECT p.release_seq, p.body,
       EXISTS (SELECT FROM publisher.applications a
                WHERE a.item_id = p.item_id AND a.ruled_at IS NULL AND a.kind = 'correction') AS under_review
  FROM publisher.public_items p
 WHERE p.operator_key = $1
   AND p.state <> 'withdrawn'
 ORDER BY p.release_seq DESC
 LIMIT $2
"""


async def fetch_operator_items(connection: asyncpg.Connection, operator_key: str, limit: int) -> list[StoredItem]:
    """Return an operator's items, the newest first."""
    return [StoredItem.from_row(row) for row in await connection.fetch(OPERATOR_ITEMS, operator_key, limit)]


SEARCH_ITEMS = """
SELECT p.release_seq, p.body,
       EXISTS (SELECT FROM publisher.applications a
                WHERE a.item_id = p.item_id AND a.ruled_at IS NULL AND a.kind = 'correction') AS under_review
  FROM publisher.public_items p
 WHERE (p.operator_key = ANY ($1::text[]) OR (p.board <> 'basic' AND p.search_words LIKE $2))
   AND p.state <> 'withdrawn'
   AND ($3::text IS NULL OR p.board = $3)
   AND ($4::text IS NULL OR p.region = $4)
   AND ($5::bigint IS NULL OR p.release_seq < $5)
 ORDER BY p.release_seq DESC
 LIMIT $6
"""


async def search_items(
    connection: asyncpg.Connection, operators: Sequence[str], criteria: ItemFilter, *, before: int | None = None, limit: int
) -> list[StoredItem]:
    """Return items of the operators (keys) and items whose words contain `criteria.q`, the newest first."""
    conditions = (operators, search_pattern(criteria.q), criteria.board, criteria.region)
    return [StoredItem.from_row(row) for row in await connection.fetch(SEARCH_ITEMS, *conditions, before, limit)]


COUNT_SEARCH_ITEMS = """
SELECT count(*)
  FROM publisher.public_items p
 WHERE (p.operator_key = ANY ($1::text[]) OR (p.board <> 'basic' AND p.search_words LIKE $2))
   AND p.state <> 'withdrawn'
   AND ($3::text IS NULL OR p.board = $3)
   AND ($4::text IS NULL OR p.region = $4)
"""


async def count_search_items(connection: asyncpg.Connection, operators: Sequence[str], criteria: ItemFilter) -> int:
    """Return how many items `search_items` finds."""
    return int(
        await connection.fetchval(COUNT_SEARCH_ITEMS, operators, search_pattern(criteria.q), criteria.board, criteria.region)
    )


MONTH_ITEMS = """
SELECT p.release_seq, p.body,
       EXISTS (SELECT FROM publisher.applications a
                WHERE a.item_id = p.item_id AND a.ruled_at IS NULL AND a.kind = 'correction') AS under_review
  FROM publisher.public_items p
 WHERE p.board = 'basic'
   AND p.period = $1
   AND ($2::text IS NULL OR p.region = $2)
   AND ($3::text IS NULL OR p.industry = $3)
   AND ($4::text IS NULL OR p.search_words LIKE $4 OR p.operator_key = $5)
   AND p.state <> 'withdrawn'
   AND (p.operator_name, p.item_id) > ($6, $7)
   AND ($8::text[] IS NULL OR p.operator_key = ANY ($8))
 ORDER BY p.operator_name, p.item_id
 LIMIT $9
"""


async def fetch_month_items(
    connection: asyncpg.Connection, criteria: ItemFilter, *, after: tuple[str, str] = ("", ""), limit: int
) -> list[StoredItem]:
    """Return the basic items of `criteria.period` ordered by operator name, after the keyset (name, item id)."""
    rows = await connection.fetch(
        MONTH_ITEMS,
        criteria.period,
        criteria.region,
        criteria.industry,
        search_pattern(criteria.q),
        search_code(criteria.q),
        *after,
        criteria.operators,
        limit,
    )
    return [StoredItem.from_row(row) for row in rows]


COUNT_MONTH_ITEMS = """
SELECT count(*)
  FROM publisher.public_items p
 WHERE p.board = 'basic'
   AND p.period = $1
   AND ($2::text IS NULL OR p.region = $2)
   AND ($3::text IS NULL OR p.industry = $3)
   AND ($4::text IS NULL OR p.search_words LIKE $4 OR p.operator_key = $5)
   AND p.state <> 'withdrawn'
   AND (p.operator_name, p.item_id) <= ($6, $7)
"""
LAST_NAME = "\U0010ffff"


async def count_month_items(
    connection: asyncpg.Connection, criteria: ItemFilter, upto: tuple[str, str] = (LAST_NAME, LAST_NAME)
) -> int:
    """Return how many basic items of `criteria.period` there are up to (name, item id)."""
    return int(
        await connection.fetchval(
            COUNT_MONTH_ITEMS,
            criteria.period,
            criteria.region,
            criteria.industry,
            search_pattern(criteria.q),
            search_code(criteria.q),
            *upto,
        )
    )


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the basic items of a month."""

    operators: int
    complaints: int
    accepted: int
    resolved: int


MONTH_TOTALS = """
SELECT count(*) AS operators,
       coalesce(sum((p.body #>> '{content,complaints}')::integer), 0) AS complaints,
       coalesce(sum((p.body #>> '{content,accepted}')::integer), 0) AS accepted,
       coalesce(sum((p.body #>> '{content,resolved}')::integer), 0) AS resolved
  FROM publisher.public_items p
 WHERE p.board = 'basic'
   AND p.period = $1
   AND ($2::text IS NULL OR p.region = $2)
   AND ($3::text[] IS NULL OR p.operator_key = ANY ($3))
   AND p.state <> 'withdrawn'
"""


async def month_totals(connection: asyncpg.Connection, criteria: ItemFilter) -> Totals:
    """Return the sums of `criteria.period`, of `criteria.region` and `criteria.operators` where given."""
    row = await connection.fetchrow(MONTH_TOTALS, criteria.period, criteria.region, criteria.operators)
    if row is None:
        raise AssertionError("an aggregate has one row")
    return Totals(**dict(row))
