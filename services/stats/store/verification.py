"""Each stored sum compared with a recount of contributions: only the rows that differ leave the database."""

from __future__ import annotations

import asyncpg

from services.stats.domain.figures import ZERO_MEASURES
from services.stats.domain.recount import Difference
from services.stats.store.recount import TIMEOUT_S
from shared.calendar import FIRST_DAY, Calendar
from shared.contracts import PeriodKind

# More differences than a person reads; one is enough to fail.
MAX_DIFFERENCES = 100

DAY_BUCKETS = """
WITH recounted AS (
    SELECT operator_key, received_on AS day, category, region, industry, channel,
           count(*) FILTER (WHERE counted) AS complaints, count(*) FILTER (WHERE counted AND accepted) AS accepted,
           count(*) FILTER (WHERE counted AND settled) AS settled, count(*) FILTER (WHERE counted AND mediated) AS mediated,
           sum(amount) FILTER (WHERE counted) AS amount, sum(recovered) FILTER (WHERE counted) AS recovered,
           sum(stats.workdays_term(workdays)) FILTER (WHERE counted) AS workdays, sum(stats.tallies(c)) AS tallies
      FROM stats.contributions AS c
     WHERE revision > 0 AND NOT duplicate AND NOT ruled_out
     GROUP BY 1, 2, 3, 4, 5, 6
)
SELECT concat_ws('/', operator_key, day, category, region, industry, channel) AS place,
       row(s.complaints, s.accepted, s.settled, s.mediated, s.amount, s.recovered, s.workdays, s.tallies)::text AS stored,
       row(r.complaints, r.accepted, r.settled, r.mediated, r.amount, r.recovered, r.workdays, r.tallies)::text AS recounted
  FROM stats.day_buckets AS s
  FULL JOIN recounted AS r USING (operator_key, day, category, region, industry, channel)
 WHERE (coalesce(s.complaints, 0), coalesce(s.accepted, 0), coalesce(s.settled, 0), coalesce(s.mediated, 0),
        coalesce(s.amount, 0), coalesce(s.recovered, 0), coalesce(s.workdays, 0), coalesce(s.tallies, 0))
    <> (coalesce(r.complaints, 0), coalesce(r.accepted, 0), coalesce(r.settled, 0), coalesce(r.mediated, 0),
        coalesce(r.amount, 0), coalesce(r.recovered, 0), coalesce(r.workdays, 0), coalesce(r.tallies, 0))
 LIMIT $1
"""
SUBJECT_DAYS = """
WITH subjects AS (
    SELECT s.subject_kind, s.subject, received_on AS day, counted, accepted, settled, mediated, amount, recovered,
           stats.workdays_term(workdays) AS workdays, stats.tallies(c) AS tallies
      FROM stats.contributions AS c
     CROSS JOIN LATERAL (
        VALUES ('all', ''), ('industry', industry), ('category', category), ('channel', channel), ('office', office),
               ('site', site), ('platform', platform), ('sale_mode', sale_mode)
         UNION ALL
        SELECT 'region', level FROM stats.region_levels(region) AS r(level)
         UNION ALL
        SELECT 'operator', l.operator_key FROM stats.large_operators AS l WHERE l.operator_key = c.operator_key
     ) AS s(subject_kind, subject)
     WHERE revision > 0 AND NOT duplicate AND NOT ruled_out
       AND (s.subject_kind = 'all' OR s.subject <> '')
), recounted AS (
    SELECT subject_kind, subject, day,
           count(*) FILTER (WHERE counted) AS complaints, count(*) FILTER (WHERE counted AND accepted) AS accepted,
           count(*) FILTER (WHERE counted AND settled) AS settled, count(*) FILTER (WHERE counted AND mediated) AS mediated,
           sum(amount) FILTER (WHERE counted) AS amount, sum(recovered) FILTER (WHERE counted) AS recovered,
           sum(workdays) FILTER (WHERE counted) AS workdays, sum(tallies) AS tallies
      FROM subjects
     GROUP BY 1, 2, 3
)
SELECT concat_ws('/', subject_kind, subject, day) AS place,
       row(s.complaints, s.accepted, s.settled, s.mediated, s.amount, s.recovered, s.workdays, s.tallies)::text AS stored,
       row(r.complaints, r.accepted, r.settled, r.mediated, r.amount, r.recovered, r.workdays, r.tallies)::text AS recounted
  FROM (
    SELECT subject_kind, subject, day, sum(complaints) AS complaints, sum(accepted) AS accepted, sum(settled) AS settled,
           sum(mediated) AS mediated, sum(amount) AS amount, sum(recovered) AS recovered, sum(workdays) AS workdays,
           sum(tallies) AS tallies
      FROM stats.days_of_subjects
     GROUP BY subject_kind, subject, day
  ) AS s
  FULL JOIN recounted AS r USING (subject_kind, subject, day)
 WHERE (coalesce(s.complaints, 0), coalesce(s.accepted, 0), coalesce(s.settled, 0), coalesce(s.mediated, 0),
        coalesce(s.amount, 0), coalesce(s.recovered, 0), coalesce(s.workdays, 0), coalesce(s.tallies, 0))
    <> (coalesce(r.complaints, 0), coalesce(r.accepted, 0), coalesce(r.settled, 0), coalesce(r.mediated, 0),
        coalesce(r.amount, 0), coalesce(r.recovered, 0), coalesce(r.workdays, 0), coalesce(r.tallies, 0))
 LIMIT $1
"""
SUBJECT_MONTHS = """
WITH subjects AS (
    SELECT s.subject_kind, s.subject, date_trunc('month', received_on::timestamp)::date AS month,
           accepted, settled, mediated, amount, recovered, stats.workdays_term(workdays) AS workdays
      FROM stats.contributions
     CROSS JOIN LATERAL (
        VALUES ('all', ''), ('operator', operator_key), ('industry', industry), ('category', category),
               ('channel', channel), ('office', office), ('site', site), ('platform', platform), ('sale_mode', sale_mode)
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
       row(s.complaints, s.accepted, s.settled, s.mediated, s.amount, s.recovered, s.workdays)::text AS stored,
       row(r.complaints, r.accepted, r.settled, r.mediated, r.amount, r.recovered, r.workdays)::text AS recounted
  FROM stats.subject_months AS s
  FULL JOIN recounted AS r USING (subject_kind, subject, month)
 WHERE (coalesce(s.complaints, 0), coalesce(s.accepted, 0), coalesce(s.settled, 0), coalesce(s.mediated, 0),
        coalesce(s.amount, 0), coalesce(s.recovered, 0), coalesce(s.workdays, 0))
    <> (coalesce(r.complaints, 0), coalesce(r.accepted, 0), coalesce(r.settled, 0), coalesce(r.mediated, 0),
        coalesce(r.amount, 0), coalesce(r.recovered, 0), coalesce(r.workdays, 0))
 LIMIT $1
"""


