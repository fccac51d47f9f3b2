"""Months that were closed: whether all their figures are here, and whether they were drafted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from services.publisher.domain.basic import MonthFigure
from shared.contracts import MonthClosed

KEEP = """
INSERT INTO publisher.closings (month, operators, complaints, closed_at)
SELECT *
  FROM unnest($1::text[], $2::integer[], $3::integer[], $4::timestamptz[])
    ON CONFLICT (month) DO UPDATE
   SET operators = excluded.operators, complaints = excluded.complaints, closed_at = excluded.closed_at
"""


async def keep(connection: asyncpg.Connection, closings: Sequence[MonthClosed]) -> None:
    """Keep the closes of months; each month at most once."""
    await connection.execute(
        KEEP,
        [c.month for c in closings],
        [c.operators for c in closings],
        [c.complaints for c in closings],
        [c.closed_at for c in closings],
    )


COMPLETE = """
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


async def complete(connection: asyncpg.Connection) -> list[str]:
    """Return closed months that are not drafted yet and whose figures have all come."""
    return [row["month"] for row in await connection.fetch(COMPLETE)]


DRAFTED = "SELECT month FROM publisher.closings WHERE month = ANY ($1::text[]) AND drafted_at IS NOT NULL"


async def drafted_among(connection: asyncpg.Connection, months: Sequence[str]) -> set[str]:
    """Return which of the months have been drafted."""
    return {row["month"] for row in await connection.fetch(DRAFTED, months)}


MARK_DRAFTED = """
INSERT INTO publisher.closings (month, operators, complaints, closed_at, drafted_at)
VALUES ($1, $2, $3, $4, $4)
    ON CONFLICT (month) DO UPDATE SET drafted_at = coalesce(closings.drafted_at, excluded.drafted_at)
"""


async def mark_drafted(connection: asyncpg.Connection, month: str, figures: Sequence[MonthFigure], at: datetime) -> None:
    """Remember that a month was drafted; later changes of its figures change the drafts."""
    complaints = sum(figure.measures.complaints for figure in figures)
    await connection.execute(MARK_DRAFTED, month, len(figures), complaints, at)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A closed month whose figures have not all come: what is held, what is expected."""

    month: str
    operators_held: int
    operators: int
    closed_at: datetime


WAITING = """
SELECT c.month, c.operators, c.closed_at, count(f.subject)::integer AS operators_held
  FROM publisher.closings c
  LEFT JOIN publisher.figures f
    ON f.subject_kind = 'operator' AND f.period_kind = 'month' AND f.period = c.month
 WHERE c.drafted_at IS NULL
 GROUP BY c.month
 ORDER BY c.month
"""


async def waiting(connection: asyncpg.Connection) -> list[Waiting]:
    """Return closed months that wait for figures."""
    return [
        Waiting(row["month"], row["operators_held"], row["operators"], row["closed_at"])
        for row in await connection.fetch(WAITING)
    ]


COUNT = "SELECT count(*) FROM publisher.closings"
LAST_CLOSE = "SELECT max(closed_at) FROM publisher.closings"


async def count(connection: asyncpg.Connection) -> int:
    """Return how many months were closed."""
    return int(await connection.fetchval(COUNT))


async def last_close(connection: asyncpg.Connection) -> datetime | None:
    """Return when the newest close was made, or None before the first."""
    moment: datetime | None = await connection.fetchval(LAST_CLOSE)
    return moment
