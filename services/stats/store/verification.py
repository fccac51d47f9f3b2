"""Each kept sum against a recount of contributions: only the rows that differ leave the database."""

from __future__ import annotations

import asyncpg

from services.stats.domain.recount import Difference
from services.stats.store.recount import TIMEOUT_S

# More differences than a person reads; one is enough to fail.
MOST = 100

BUCKETS = """
WITH recounted AS (
    SELECT operator_key, received_on AS day, category, region, industry, channel,
           count(*) AS complaints, count(*) FILTER (WHERE accepted) AS accepted,
           count(*) FILTER (WHERE settled) AS settled, count(*) FILTER (WHERE mediated) AS mediated,
           sum(amount) AS amount, sum(recovered) AS recovered, sum(stats.workdays_term(workdays)) AS workdays
      FROM stats.contributions
     WHERE counted
     GROUP BY 1, 2, 3, 4, 5, 6
)
SELECT concat_ws('/', operator_key, day, category, region, industry, channel) AS place,
       row(k.complaints, k.accepted, k.settled, k.mediated, k.amount, k.recovered, k.workdays)::text AS kept,
       row(r.complaints, r.accepted, r.settled, r.mediated, r.amount, r.recovered, r.workdays)::text AS recounted
  FROM stats.day_buckets AS k
  FULL JOIN recounted AS r USING (operator_key, day, category, region, industry, channel)
 WHERE (coalesce(k.complaints, 0), coalesce(k.accepted, 0), coalesce(k.settled, 0), coalesce(k.mediated, 0),
        coalesce(k.amount, 0), coalesce(k.recovered, 0), coalesce(k.workdays, 0))
    <> (coalesce(r.complaints, 0), coalesce(r.accepted, 0), coalesce(r.settled, 0), coalesce(r.mediated, 0),
        coalesce(r.amount, 0), coalesce(r.recovered, 0), coalesce(r.workdays, 0))
 LIMIT $1
"""
DAYS = """
WITH subjects AS (
    SELECT s.subject_kind, s.subject, received_on AS day, accepted, settled, mediated, amount, recovered,
           stats.workdays_term(workdays) AS workdays
      FROM stats.contributions
     CROSS JOIN LATERAL (
        VALUES ('all', ''), ('industry', industry), ('category', category), ('channel', channel)
         UNION ALL
        SELECT 'region', level FROM stats.region_levels(region) AS r(level)
     ) AS s(subject_kind, subject)
     WHERE counted
       AND (s.subject_kind = 'all' OR s.subject <> '')
), recounted AS (
    SELECT subject_kind, subject, day,
           count(*) AS complaints, count(*) FILTER (WHERE accepted) AS accepted,
           count(*) FILTER (WHERE settled) AS settled, count(*) FILTER (WHERE mediated) AS mediated,
           sum(amount) AS amount, sum(recovered) AS recovered, sum(workdays) AS workdays
      FROM subjects
     GROUP BY 1, 2, 3
)
SELECT concat_ws('/', subject_kind, subject, day) AS place,
       row(k.complaints, k.accepted, k.settled, k.mediated, k.amount, k.recovered, k.workdays)::text AS kept,
       row(r.complaints, r.accepted, r.settled, r.mediated, r.amount, r.recovered, r.workdays)::text AS recounted
  FROM stats.subject_days AS k
  FULL JOIN recounted AS r USING (subject_kind, subject, day)
 WHERE (coalesce(k.complaints, 0), coalesce(k.accepted, 0), coalesce(k.settled, 0), coalesce(k.mediated, 0),
        coalesce(k.amount, 0), coalesce(k.recovered, 0), coalesce(k.workdays, 0))
    <> (coalesce(r.complaints, 0), coalesce(r.accepted, 0), coalesce(r.settled, 0), coalesce(r.mediated, 0),
        coalesce(r.amount, 0), coalesce(r.recovered, 0), coalesce(r.workdays, 0))
 LIMIT $1
"""
MONTHS = """
WITH subjects AS (
    SELECT s.subject_kind, s.subject, date_trunc('month', received_on::timestamp)::date AS month,
           accepted, settled, mediated, amount, recovered, stats.workdays_term(workdays) AS workdays
      FROM stats.contributions
     CROSS JOIN LATERAL (
        VALUES ('all', ''), ('operator', operator_key), ('industry', industry), ('category', category),
               ('channel', channel)
         UNION ALL
        SELECT 'region', level FROM stats.region_levels(region) AS r(level)
     ) AS s(subject_kind, subject)
     WHERE counted
       AND (s.subject_kind = 'all' OR s.subject <> '')
), recounted AS (
    SELECT subject_kind, subject, month,
           count(*) AS complaints, count(*) FILTER (WHERE accepted) AS accepted,
           count(*) FILTER (WHERE settled) AS settled, count(*) FILTER (WHERE mediated) AS mediated,
           sum(amount) AS amount, sum(recovered) AS recovered, sum(workdays) AS workdays
      FROM subjects
     GROUP BY 1, 2, 3
)
SELECT concat_ws('/', subject_kind, subject, month) AS place,
       row(k.complaints, k.accepted, k.settled, k.mediated, k.amount, k.recovered, k.workdays)::text AS kept,
       row(r.complaints, r.accepted, r.settled, r.mediated, r.amount, r.recovered, r.workdays)::text AS recounted
  FROM stats.subject_months AS k
  FULL JOIN recounted AS r USING (subject_kind, subject, month)
 WHERE (coalesce(k.complaints, 0), coalesce(k.accepted, 0), coalesce(k.settled, 0), coalesce(k.mediated, 0),
        coalesce(k.amount, 0), coalesce(k.recovered, 0), coalesce(k.workdays, 0))
    <> (coalesce(r.complaints, 0), coalesce(r.accepted, 0), coalesce(r.settled, 0), coalesce(r.mediated, 0),
        coalesce(r.amount, 0), coalesce(r.recovered, 0), coalesce(r.workdays, 0))
 LIMIT $1
"""


async def differing_sums(connection: asyncpg.Connection) -> list[Difference]:
    """Return where the sums are not what the contributions add up to, at most `MOST` of each table."""
    found: list[Difference] = []
    for table, statement in (("day_buckets", BUCKETS), ("subject_days", DAYS), ("subject_months", MONTHS)):
        records = await connection.fetch(statement, MOST, timeout=TIMEOUT_S)
        found.extend(Difference(table, r["place"], r["kept"], r["recounted"]) for r in records)
    return found
