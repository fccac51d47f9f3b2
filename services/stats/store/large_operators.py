"""Operators whose days are kept by themselves: adding up their buckets would take longer than an answer may."""

from __future__ import annotations

from datetime import date, datetime

import asyncpg

# Complaints of a month from which an operator is kept by the day: a year of so many is some thousand buckets.
LARGE_MONTH = 300

FIND = """
SELECT DISTINCT subject
  FROM stats.subject_months
 WHERE subject_kind = 'operator'
   AND month >= $1
   AND complaints >= $2
   AND NOT EXISTS (SELECT FROM stats.large_operators AS l WHERE l.operator_key = subject)
 ORDER BY subject
"""


async def find_large_operators(connection: asyncpg.Connection, since: date) -> list[str]:
    """Return the operators with `LARGE_MONTH` complaints in a month since a day, that are not kept by the day yet."""
    return [record["subject"] for record in await connection.fetch(FIND, since, LARGE_MONTH)]


# A batch writes its buckets before its days. One that has written both is waited for, and its buckets are read; one that has
# yet to write its days waits, and finds the operator among the large ones.
LOCK = "LOCK TABLE stats.day_changes IN SHARE ROW EXCLUSIVE MODE"
ADD = """
WITH added AS (
    INSERT INTO stats.large_operators (operator_key, since)
    VALUES ($1, $2)
        ON CONFLICT DO NOTHING
    RETURNING operator_key
)
INSERT INTO stats.subject_days (
    subject_kind, subject, day, complaints, accepted, settled, mediated, amount, recovered, workdays, tallies
)
SELECT 'operator', operator_key, day, sum(complaints), sum(accepted), sum(settled), sum(mediated), sum(amount), sum(recovered),
       sum(workdays), sum(tallies)
  FROM stats.day_buckets
  JOIN added USING (operator_key)
 GROUP BY operator_key, day
"""


async def add_large_operator(connection: asyncpg.Connection, operator_key: str, at: datetime) -> None:
    """Keep an operator by the day from this transaction on; its days so far are those of its buckets."""
    await connection.execute(LOCK)
    await connection.execute(ADD, operator_key, at)
