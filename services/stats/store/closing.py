"""Months that are closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import asyncpg


@dataclass(frozen=True, slots=True)
class ClosedMonth:
    """A month whose figures stand; `operators` have figures in it and `complaints` are their sum."""

    month: date
    closed_at: datetime
    operators: int
    complaints: int


LIST = "SELECT month, closed_at, operators, complaints FROM stats.closed_months ORDER BY month DESC"


async def closed_months(connection: asyncpg.Connection) -> list[ClosedMonth]:
    """Return the closed months, newest first."""
    return [ClosedMonth(**dict(record)) for record in await connection.fetch(LIST)]


CLOSE = """
INSERT INTO stats.closed_months (month, closed_at, operators, complaints)
SELECT $1, $2, count(*) FILTER (WHERE complaints > 0), coalesce(sum(complaints), 0)
  FROM stats.subject_months
 WHERE subject_kind = 'operator'
   AND month = $1
RETURNING month, closed_at, operators, complaints
"""


async def close(connection: asyncpg.Connection, month: date, at: datetime) -> ClosedMonth:
    """Close a month with what its operators' figures add up to."""
    [record] = await connection.fetch(CLOSE, month, at)
    return ClosedMonth(**dict(record))
