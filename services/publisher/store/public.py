"""What is public now: the newest public form of every item and the operators they are about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import asyncpg

from shared.contracts import Board, PublicItem

WITHDRAWN = "withdrawn"

PUBLISH = """
INSERT INTO publisher.public_items AS p
       (item_id, release_seq, board, state, operator_key, operator_name, region, industry, period, expires_on, words, body)
SELECT *
  FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
              $10::date[], $11::text[], $12::jsonb[])
    ON CONFLICT (item_id) DO UPDATE
   SET release_seq = excluded.release_seq, state = excluded.state, words = excluded.words, body = excluded.body,
       operator_key = coalesce(excluded.operator_key, p.operator_key), operator_name = excluded.operator_name,
       region = excluded.region, industry = excluded.industry, period = excluded.period, expires_on = excluded.expires_on
"""


async def publish(connection: asyncpg.Connection, first_seq: int, items: Sequence[PublicItem]) -> None:
    """Put public forms in the place of what was public of the same items."""
    await connection.execute(
        PUBLISH,
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
        [item.model_dump_json() for item in items],
    )
    await _publish_operators(connection, {i.operator.key: i for i in items if i.operator})


PUBLISH_OPERATORS = """
INSERT INTO publisher.public_operators AS o (key, name, uscc, address, scope, region, industry)
SELECT *
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
    ON CONFLICT (key) DO UPDATE
   SET name = excluded.name, uscc = excluded.uscc, address = coalesce(excluded.address, o.address),
       scope = coalesce(excluded.scope, o.scope), region = coalesce(excluded.region, o.region),
       industry = coalesce(excluded.industry, o.industry)
"""


async def _publish_operators(connection: asyncpg.Connection, by_key: dict[str, PublicItem]) -> None:
    if not by_key:
        return
    operators = [item.operator for item in by_key.values() if item.operator]
    await connection.execute(
        PUBLISH_OPERATORS,
        [o.key for o in operators],
        [o.name for o in operators],
        [o.uscc for o in operators],
        [o.address for o in operators],
        [o.scope for o in operators],
        [item.region for item in by_key.values()],
        [(item.content or {}).get("industry") for item in by_key.values()],
    )


@dataclass(frozen=True, slots=True)
class Public:
    """A public item as stored, with its number in the release record and whether a correction application waits."""

    release_seq: int
    item: PublicItem
    under_review: bool


ONE = """
SELECT p.release_seq, p.body,
       EXISTS (SELECT FROM publisher.applications a
                WHERE a.item_id = p.item_id AND a.ruled_at IS NULL AND a.kind = 'correction') AS under_review
  FROM publisher.public_items p
 WHERE p.item_id = $1
"""


async def public_item(connection: asyncpg.Connection, item_id: str) -> Public | None:
    """Return what is public of an item."""
    row = await connection.fetchrow(ONE, item_id)
    return _public(row) if row else None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which items: each condition only where it is given. `today` leaves out what has expired; `q` is part of the words."""

    board: Board | None = None
    period: str | None = None
    region: str | None = None
    industry: str | None = None
    operator_key: str | None = None
    q: str | None = None
    today: date | None = None
    withdrawn: bool = False


NEWEST = """
SELECT p.release_seq, p.body,
       EXISTS (SELECT FROM publisher.applications a
                WHERE a.item_id = p.item_id AND a.ruled_at IS NULL AND a.kind = 'correction') AS under_review
  FROM publisher.public_items p
 WHERE ($1::text IS NULL OR p.board = $1)
   AND ($2::text IS NULL OR p.period = $2)
   AND ($3::text IS NULL OR p.region = $3)
   AND ($4::text IS NULL OR p.industry = $4)
   AND ($5::text IS NULL OR p.operator_key = $5)
   AND ($6::text IS NULL OR p.words ILIKE $6)
   AND ($7::date IS NULL OR p.expires_on IS NULL OR p.expires_on >= $7)
   AND ($8 OR p.state <> 'withdrawn')
   AND ($9::bigint IS NULL OR p.release_seq < $9)
 ORDER BY p.release_seq DESC
 LIMIT $10
"""


async def newest(connection: asyncpg.Connection, wanted: Filter, *, before: int | None = None, limit: int) -> list[Public]:
    """Return items, the newest release first, from before a number of the release record."""
    rows = await connection.fetch(NEWEST, *_conditions(wanted), before, limit)
    return [_public(row) for row in rows]


SINCE = """
SELECT p.release_seq, p.body, false AS under_review
  FROM publisher.public_items p
 WHERE ($1::text IS NULL OR p.board = $1)
   AND p.release_seq > $2
 ORDER BY p.release_seq
 LIMIT $3
"""


async def since(connection: asyncpg.Connection, board: Board | None, seq: int, limit: int) -> list[Public]:
    """Return items whose newest release follows a number, oldest first, withdrawn ones included."""
    return [_public(row) for row in await connection.fetch(SINCE, board, seq, limit)]


COUNT = """
SELECT count(*)
  FROM publisher.public_items p
 WHERE ($1::text IS NULL OR p.board = $1)
   AND ($2::text IS NULL OR p.period = $2)
   AND ($3::text IS NULL OR p.region = $3)
   AND ($4::text IS NULL OR p.industry = $4)
   AND ($5::text IS NULL OR p.operator_key = $5)
   AND ($6::text IS NULL OR p.words ILIKE $6)
   AND ($7::date IS NULL OR p.expires_on IS NULL OR p.expires_on >= $7)
   AND ($8 OR p.state <> 'withdrawn')
"""


async def count(connection: asyncpg.Connection, wanted: Filter) -> int:
    """Return how many items there are."""
    return int(await connection.fetchval(COUNT, *_conditions(wanted)))


def _conditions(wanted: Filter) -> tuple[object, ...]:
    return (
        wanted.board, wanted.period, wanted.region, wanted.industry, wanted.operator_key, _like(wanted.q), wanted.today,
        wanted.withdrawn,
    )  # fmt: skip


def _like(text: str | None) -> str | None:
    """Return the pattern of a text that stands anywhere, with its own wildcards taken literally."""
    if not text:
        return None
    return "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


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
        BY_NAME, wanted.period, wanted.region, wanted.industry, _like(wanted.q), wanted.q, *after, limit
    )
    return [_public(row) for row in rows]


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
        await connection.fetchval(
            COUNT_BY_NAME, wanted.period, wanted.region, wanted.industry, _like(wanted.q), wanted.q, *upto
        )
    )


def _public(row: asyncpg.Record) -> Public:
    return Public(row["release_seq"], PublicItem.model_validate_json(row["body"]), row["under_review"])


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


NEWEST_SEQ = "SELECT coalesce(max(release_seq), 0) FROM publisher.public_items WHERE board = $1"


async def newest_seq(connection: asyncpg.Connection, board: Board) -> int:
    """Return the number of the newest release on a board, 0 before the first."""
    return int(await connection.fetchval(NEWEST_SEQ, board))
