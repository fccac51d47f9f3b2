"""Tallies of subjects by the day of receipt: what depends on today is worked out from days."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import asyncpg

from services.stats.domain.tallies import DayTallies

# Of operators the days are in day_buckets, of large ones by themselves.
TALLIES = """
WITH small AS (
    SELECT o.key
      FROM unnest($2::text[]) AS o(key)
     WHERE NOT EXISTS (SELECT FROM stats.large_operators AS l WHERE l.operator_key = o.key)
)
SELECT CASE WHEN $5 THEN subject ELSE '' END AS key, day, sum(complaints) AS complaints, sum(tallies)::text AS tallies
  FROM (
    SELECT subject, day, complaints, tallies
      FROM stats.days_of_subjects
     WHERE subject_kind = $1 AND subject = ANY ($2::text[]) AND day BETWEEN $3 AND $4
     UNION ALL
    SELECT operator_key, day, complaints, tallies
      FROM stats.day_buckets
     WHERE $1 = 'operator' AND operator_key = ANY (ARRAY(SELECT key FROM small)) AND day BETWEEN $3 AND $4
  ) AS d
 GROUP BY key, day
 ORDER BY key, day
"""


async def fetch_tallies(
    connection: asyncpg.Connection, kind: str, subjects: Sequence[str], first: date, last: date, *, apart: bool
) -> dict[str, list[DayTallies]]:
    """Return the tallies of each day, of subjects `apart` by subject or, under an empty text, together."""
    found: dict[str, list[DayTallies]] = {}
    for record in await connection.fetch(TALLIES, kind, list(subjects), first, last, apart):
        tallies = DayTallies.read(record["day"], int(record["complaints"]), record["tallies"])
        found.setdefault(record["key"], []).append(tallies)
    return found
