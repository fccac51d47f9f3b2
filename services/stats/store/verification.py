"""Each kept sum against a recount of contributions: only the rows that differ leave the database."""

from __future__ import annotations

import asyncpg

from services.stats.domain.figures import ZERO
from services.stats.domain.recount import Difference
from services.stats.store.recount import TIMEOUT_S
from shared.contracts import PeriodKind

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
        VALUES ('all', ''), ('industry', industry)
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


# Subjects with changes that wait to be said are left out: what was said of them is known to be old.
FIGURES = """
WITH subjects AS (
    SELECT s.subject_kind, s.subject,
           CASE $2::text
               WHEN 'month' THEN to_char(received_on, 'YYYY-MM')
               WHEN 'quarter' THEN to_char(received_on, 'YYYY-"Q"Q')
               WHEN 'half' THEN to_char(received_on, 'YYYY-"H"') || (extract(month FROM received_on)::integer + 5) / 6
               WHEN 'year' THEN to_char(received_on, 'YYYY')
           END AS period,
           accepted, settled, mediated, amount, recovered, workdays
      FROM stats.contributions
     CROSS JOIN LATERAL (
        VALUES ('all', ''), ('operator', operator_key), ('industry', industry), ('category', category),
               ('channel', channel)
         UNION ALL
        SELECT 'region', level FROM stats.region_levels(region) AS r(level)
     ) AS s(subject_kind, subject)
     WHERE counted
       AND (s.subject_kind = 'all' OR s.subject <> '')
), sums AS (
    SELECT subject_kind, subject, period,
           count(*) AS complaints, count(*) FILTER (WHERE accepted) AS accepted,
           count(*) FILTER (WHERE settled) AS settled, count(*) FILTER (WHERE mediated) AS mediated,
           sum(amount) AS amount, sum(recovered) AS recovered,
           percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY workdays) AS days
      FROM subjects
     GROUP BY 1, 2, 3
), recounted AS (
    SELECT subject_kind, subject, period, complaints, accepted, settled AS resolved,
           round(settled::numeric / nullif(accepted, 0), 4) AS resolution_rate,
           mediated AS mediations, settled AS mediation_successes,
           round(settled::numeric / nullif(mediated, 0), 4) AS mediation_success_rate, amount, recovered,
           round(days[1]::numeric, 1) AS median_days, round(days[2]::numeric, 1) AS p90_days
      FROM sums
), said AS (
    SELECT f.subject_kind, f.subject, f.period, m.*
      FROM stats.figures AS f
     CROSS JOIN LATERAL jsonb_to_record(f.measures) AS m(
        complaints bigint, accepted bigint, resolved bigint, resolution_rate numeric, mediations bigint,
        mediation_successes bigint, mediation_success_rate numeric, amount numeric, recovered numeric,
        median_days numeric, p90_days numeric
     )
     WHERE f.period_kind = $2
       AND f.measures <> $3::jsonb
)
SELECT concat_ws('/', subject_kind, subject, period) AS place,
       to_jsonb(f) - ARRAY['subject_kind', 'subject', 'period'] AS kept,
       to_jsonb(r) - ARRAY['subject_kind', 'subject', 'period'] AS recounted
  FROM said AS f
  FULL JOIN recounted AS r USING (subject_kind, subject, period)
 WHERE (f.complaints, f.accepted, f.resolved, f.resolution_rate, f.mediations, f.mediation_successes,
        f.mediation_success_rate, f.amount, f.recovered, f.median_days, f.p90_days)
       IS DISTINCT FROM
       (r.complaints, r.accepted, r.resolved, r.resolution_rate, r.mediations, r.mediation_successes,
        r.mediation_success_rate, r.amount, r.recovered, r.median_days, r.p90_days)
   AND NOT EXISTS (
        SELECT FROM stats.pending_changes AS p
         WHERE p.subject_kind = coalesce(f.subject_kind, r.subject_kind)
           AND coalesce(f.subject, r.subject) = ANY (p.subjects)
   )
 LIMIT $1
"""


async def differing_figures(connection: asyncpg.Connection) -> list[Difference]:
    """Return where what was said is not what the contributions add up to, at most `MOST` of each kind of period."""
    found: list[Difference] = []
    for kind in PeriodKind:
        records = await connection.fetch(FIGURES, MOST, kind, ZERO.model_dump_json(), timeout=TIMEOUT_S)
        found.extend(Difference("figures", r["place"], r["kept"] or "nothing", r["recounted"] or "nothing") for r in records)
    return found


HELD = """
SELECT (SELECT count(*) FROM stats.contributions WHERE counted) AS complaints,
       (SELECT count(*) FROM stats.figures) AS figures
"""


async def held(connection: asyncpg.Connection) -> tuple[int, int]:
    """Return how many complaints are counted and how many figures were said."""
    [record] = await connection.fetch(HELD)
    return record["complaints"], record["figures"]


async def differing_sums(connection: asyncpg.Connection) -> list[Difference]:
    """Return where the sums are not what the contributions add up to, at most `MOST` of each table."""
    found: list[Difference] = []
    for table, statement in (("day_buckets", BUCKETS), ("subject_days", DAYS), ("subject_months", MONTHS)):
        records = await connection.fetch(statement, MOST, timeout=TIMEOUT_S)
        found.extend(Difference(table, r["place"], r["kept"], r["recounted"]) for r in records)
    return found
