"""Lists of what is public: by board, by operator, by month and name, and what a search finds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import asyncpg

from services.publisher.store.public import Public
from shared.contracts import Board


@dataclass(frozen=True, slots=True)
class Filter:
    """Which items: each condition only where it is given. `today` leaves out what has expired; `q` is part of the words."""

    board: Board | None = None
    period: str | None = None
    region: str | None = None
    industry: str | None = None
    q: str | None = None
    today: date | None = None


OF_BOARD = """
SELECT p.release_seq, p.body,
       EXISTS (SELECT FROM publisher.applications a
                WHERE a.item_id = p.item_id AND a.ruled_at IS NULL AND a.kind = 'correction') AS under_review
  FROM publisher.public_items p
 WHERE p.board = $1
   AND ($2::text IS NULL OR p.region = $2)
   AND ($3::text IS NULL OR p.words ILIKE $3)
   AND ($4::date IS NULL OR p.expires_on IS NULL OR p.expires_on >= $4)
   AND p.state <> 'withdrawn'
   AND ($5::bigint IS NULL OR p.release_seq < $5)
 ORDER BY p.release_seq DESC
 LIMIT $6
"""


async def of_board(
    connection: asyncpg.Connection, board: Board, wanted: Filter, *, before: int | None = None, limit: int
) -> list[Public]:
    """Return items of a board, the newest release first, from before a number of the release record."""
    conditions = (wanted.region, like(wanted.q), wanted.today)
    return [Public.from_row(row) for row in await connection.fetch(OF_BOARD, board, *conditions, before, limit)]


CORRECTED = """
SELECT p.release_seq, p.body,
       EXISTS (SELECT FROM publisher.applications a
                WHERE a.item_id = p.item_id AND a.ruled_at IS NULL AND a.kind = 'correction') AS under_review
  FROM publisher.public_items p
 WHERE p.board = $1
   AND p.state = 'corrected'
   AND ($2::text IS NULL OR p.region = $2)
   AND ($3::date IS NULL OR p.expires_on IS NULL OR p.expires_on >= $3)
 ORDER BY p.release_seq DESC
 LIMIT $4
"""


async def corrected(connection: asyncpg.Connection, board: Board, wanted: Filter, *, limit: int) -> list[Public]:
    """Return items of a board whose public version is a correction, the newest release first."""
    return [Public.from_row(row) for row in await connection.fetch(CORRECTED, board, wanted.region, wanted.today, limit)]


COUNT_OF_BOARD = """
SELECT count(*)
  FROM publisher.public_items p
 WHERE p.board = $1
   AND ($2::text IS NULL OR p.region = $2)
   AND ($3::text IS NULL OR p.words ILIKE $3)
   AND ($4::date IS NULL OR p.expires_on IS NULL OR p.expires_on >= $4)
   AND p.state <> 'withdrawn'
"""


async def count_of_board(connection: asyncpg.Connection, board: Board, wanted: Filter) -> int:
    """Return how many items of a board there are."""
    return int(await connection.fetchval(COUNT_OF_BOARD, board, wanted.region, like(wanted.q), wanted.today))


NEWEST = """
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


async def newest(
    connection: asyncpg.Connection,
    *,
    before: int | None = None,
    withdrawn: bool = False,
    today: date | None = None,
    limit: int,
) -> list[Public]:
    """Return items of all boards, the newest release first; withdrawn ones only on request, without what expired by `today`."""
    return [Public.from_row(row) for row in await connection.fetch(NEWEST, before, withdrawn, today, limit)]


OF_FEED = """
SELECT p.release_seq, p.body, false AS under_review
  FROM publisher.public_items p
 WHERE p.board = $1
 ORDER BY p.release_seq DESC
 LIMIT $2
"""


async def of_feed(connection: asyncpg.Connection, board: Board, limit: int) -> list[Public]:
    """Return the newest items of a board, withdrawn ones among them."""
    return [Public.from_row(row) for row in await connection.fetch(OF_FEED, board, limit)]


OF_OPERATOR = """
SELECT p.release_seq, p.body,
       EXISTS (SELECT FROM publisher.applications a
                WHERE a.item_id = p.item_id AND a.ruled_at IS NULL AND a.kind = 'correction') AS under_review
  FROM publisher.public_items p
 WHERE p.operator_key = $1
 ORDER BY p.release_seq DESC
 LIMIT $2
"""


async def of_operator(connection: asyncpg.Connection, operator_key: str, limit: int) -> list[Public]:
    """Return an operator's items, the newest release first, withdrawn ones among them."""
    return [Public.from_row(row) for row in await connection.fetch(OF_OPERATOR, operator_key, limit)]


