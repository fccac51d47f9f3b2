"""Sums of subjects over days: whole months from the months, single days before and after them from the days."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import asyncpg

from services.stats.domain.measures import ZERO_SUMS, Sums
from services.stats.domain.periods import DayRange
from services.stats.domain.subjects import CountedKind
from services.stats.store.figures import to_sums


class Grouping(StrEnum):
    """What the sums are kept apart by: by nothing, by subject, or by step of time."""

    NONE = "none"
    SUBJECT = "subject"
    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


# Each branch reads its own index from its first day to its last. Of operators the days are in day_buckets, of large ones by
# themselves.
SUMS = """
WITH small AS (
    SELECT o.key
      FROM unnest($1::text[]) AS o(key)
     WHERE NOT EXISTS (SELECT FROM stats.large_operators AS l WHERE l.operator_key = o.key)
), parts AS (
    SELECT subject, month AS day, complaints, accepted, settled, mediated, amount, recovered, workdays
      FROM stats.subject_months
     WHERE subject_kind = $8 AND subject = ANY ($1::text[]) AND month >= $4 AND month < $5
     UNION ALL
    SELECT subject, day, complaints, accepted, settled, mediated, amount, recovered, workdays
      FROM stats.days_of_subjects
     WHERE subject_kind = $8 AND subject = ANY ($1) AND day >= $2 AND day < $3
     UNION ALL
    SELECT subject, day, complaints, accepted, settled, mediated, amount, recovered, workdays
      FROM stats.days_of_subjects
     WHERE subject_kind = $8 AND subject = ANY ($1) AND day >= $6 AND day <= $7
     UNION ALL
    SELECT operator_key, day, complaints, accepted, settled, mediated, amount, recovered, workdays
      FROM stats.day_buckets
     WHERE $8 = 'operator' AND operator_key = ANY (ARRAY(SELECT key FROM small)) AND day >= $2 AND day < $3
     UNION ALL
    SELECT operator_key, day, complaints, accepted, settled, mediated, amount, recovered, workdays
      FROM stats.day_buckets
     WHERE $8 = 'operator' AND operator_key = ANY (ARRAY(SELECT key FROM small)) AND day >= $6 AND day <= $7
)
SELECT CASE $9::text
           WHEN 'none' THEN ''
           WHEN 'subject' THEN subject
           WHEN 'day' THEN to_char(day, 'YYYY-MM-DD')
           WHEN 'month' THEN to_char(day, 'YYYY-MM')
           WHEN 'quarter' THEN to_char(day, 'YYYY-"Q"Q')
           WHEN 'year' THEN to_char(day, 'YYYY')
       END AS key,
       sum(complaints) AS complaints, sum(accepted) AS accepted, sum(settled) AS settled, sum(mediated) AS mediated,
       sum(amount) AS amount, sum(recovered) AS recovered, sum(workdays)::text AS workdays
  FROM parts
 GROUP BY key
 ORDER BY key
"""


async def fetch_grouped_sums(
    connection: asyncpg.Connection, kind: CountedKind, subjects: Sequence[str], days: DayRange, grouping: Grouping
) -> dict[str, Sums]:
    """Return the sums of subjects over some days, by subject or by the name of a step of time, in order, without empty ones."""
    bounds = (days.first, days.head_until, days.whole_from, days.whole_until, days.tail_from, days.last)
    records = await connection.fetch(SUMS, list(subjects), *bounds, kind, grouping)
    return {record["key"]: to_sums(record) for record in records}


async def fetch_sums(connection: asyncpg.Connection, kind: CountedKind, subjects: Sequence[str], days: DayRange) -> Sums:
    """Return the sums of subjects together over some days."""
    return (await fetch_grouped_sums(connection, kind, subjects, days, Grouping.NONE)).get("", ZERO_SUMS)


SUBJECTS_WITHIN = """
SELECT DISTINCT subject
  FROM stats.subject_months
 WHERE subject_kind = $1
   AND month >= date_trunc('month', $2::date)
   AND month <= $3
   AND complaints > 0
 ORDER BY subject
"""


async def fetch_subjects(connection: asyncpg.Connection, kind: CountedKind, days: DayRange) -> list[str]:
    """Return the subjects of a kind with complaints in the months that the days touch, in the order of their codes."""
    return [record["subject"] for record in await connection.fetch(SUBJECTS_WITHIN, kind, days.first, days.last)]
