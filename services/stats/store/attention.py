"""Monthly counts of the subjects of a kind, for what deserves attention."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import asyncpg

# Who has enough complaints in the month is found first; the months before are read by their keys.
MONTHLY = """
WITH now AS MATERIALIZED (
    SELECT subject, complaints
      FROM stats.subject_months
     WHERE subject_kind = $1
       AND month = $2
       AND complaints >= $4
     ORDER BY complaints DESC, subject
     LIMIT $5
)
SELECT n.subject, n.complaints, b.months, b.counts
  FROM now AS n
 CROSS JOIN LATERAL (
    SELECT array_agg(m.month) AS months, array_agg(m.complaints) AS counts
      FROM stats.subject_months AS m
     WHERE m.subject_kind = $1
       AND m.subject = n.subject
       AND m.month >= $3
       AND m.month < $2
 ) AS b
 ORDER BY n.complaints DESC, n.subject
"""
TOTALS = """
SELECT month, complaints
  FROM stats.subject_months
 WHERE subject_kind = 'all'
   AND month BETWEEN $1 AND $2
   AND complaints > 0
 ORDER BY month
"""


@dataclass(frozen=True, slots=True)
class Monthly:
    """The complaints about a subject in a month, and in the months before it that have any."""

    subject: str
    complaints: int
    before: dict[date, int]


async def fetch_monthly(
    connection: asyncpg.Connection, kind: str, month: date, first: date, minimum: int, limit: int
) -> list[Monthly]:
    """Return the subjects with at least `minimum` complaints in a month, the most first, with their months since `first`."""
    records = await connection.fetch(MONTHLY, kind, month, first, minimum, limit)
    return [
        Monthly(
            record["subject"],
            record["complaints"],
            dict(zip(record["months"] or (), record["counts"] or (), strict=True)),
        )
        for record in records
    ]


async def fetch_totals(connection: asyncpg.Connection, first: date, last: date) -> dict[date, int]:
    """Return all complaints by month, months without any left out."""
    return {record["month"]: record["complaints"] for record in await connection.fetch(TOTALS, first, last)}
