"""Months that are closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import asyncpg


@dataclass(frozen=True, slots=True)
class ClosedMonth:
    """A month whose figures are final but for restatements; `operators` have figures in it and `complaints` are their sum."""

    month: date
    closed_at: datetime
    operators: int
    complaints: int


SELECT_CLOSED = "SELECT month, closed_at, operators, complaints FROM stats.closed_months ORDER BY month DESC"


async def fetch_closed_months(connection: asyncpg.Connection) -> list[ClosedMonth]:
    """Return the closed months, newest first."""
    return [ClosedMonth(**dict(record)) for record in await connection.fetch(SELECT_CLOSED)]


INSERT_CLOSED = """
INSERT INTO stats.closed_months (month, closed_at, operators, complaints)
SELECT $1, $2, count(*) FILTER (WHERE complaints > 0), coalesce(sum(complaints), 0)
  FROM stats.subject_months
 WHERE subject_kind = 'operator'
   AND month = $1
RETURNING month, closed_at, operators, complaints
"""


async def insert_closed_month(connection: asyncpg.Connection, month: date, at: datetime) -> ClosedMonth:
    """Close a month with the sums of its operators' figures."""
    [record] = await connection.fetch(INSERT_CLOSED, month, at)
    return ClosedMonth(**dict(record))