MATCHING = """
SELECT p.release_seq, p.body,
       EXISTS (SELECT FROM publisher.applications a
                WHERE a.item_id = p.item_id AND a.ruled_at IS NULL AND a.kind = 'correction') AS under_review
  FROM publisher.public_items p
 WHERE (p.operator_key = ANY ($1::text[]) OR (p.board <> 'basic' AND p.words ILIKE $2))
   AND p.state <> 'withdrawn'
   AND ($3::text IS NULL OR p.board = $3)
   AND ($4::text IS NULL OR p.region = $4)
   AND ($5::bigint IS NULL OR p.release_seq < $5)
 ORDER BY p.release_seq DESC
 LIMIT $6
"""


async def matching(
    connection: asyncpg.Connection, operators: Sequence[str], wanted: Filter, *, before: int | None = None, limit: int
) -> list[Public]:
    """Return what a search finds, newest first: items of the operators found, and items whose words hold `wanted.q`."""
    conditions = (operators, like(wanted.q), wanted.board, wanted.region)
    return [Public.from_row(row) for row in await connection.fetch(MATCHING, *conditions, before, limit)]


COUNT_MATCHING = """
SELECT count(*)
  FROM publisher.public_items p
 WHERE (p.operator_key = ANY ($1::text[]) OR (p.board <> 'basic' AND p.words ILIKE $2))
   AND p.state <> 'withdrawn'
   AND ($3::text IS NULL OR p.board = $3)
   AND ($4::text IS NULL OR p.region = $4)
"""


async def count_matching(connection: asyncpg.Connection, operators: Sequence[str], wanted: Filter) -> int:
    """Return how many items a search finds."""
    return int(await connection.fetchval(COUNT_MATCHING, operators, like(wanted.q), wanted.board, wanted.region))


BY_NAME = """
SELECT p.release_seq, p.body,
       EXISTS (SELECT FROM publisher.applications a
                WHERE a.item_id = p.item_id AND a.ruled_at IS NULL AND a.kind = 'correction') AS under_review
  FROM publisher.public_items p
 WHERE p.board = 'basic'
   AND p.period = $1
   AND ($2::text IS NULL OR p.region = $2)
   AND ($3::text IS NULL OR p.industry = $3)
   AND ($4::text IS NULL OR p.operator_name ILIKE $4 OR p.operator_key = upper($5))
   AND p.state <> 'withdrawn'
   AND (p.operator_name, p.item_id) > ($6, $7)
 ORDER BY p.operator_name, p.item_id
 LIMIT $8
"""


async def by_name(
    connection: asyncpg.Connection, wanted: Filter, *, after: tuple[str, str] = ("", ""), limit: int
) -> list[Public]:
    """Return the basic items of `wanted.period` by the operator's name, from behind (name, item id)."""
    rows = await connection.fetch(
        BY_NAME, wanted.period, wanted.region, wanted.industry, like(wanted.q), wanted.q, *after, limit
    )
    return [Public.from_row(row) for row in rows]


COUNT_BY_NAME = """
SELECT count(*)
  FROM publisher.public_items p
 WHERE p.board = 'basic'
   AND p.period = $1
   AND ($2::text IS NULL OR p.region = $2)
   AND ($3::text IS NULL OR p.industry = $3)
   AND ($4::text IS NULL OR p.operator_name ILIKE $4 OR p.operator_key = upper($5))
   AND p.state <> 'withdrawn'
   AND (p.operator_name, p.item_id) <= ($6, $7)
"""
LAST = "\U0010ffff"


async def count_by_name(connection: asyncpg.Connection, wanted: Filter, upto: tuple[str, str] = (LAST, LAST)) -> int:
    """Return how many basic items of the period there are up to (name, item id)."""
    return int(
        await connection.fetchval(COUNT_BY_NAME, wanted.period, wanted.region, wanted.industry, like(wanted.q), wanted.q, *upto)
    )


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over the basic items of a month."""

    operators: int
    complaints: int
    accepted: int
    resolved: int


TOTALS = """
SELECT count(*) AS operators,
       coalesce(sum((p.body #>> '{content,complaints}')::integer), 0) AS complaints,
       coalesce(sum((p.body #>> '{content,accepted}')::integer), 0) AS accepted,
       coalesce(sum((p.body #>> '{content,resolved}')::integer), 0) AS resolved
  FROM publisher.public_items p
 WHERE p.board = 'basic'
   AND p.period = $1
   AND ($2::text IS NULL OR p.region = $2)
   AND p.state <> 'withdrawn'
"""


async def totals(connection: asyncpg.Connection, wanted: Filter) -> Totals:
    """Return the sums of `wanted.period`, of one region if told."""
    row = await connection.fetchrow(TOTALS, wanted.period, wanted.region)
    if row is None:
        raise AssertionError("an aggregate has one row")
    return Totals(**dict(row))


def like(text: str | None) -> str | None:
    """Return the pattern of a text that stands anywhere, with its own wildcards taken literally."""
    if not text:
        return None
    return "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