# Subjects with pending changes are left out: their emitted figures are known to be old.
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
), emitted AS (
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
       to_jsonb(f) - ARRAY['subject_kind', 'subject', 'period'] AS stored,
       to_jsonb(r) - ARRAY['subject_kind', 'subject', 'period'] AS recounted
  FROM emitted AS f
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


async def find_figure_differences(connection: asyncpg.Connection) -> list[Difference]:
    """Return where an emitted figure is not what the contributions add up to, at most `MAX_DIFFERENCES` a kind of period."""
    differences: list[Difference] = []
    for kind in PeriodKind:
        records = await connection.fetch(FIGURES, MAX_DIFFERENCES, kind, ZERO_MEASURES.model_dump_json(), timeout=TIMEOUT_S)
        differences.extend(
            Difference("figures", record["place"], record["stored"] or "nothing", record["recounted"] or "nothing")
            for record in records
        )
    return differences


# The working days of limits are null in rows from before they were kept.
CONTRIBUTIONS = """
SELECT complaint_id::text AS place, coalesce(n.kept::text, 'nothing') AS stored,
       coalesce(n.counted_anew::text, 'nothing') AS recounted
  FROM stats.contributions
 CROSS JOIN LATERAL (
    VALUES (workdays_to_close, stats.workdays_between($2, $3, accepted_on, closed_on), true),
           (workdays_to_decide, stats.workdays_between($2, $3, received_on, coalesce(accepted_on, closed_on)),
            office IS NOT NULL),
           (workdays_late, stats.workdays_between($2, $3, accepted_on + 59, closed_on - 1), office IS NOT NULL)
 ) AS n(kept, counted_anew, is_kept)
 WHERE n.is_kept
   AND n.kept IS DISTINCT FROM n.counted_anew
   AND coalesce(accepted_on, closed_on) IS NOT NULL
 LIMIT $1
"""


async def find_workday_differences(connection: asyncpg.Connection, calendar: Calendar) -> list[Difference]:
    """Return where the working days of a complaint are not those of the calendar, at most `MAX_DIFFERENCES`."""
    numbers = calendar.workday_numbers()
    records = await connection.fetch(CONTRIBUTIONS, MAX_DIFFERENCES, numbers, FIRST_DAY, timeout=TIMEOUT_S)
    return [
        Difference("contributions", f"{record['place']}: working days", record["stored"], record["recounted"])
        for record in records
    ]


COUNT_VERIFIED = """
SELECT (SELECT count(*) FROM stats.contributions WHERE counted) AS complaints,
       (SELECT count(*) FROM stats.figures) AS figures
"""


async def count_verified(connection: asyncpg.Connection) -> tuple[int, int]:
    """Return how many complaints are counted and how many figures were emitted."""
    [record] = await connection.fetch(COUNT_VERIFIED)
    return record["complaints"], record["figures"]


async def find_sum_differences(connection: asyncpg.Connection) -> list[Difference]:
    """Return where a stored sum is not what the contributions add up to, at most `MAX_DIFFERENCES` of each table."""
    differences: list[Difference] = []
    for table, statement in (("day_buckets", DAY_BUCKETS), ("subject_days", SUBJECT_DAYS), ("subject_months", SUBJECT_MONTHS)):
        records = await connection.fetch(statement, MAX_DIFFERENCES, timeout=TIMEOUT_S)
        differences.extend(Difference(table, record["place"], record["stored"], record["recounted"]) for record in records)
    return differences
