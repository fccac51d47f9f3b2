"""Closed months: whether all their figures are stored, and whether they were drafted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from shared.contracts import MonthClosed

UPSERT_CLOSINGS = """
INSERT INTO publisher.closings (month, operators, complaints, closed_at)
SELECT *
  FROM unnest($1::text[], $2::integer[], $3::integer[], $4::timestamptz[])
    ON CONFLICT (month) DO UPDATE
   SET operators = excluded.operators, complaints = excluded.complaints, closed_at = excluded.closed_at
"""


async def upsert_closings(connection: asyncpg.Connection, closings: Sequence[MonthClosed]) -> None:
    """Upsert the closes of months; each month at most once."""
    await connection.execute(
        UPSERT_CLOSINGS,
        [c.month for c in closings],
        [c.operators for c in closings],
        [c.complaints for c in closings],
        [c.closed_at for c in closings],
    )


COMPLETE_MONTHS = """
SELECT c.month
  FROM publisher.closings c
 CROSS JOIN LATERAL (
       SELECT count(*) AS operators, coalesce(sum(f.complaints_at_close), 0) AS complaints
         FROM publisher.figures f
        WHERE f.subject_kind = 'operator' AND f.period_kind = 'month' AND f.period = c.month) held
 WHERE c.drafted_at IS NULL
   AND held.operators >= c.operators
   AND held.complaints = c.complaints
 ORDER BY c.month
"""


async def fetch_complete_months(connection: asyncpg.Connection) -> list[str]:
    """Return closed months that are not drafted yet and whose figures are all stored."""
    return [row["month"] for row in await connection.fetch(COMPLETE_MONTHS)]


IS_CLOSED = "SELECT EXISTS (SELECT FROM publisher.closings WHERE month = $1)"


async def is_closed(connection: asyncpg.Connection, month: str) -> bool:
    """Return whether the figures of the month are closed."""
    return bool(await connection.fetchval(IS_CLOSED, month))


DRAFTED_MONTHS = "SELECT month FROM publisher.closings WHERE month = ANY ($1::text[]) AND drafted_at IS NOT NULL"


async def fetch_drafted_months(connection: asyncpg.Connection, months: Sequence[str]) -> set[str]:
    """Return which of the months have been drafted."""
    return {row["month"] for row in await connection.fetch(DRAFTED_MONTHS, months)}


MARK_DRAFTED = "UPDATE publisher.closings SET drafted_at = coalesce(drafted_at, $2) WHERE month = $1"


async def mark_drafted(connection: asyncpg.Connection, month: str, at: datetime) -> None:
    """Record that a closed month was drafted; later changes of its figures revise the drafts."""
    await connection.execute(MARK_DRAFTED, month, at)


@dataclass(frozen=True, slots=True)
class IncompleteMonth:
    """A closed month whose figures are not all stored: how many operators are, how many are expected."""

    month: str
    operators_stored: int
    operators: int
    closed_at: datetime


INCOMPLETE_MONTHS = """
SELECT c.month, c.operators, c.closed_at, count(f.subject)::integer AS operators_stored
  FROM publisher.closings c
  LEFT JOIN publisher.figures f
    ON f.subject_kind = 'operator' AND f.period_kind = 'month' AND f.period = c.month
 WHERE c.drafted_at IS NULL
 GROUP BY c.month
 ORDER BY c.month
"""


async def fetch_incomplete_months(connection: asyncpg.Connection) -> list[IncompleteMonth]:
    """Return closed months that lack figures."""
    return [
        IncompleteMonth(row["month"], row["operators_stored"], row["operators"], row["closed_at"])
        for row in await connection.fetch(INCOMPLETE_MONTHS)
    ]


COUNT_CLOSINGS = "SELECT count(*) FROM publisher.closings"
LAST_CLOSE = "SELECT max(closed_at) FROM publisher.closings"


async def count_closings(connection: asyncpg.Connection) -> int:
    """Return how many months were closed."""
    return int(await connection.fetchval(COUNT_CLOSINGS))


async def last_close(connection: asyncpg.Connection) -> datetime | None:
    """Return the time of the newest close, None before the first."""
    closed_at: datetime | None = await connection.fetchval(LAST_CLOSE)
    return closed_at
