"""What the desk lists: versions by state, how many wait where, and one version with all that was decided on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import asyncpg

from services.publisher.domain.drafting import State
from services.publisher.store.versions import Version
from shared.contracts import Board

Place = tuple[bool, datetime, str]
BEGINNING: Place = (False, datetime(1970, 1, 1, tzinfo=UTC), "")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which versions at work. `check` is `fail`, `warn` or `pass`; `q` is part of a title or of an item's number."""

    state: State
    board: Board | None = None
    check: str | None = None
    q: str | None = None


LISTED = """
SELECT v.item_id, i.board, v.version, v.purpose, v.state, v.form, v.digest, v.checks, v.failing, v.warning, v.drafted_by,
       v.drafted_at, v.rules_version, v.ruling_id, v.return_code, v.return_note, v.decided_by, v.decided_at
  FROM publisher.versions v
  JOIN publisher.items i USING (item_id)
 WHERE v.state = $1
   AND v.state IN ('draft', 'returned', 'approved')
   AND ($2::text IS NULL OR i.board = $2)
   AND ($3::text IS NULL OR $3 = CASE WHEN v.failing > 0 THEN 'fail' WHEN v.warning > 0 THEN 'warn' ELSE 'pass' END)
   AND ($4::text IS NULL OR v.form ->> 'title' ILIKE $4 OR v.item_id ILIKE $4)
   AND (v.failing > 0, v.drafted_at, v.item_id) > ($5, $6, $7)
 ORDER BY v.failing > 0, v.drafted_at, v.item_id
 LIMIT $8
"""


async def listed(connection: asyncpg.Connection, wanted: Wanted, *, after: Place = BEGINNING, limit: int) -> list[Version]:
    """Return versions at work, those drafted first in front and those that fail a check last, from behind a place.

    A place is (fails a check, drafted at, item id).
    """
    rows = await connection.fetch(LISTED, wanted.state, wanted.board, wanted.check, _like(wanted.q), *after, limit)
    return [Version.from_row(row) for row in rows]


COUNTED = """
SELECT count(*)
  FROM publisher.versions v
  JOIN publisher.items i USING (item_id)
 WHERE v.state = $1
   AND v.state IN ('draft', 'returned', 'approved')
   AND ($2::text IS NULL OR i.board = $2)
   AND ($3::text IS NULL OR $3 = CASE WHEN v.failing > 0 THEN 'fail' WHEN v.warning > 0 THEN 'warn' ELSE 'pass' END)
   AND ($4::text IS NULL OR v.form ->> 'title' ILIKE $4 OR v.item_id ILIKE $4)
"""


async def counted(connection: asyncpg.Connection, wanted: Wanted) -> int:
    """Return how many versions there are."""
    return int(await connection.fetchval(COUNTED, wanted.state, wanted.board, wanted.check, _like(wanted.q)))


def _like(text: str | None) -> str | None:
    return None if not text else "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


COUNTS = """
SELECT state, count(*) AS versions
  FROM publisher.versions
 WHERE state IN ('draft', 'returned', 'approved')
 GROUP BY state
"""


async def counts(connection: asyncpg.Connection) -> Mapping[State, int]:
    """Return how many versions wait in each state."""
    return {State(row["state"]): row["versions"] for row in await connection.fetch(COUNTS)}


OF_ITEM = """
SELECT v.item_id, i.board, v.version, v.purpose, v.state, v.form, v.digest, v.checks, v.failing, v.warning, v.drafted_by,
       v.drafted_at, v.rules_version, v.ruling_id, v.return_code, v.return_note, v.decided_by, v.decided_at
  FROM publisher.versions v
  JOIN publisher.items i USING (item_id)
 WHERE v.item_id = $1
 ORDER BY v.version DESC
"""


async def of_item(connection: asyncpg.Connection, item_id: str) -> list[Version]:
    """Return every version of an item, newest first."""
    return [Version.from_row(row) for row in await connection.fetch(OF_ITEM, item_id)]


NAMES = "SELECT name, display_name FROM accounts.people WHERE name = ANY ($1::text[])"


async def display_names(connection: asyncpg.Connection, names: list[str]) -> dict[str, str]:
    """Return the names of people as others see them, by account."""
    return {row["name"]: row["display_name"] for row in await connection.fetch(NAMES, names)}
