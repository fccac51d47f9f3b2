"""The release record read without the public projection: what every channel should carry now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import asyncpg

from services.publisher.store.public_items import StoredItem
from services.publisher.store.verification import TIMEOUT_S
from shared.contracts import Board, ItemState


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """Conditions on releases, each only where given.

    `withdrawn` includes withdrawn items, `state` leaves those of one state; `today` excludes expired items; release numbers
    are those below `before` and from `least` on; `operators` (keys) include what is about nobody.
    """

    board: Board | None = None
    region: str | None = None
    withdrawn: bool = False
    today: date | None = None
    before: int | None = None
    least: int = 0
    state: ItemState | None = None
    operators: Sequence[str] | None = None


NEWEST_RELEASES = """
SELECT r.release_seq, r.body,
       EXISTS (SELECT FROM publisher.applications a
                WHERE a.item_id = r.item_id AND a.ruled_at IS NULL AND a.kind = 'correction') AS under_review
  FROM publisher.releases r
 WHERE NOT EXISTS (SELECT FROM publisher.releases n WHERE n.item_id = r.item_id AND n.release_seq > r.release_seq)
   AND ($1::text IS NULL OR r.body ->> 'board' = $1)
   AND ($2::text IS NULL OR r.body ->> 'region' = $2 OR r.body ->> 'region' IS NULL)
   AND ($3 OR r.body ->> 'state' <> 'withdrawn')
   AND ($4::date IS NULL OR r.body ->> 'expires_on' IS NULL OR (r.body ->> 'expires_on')::date >= $4)
   AND ($5::bigint IS NULL OR r.release_seq < $5)
   AND r.release_seq >= $6
   AND ($7::text IS NULL OR r.body ->> 'state' = $7)
   AND ($8::text[] IS NULL OR r.body #>> '{operator,key}' IS NULL OR r.body #>> '{operator,key}' = ANY ($8))
 ORDER BY r.release_seq DESC
 LIMIT $9
"""


async def fetch_newest_releases(connection: asyncpg.Connection, criteria: RecordFilter, limit: int) -> list[StoredItem]:
    """Return the newest release of each item, the newest first."""
    conditions = (
        criteria.board,
        criteria.region,
        criteria.withdrawn,
        criteria.today,
        criteria.before,
        criteria.least,
        criteria.state,
        criteria.operators,
    )
    rows = await connection.fetch(NEWEST_RELEASES, *conditions, limit, timeout=TIMEOUT_S)
    return [StoredItem.from_row(row) for row in rows]


@dataclass(frozen=True, slots=True)
class MonthRow:
    """A row of a month's table: item, version, whether it was corrected."""

    item_id: str
    version: int
    corrected: bool


MONTH_ROWS = """
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
   AND ($2::text[] IS NULL OR body #>> '{operator,key}' = ANY ($2))
 ORDER BY body #>> '{operator,name}', item_id
 LIMIT $3
"""


async def fetch_month_rows(
    connection: asyncpg.Connection, region: str | None, limit: int | None, operators: Sequence[str] | None = None
) -> list[MonthRow]:
    """Return the newest month of the basic board ordered by operator name, of one region and of operators where given."""
    rows = await connection.fetch(MONTH_ROWS, region, operators, limit, timeout=TIMEOUT_S)
    return [MonthRow(**dict(row)) for row in rows]


OPERATOR_RELEASES = """
SELECT r.release_seq, r.body,
       EXISTS (SELECT FROM publisher.applications a
                WHERE a.item_id = r.item_id AND a.ruled_at IS NULL AND a.kind = 'correction') AS under_review
  FROM publisher.releases r
 WHERE r.item_id IN (SELECT p.item_id FROM publisher.public_items p WHERE p.operator_key = $1)
   AND NOT EXISTS (SELECT FROM publisher.releases n WHERE n.item_id = r.item_id AND n.release_seq > r.release_seq)
 ORDER BY r.release_seq DESC
"""


async def fetch_operator_releases(connection: asyncpg.Connection, key: str) -> list[StoredItem]:
    """Return the newest release of each item of an operator, the newest first, withdrawn ones included."""
    return [StoredItem.from_row(row) for row in await connection.fetch(OPERATOR_RELEASES, key)]


# Ordered by digest, so that the sample is the same each time and favours no month or operator.
SAMPLE_ITEM_IDS = """
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


async def sample_item_ids(connection: asyncpg.Connection, sample: int | None) -> list[str]:
    """Return the ids of released items: all, or a sample of them and as many that changed last."""
    return [row["item_id"] for row in await connection.fetch(SAMPLE_ITEM_IDS, sample, timeout=TIMEOUT_S)]


UNRELEASED_IDS = """
SELECT i.item_id
  FROM publisher.items i
 WHERE NOT EXISTS (SELECT FROM publisher.releases r WHERE r.item_id = i.item_id)
 ORDER BY i.item_id DESC
 LIMIT $1
"""


async def fetch_unreleased_ids(connection: asyncpg.Connection, limit: int | None) -> list[str]:
    """Return the ids of items that never were released, the newest first."""
    return [row["item_id"] for row in await connection.fetch(UNRELEASED_IDS, limit, timeout=TIMEOUT_S)]


GONE_OPERATOR_CODES = """
SELECT DISTINCT coalesce(r.body #>> '{operator,uscc}', r.body #>> '{operator,key}') AS code
  FROM publisher.releases r
 WHERE r.item_id IN (SELECT w.item_id FROM publisher.releases w WHERE w.kind = 'withdrawn')
   AND r.body #>> '{operator,key}' IS NOT NULL
   AND NOT EXISTS (
       SELECT FROM publisher.public_items p
        WHERE p.operator_key = r.body #>> '{operator,key}')
 ORDER BY code
 LIMIT $1
"""


async def fetch_gone_operator_codes(connection: asyncpg.Connection, limit: int | None) -> list[str]:
    """Return the codes of operators of whom every item was withdrawn."""
    return [row["code"] for row in await connection.fetch(GONE_OPERATOR_CODES, limit, timeout=TIMEOUT_S)]


SAMPLE_OPERATOR_CODES = "SELECT coalesce(uscc, key) AS code FROM publisher.public_operators ORDER BY md5(key) LIMIT $1"
COUNT_OPERATORS = "SELECT count(*) FROM publisher.public_operators"


async def sample_operator_codes(connection: asyncpg.Connection, sample: int | None) -> tuple[list[str], int]:
    """Return the codes of public operators, all or a sample of them, and how many there are."""
    rows = await connection.fetch(SAMPLE_OPERATOR_CODES, sample, timeout=TIMEOUT_S)
    return [row["code"] for row in rows], int(await connection.fetchval(COUNT_OPERATORS))
