"""The release record read by itself, without what is kept for showing: what every channel should carry now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import asyncpg

from services.publisher.store.public import Public
from services.publisher.store.verification import TIMEOUT_S
from shared.contracts import Board


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which items: each condition only where it is given.

    `today` leaves out what has expired; release numbers are those below `before` and from `least` on.
    """

    board: Board | None = None
    region: str | None = None
    withdrawn: bool = False
    today: date | None = None
    before: int | None = None
    least: int = 0


NEWEST = """
SELECT r.release_seq, r.body,
       EXISTS (SELECT FROM publisher.applications a
                WHERE a.item_id = r.item_id AND a.ruled_at IS NULL AND a.kind = 'correction') AS under_review
  FROM publisher.releases r
 WHERE NOT EXISTS (SELECT FROM publisher.releases n WHERE n.item_id = r.item_id AND n.release_seq > r.release_seq)
   AND ($1::text IS NULL OR r.body ->> 'board' = $1)
   AND ($2::text IS NULL OR r.body ->> 'region' = $2)
   AND ($3 OR r.body ->> 'state' <> 'withdrawn')
   AND ($4::date IS NULL OR r.body ->> 'expires_on' IS NULL OR (r.body ->> 'expires_on')::date >= $4)
   AND ($5::bigint IS NULL OR r.release_seq < $5)
   AND r.release_seq >= $6
 ORDER BY r.release_seq DESC
 LIMIT $7
"""


async def newest(connection: asyncpg.Connection, wanted: Wanted, limit: int) -> list[Public]:
    """Return the newest releases of items, the newest first."""
    conditions = (wanted.board, wanted.region, wanted.withdrawn, wanted.today, wanted.before, wanted.least)
    rows = await connection.fetch(NEWEST, *conditions, limit, timeout=TIMEOUT_S)
    return [Public.from_row(row) for row in rows]


@dataclass(frozen=True, slots=True)
class Row:
    """An operator's month as a table shows it: item, version, whether it was corrected."""

    item_id: str
    version: int
    corrected: bool


BY_NAME = """
WITH live AS (
    SELECT r.item_id, r.version, r.body
      FROM publisher.releases r
     WHERE NOT EXISTS (SELECT FROM publisher.releases n WHERE n.item_id = r.item_id AND n.release_seq > r.release_seq)
       AND r.body ->> 'board' = 'basic'
       AND r.body ->> 'state' <> 'withdrawn'
)
SELECT item_id, version, body ->> 'state' = 'corrected' AS corrected
  FROM live
 WHERE body ->> 'period' = (SELECT max(body ->> 'period') FROM live)
   AND ($1::text IS NULL OR body ->> 'region' = $1)
 ORDER BY body #>> '{operator,name}', item_id
 LIMIT $2
"""


async def by_name(connection: asyncpg.Connection, region: str | None, limit: int | None) -> list[Row]:
    """Return the newest month of the basic board by the operator's name, of one region if told."""
    return [Row(**dict(row)) for row in await connection.fetch(BY_NAME, region, limit, timeout=TIMEOUT_S)]


OF_OPERATOR = """
SELECT r.release_seq, r.body,
       EXISTS (SELECT FROM publisher.applications a
                WHERE a.item_id = r.item_id AND a.ruled_at IS NULL AND a.kind = 'correction') AS under_review
  FROM publisher.releases r
 WHERE r.item_id IN (SELECT p.item_id FROM publisher.public_items p WHERE p.operator_key = $1)
   AND NOT EXISTS (SELECT FROM publisher.releases n WHERE n.item_id = r.item_id AND n.release_seq > r.release_seq)
 ORDER BY r.release_seq DESC
"""


async def of_operator(connection: asyncpg.Connection, key: str) -> list[Public]:
    """Return the newest release of each item of an operator, the newest first, withdrawn ones among them."""
    return [Public.from_row(row) for row in await connection.fetch(OF_OPERATOR, key)]


# By their digest, so that the same are taken each time, and of no month or operator more than of another.
ITEMS = """
WITH newest AS (
    SELECT r.item_id, r.kind <> 'released' AS changed,
           row_number() OVER (PARTITION BY r.kind = 'released' ORDER BY r.release_seq DESC) AS age,
           row_number() OVER (ORDER BY md5(r.item_id)) AS place
      FROM publisher.releases r
     WHERE NOT EXISTS (SELECT FROM publisher.releases n WHERE n.item_id = r.item_id AND n.release_seq > r.release_seq)
)
SELECT item_id
  FROM newest
 WHERE $1::bigint IS NULL
    OR place <= $1
    OR (changed AND age <= $1)
 ORDER BY item_id
"""


async def item_ids(connection: asyncpg.Connection, sample: int | None) -> list[str]:
    """Return items that were ever released: all, or a sample of them and as many that changed last."""
    return [row["item_id"] for row in await connection.fetch(ITEMS, sample, timeout=TIMEOUT_S)]


UNRELEASED = """
SELECT i.item_id
  FROM publisher.items i
 WHERE NOT EXISTS (SELECT FROM publisher.releases r WHERE r.item_id = i.item_id)
 ORDER BY i.item_id DESC
 LIMIT $1
"""


async def unreleased_ids(connection: asyncpg.Connection, limit: int | None) -> list[str]:
    """Return items that never were released, the newest first."""
    return [row["item_id"] for row in await connection.fetch(UNRELEASED, limit, timeout=TIMEOUT_S)]


OPERATORS = "SELECT coalesce(uscc, key) AS code FROM publisher.public_operators ORDER BY md5(key) LIMIT $1"
OPERATORS_HELD = "SELECT count(*) FROM publisher.public_operators"


async def operator_codes(connection: asyncpg.Connection, sample: int | None) -> tuple[list[str], int]:
    """Return the codes of operators of whom something is public, all or a sample of them, and how many there are."""
    rows = await connection.fetch(OPERATORS, sample, timeout=TIMEOUT_S)
    return [row["code"] for row in rows], int(await connection.fetchval(OPERATORS_HELD))
