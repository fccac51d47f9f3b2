"""Adds the deltas of a transaction to every stored sum, and records which figures they change.

Rows are locked in the order of their keys, so that two processes wait for each other and never deadlock.
"""

from __future__ import annotations

import asyncpg

ADD_DAY_BUCKETS = """
INSERT INTO stats.day_buckets AS b (
    operator_key, day, category, region, industry, channel,
    complaints, accepted, settled, mediated, amount, recovered, workdays
)
SELECT operator_key, day, category, region, industry, channel,
       sum(complaints), sum(accepted), sum(settled), sum(mediated), sum(fen) * 0.01, sum(recovered_fen) * 0.01, sum(workdays)
  FROM deltas
 GROUP BY operator_key, day, category, region, industry, channel
HAVING (sum(complaints), sum(accepted), sum(settled), sum(mediated), sum(fen), sum(recovered_fen), sum(workdays))
       <> (0, 0, 0, 0, 0, 0, 0)
 ORDER BY operator_key, day, category, region, industry, channel
    ON CONFLICT (operator_key, day, category, region, industry, channel) DO UPDATE
   SET complaints = b.complaints + excluded.complaints,
       accepted = b.accepted + excluded.accepted,
       settled = b.settled + excluded.settled,
       mediated = b.mediated + excluded.mediated,
       amount = b.amount + excluded.amount,
       recovered = b.recovered + excluded.recovered,
       workdays = b.workdays + excluded.workdays
"""
# A column that a grouping set leaves out is null, so the one that is not null names the subject. Regions are added up
# once more: each adds to every region that it lies in.
ADD_SUBJECT_DAYS = """
WITH sums AS (
    SELECT CASE WHEN grouping(region) = 0 THEN 'region'
                WHEN grouping(industry) = 0 THEN 'industry'
                ELSE 'all' END AS subject_kind,
           coalesce(region, industry, '') AS subject,
           day,
           sum(complaints) AS complaints, sum(accepted) AS accepted, sum(settled) AS settled, sum(mediated) AS mediated,
           sum(fen) * 0.01 AS amount, sum(recovered_fen) * 0.01 AS recovered, sum(workdays) AS workdays
      FROM deltas
     GROUP BY GROUPING SETS ((day), (day, region), (day, industry))
), all_levels AS (
    SELECT * FROM sums WHERE subject_kind <> 'region'
     UNION ALL
    SELECT s.subject_kind, r.level, s.day, sum(s.complaints), sum(s.accepted), sum(s.settled), sum(s.mediated),
           sum(s.amount), sum(s.recovered), sum(s.workdays)
      FROM sums AS s
     CROSS JOIN LATERAL stats.region_levels(s.subject) AS r(level)
     WHERE s.subject_kind = 'region'
     GROUP BY s.subject_kind, r.level, s.day
)
INSERT INTO stats.subject_days AS d (
    subject_kind, subject, day, complaints, accepted, settled, mediated, amount, recovered, workdays
)
SELECT *
  FROM all_levels
 WHERE (subject <> '' OR subject_kind = 'all')
   AND (complaints, accepted, settled, mediated, amount, recovered, workdays) <> (0, 0, 0, 0, 0, 0, 0)
 ORDER BY subject_kind, subject, day
    ON CONFLICT (subject_kind, subject, day) DO UPDATE
   SET complaints = d.complaints + excluded.complaints,
       accepted = d.accepted + excluded.accepted,
       settled = d.settled + excluded.settled,
       mediated = d.mediated + excluded.mediated,
       amount = d.amount + excluded.amount,
       recovered = d.recovered + excluded.recovered,
       workdays = d.workdays + excluded.workdays
"""
ADD_SUBJECT_MONTHS = """
WITH sums AS (
    SELECT CASE WHEN grouping(operator_key) = 0 THEN 'operator'
                WHEN grouping(region) = 0 THEN 'region'
                WHEN grouping(industry) = 0 THEN 'industry'
                WHEN grouping(category) = 0 THEN 'category'
                WHEN grouping(channel) = 0 THEN 'channel'
                ELSE 'all' END AS subject_kind,
           coalesce(operator_key, region, industry, category, channel, '') AS subject,
           month,
           sum(complaints) AS complaints, sum(accepted) AS accepted, sum(settled) AS settled, sum(mediated) AS mediated,
           sum(fen) * 0.01 AS amount, sum(recovered_fen) * 0.01 AS recovered, sum(workdays) AS workdays
      FROM deltas
     GROUP BY GROUPING SETS ((month), (month, operator_key), (month, region), (month, industry), (month, category),
                             (month, channel))
), all_levels AS (
    SELECT * FROM sums WHERE subject_kind <> 'region'
     UNION ALL
    SELECT s.subject_kind, r.level, s.month, sum(s.complaints), sum(s.accepted), sum(s.settled), sum(s.mediated),
           sum(s.amount), sum(s.recovered), sum(s.workdays)
      FROM sums AS s
     CROSS JOIN LATERAL stats.region_levels(s.subject) AS r(level)
     WHERE s.subject_kind = 'region'
     GROUP BY s.subject_kind, r.level, s.month
), stored AS (
    INSERT INTO stats.subject_months AS m (
        subject_kind, subject, month, complaints, accepted, settled, mediated, amount, recovered, workdays
    )
    SELECT *
      FROM all_levels
     WHERE (subject <> '' OR subject_kind = 'all')
       AND (complaints, accepted, settled, mediated, amount, recovered, workdays) <> (0, 0, 0, 0, 0, 0, 0)
     ORDER BY subject_kind, subject, month
        ON CONFLICT (subject_kind, subject, month) DO UPDATE
       SET complaints = m.complaints + excluded.complaints,
           accepted = m.accepted + excluded.accepted,
           settled = m.settled + excluded.settled,
           mediated = m.mediated + excluded.mediated,
           amount = m.amount + excluded.amount,
           recovered = m.recovered + excluded.recovered,
           workdays = m.workdays + excluded.workdays
    RETURNING subject_kind, subject, month
)
INSERT INTO stats.pending_changes (subject_kind, subjects, months)
SELECT subject_kind, array_agg(subject), array_agg(month)
  FROM stored
 GROUP BY subject_kind
"""
CHANGES_CHANNEL = "stats_changes"
NOTIFY = "SELECT pg_notify($1, '')"


async def add_deltas(connection: asyncpg.Connection) -> None:
    """Add the deltas to the sums, and notify the emitter when the transaction commits."""
    await connection.execute(ADD_DAY_BUCKETS)
    await connection.execute(ADD_SUBJECT_DAYS)
    await connection.execute(ADD_SUBJECT_MONTHS)
    await connection.execute(NOTIFY, CHANGES_CHANNEL)
