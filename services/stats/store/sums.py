"""Adds the deltas of a transaction to every stored sum, and records which figures they change.

Rows are locked in the order of their keys, so that two processes wait for each other and never deadlock.
"""

from __future__ import annotations

import asyncpg

from shared.contracts import SubjectKind

ADD_DAY_BUCKETS = """
INSERT INTO stats.day_buckets AS b (
    operator_key, day, category, region, industry, channel,
    complaints, accepted, settled, mediated, amount, recovered, workdays, tallies
)
SELECT operator_key, day, category, region, industry, channel,
       sum(complaints), sum(accepted), sum(settled), sum(mediated), sum(fen) * 0.01, sum(recovered_fen) * 0.01, sum(workdays),
       sum(tallies)
  FROM deltas
 GROUP BY operator_key, day, category, region, industry, channel
HAVING (sum(complaints), sum(accepted), sum(settled), sum(mediated), sum(fen), sum(recovered_fen), sum(workdays), sum(tallies))
       <> (0, 0, 0, 0, 0, 0, 0, 0)
 ORDER BY operator_key, day, category, region, industry, channel
    ON CONFLICT (operator_key, day, category, region, industry, channel) DO UPDATE
   SET complaints = b.complaints + excluded.complaints,
       accepted = b.accepted + excluded.accepted,
       settled = b.settled + excluded.settled,
       mediated = b.mediated + excluded.mediated,
       amount = b.amount + excluded.amount,
       recovered = b.recovered + excluded.recovered,
       workdays = b.workdays + excluded.workdays,
       tallies = b.tallies + excluded.tallies
"""
# Days and months of every kind of subject in one statement: deltas are added up by the day once, months are sums of days.
# A column that a grouping set leaves out is null, so the one that is not null names the subject. Regions are added up once
# more, each adds to every region that it lies in; so are offices, sites, platforms and modes of sale, from their combinations.
ADD_SUBJECTS = """
WITH sums AS MATERIALIZED (
    SELECT CASE WHEN grouping(region) = 0 THEN 'region'
                WHEN grouping(industry) = 0 THEN 'industry'
                WHEN grouping(category) = 0 THEN 'category'
                WHEN grouping(channel) = 0 THEN 'channel'
                WHEN grouping(office) = 0 THEN 'handling'
                ELSE 'all' END AS subject_kind,
           coalesce(region, industry, category, channel, '') AS subject,
           office, site, platform, sale_mode,
           day, month,
           sum(complaints) AS complaints, sum(accepted) AS accepted, sum(settled) AS settled, sum(mediated) AS mediated,
           sum(fen) * 0.01 AS amount, sum(recovered_fen) * 0.01 AS recovered, sum(workdays) AS workdays, sum(tallies) AS tallies
      FROM deltas
     GROUP BY GROUPING SETS ((day, month), (day, month, region), (day, month, industry), (day, month, category),
                             (day, month, channel), (day, month, office, site, platform, sale_mode))
), all_levels AS MATERIALIZED (
    SELECT subject_kind, subject, day, month, complaints, accepted, settled, mediated, amount, recovered, workdays, tallies
      FROM sums
     WHERE subject_kind NOT IN ('region', 'handling')
       AND (subject <> '' OR subject_kind = 'all')
     UNION ALL
    SELECT l.subject_kind, l.subject, s.day, s.month, sum(s.complaints), sum(s.accepted), sum(s.settled), sum(s.mediated),
           sum(s.amount), sum(s.recovered), sum(s.workdays), sum(s.tallies)
      FROM sums AS s
     CROSS JOIN LATERAL (
        SELECT 'region' AS subject_kind, level AS subject
          FROM stats.region_levels(s.subject) AS r(level)
         WHERE s.subject_kind = 'region'
         UNION ALL
        SELECT v.subject_kind, v.subject
          FROM (VALUES ('office', s.office), ('site', s.site), ('platform', s.platform), ('sale_mode', s.sale_mode))
            AS v(subject_kind, subject)
         WHERE s.subject_kind = 'handling'
     ) AS l
     WHERE l.subject <> ''
     GROUP BY l.subject_kind, l.subject, s.day, s.month
), days AS (
    INSERT INTO stats.day_changes (
        subject_kind, subject, day, complaints, accepted, settled, mediated, amount, recovered, workdays, tallies
    )
    SELECT subject_kind, subject, day, complaints, accepted, settled, mediated, amount, recovered, workdays, tallies
      FROM all_levels
     WHERE (complaints, accepted, settled, mediated, amount, recovered, workdays, tallies) <> (0, 0, 0, 0, 0, 0, 0, 0)
     UNION ALL
    SELECT 'operator', operator_key, day, sum(complaints), sum(accepted), sum(settled), sum(mediated),
           sum(fen) * 0.01, sum(recovered_fen) * 0.01, sum(workdays), sum(tallies)
      FROM deltas
      JOIN stats.large_operators USING (operator_key)
     GROUP BY operator_key, day
), months AS (
    SELECT subject_kind, subject, month, sum(complaints) AS complaints, sum(accepted) AS accepted, sum(settled) AS settled,
           sum(mediated) AS mediated, sum(amount) AS amount, sum(recovered) AS recovered, sum(workdays) AS workdays
      FROM all_levels
     GROUP BY subject_kind, subject, month
     UNION ALL
    SELECT 'operator', operator_key, month, sum(complaints), sum(accepted), sum(settled), sum(mediated),
           sum(fen) * 0.01, sum(recovered_fen) * 0.01, sum(workdays)
      FROM deltas
     GROUP BY operator_key, month
), stored AS (
    INSERT INTO stats.subject_months AS m (
        subject_kind, subject, month, complaints, accepted, settled, mediated, amount, recovered, workdays
    )
    SELECT *
      FROM months
     WHERE (complaints, accepted, settled, mediated, amount, recovered, workdays) <> (0, 0, 0, 0, 0, 0, 0)
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
 WHERE subject_kind = ANY ($1::text[])
 GROUP BY subject_kind
"""
# The kinds of subjects whose figures are said in the topic; of the others they are read from the sums.
EMITTED_KINDS = tuple(SubjectKind)
CHANGES_CHANNEL = "stats_changes"
NOTIFY = "SELECT pg_notify($1, '')"


async def add_deltas(connection: asyncpg.Connection) -> None:
    """Add the deltas to the sums, and notify the emitter when the transaction commits."""
    await connection.execute(ADD_DAY_BUCKETS)
    await connection.execute(ADD_SUBJECTS, EMITTED_KINDS)
    await connection.execute(NOTIFY, CHANGES_CHANNEL)


# By place, since rows have no key: who folds holds the lock of emission, so nobody else deletes.
FOLD_DAYS = """
WITH taken AS (
    DELETE FROM stats.day_changes
     WHERE ctid = ANY (ARRAY(SELECT ctid FROM stats.day_changes LIMIT $1))
    RETURNING *
), folded AS (
    INSERT INTO stats.subject_days AS d (
        subject_kind, subject, day, complaints, accepted, settled, mediated, amount, recovered, workdays, tallies
    )
    SELECT subject_kind, subject, day, sum(complaints), sum(accepted), sum(settled), sum(mediated), sum(amount), sum(recovered),
           sum(workdays), sum(tallies)
      FROM taken
     GROUP BY subject_kind, subject, day
     ORDER BY subject_kind, subject, day
        ON CONFLICT (subject_kind, subject, day) DO UPDATE
       SET complaints = d.complaints + excluded.complaints,
           accepted = d.accepted + excluded.accepted,
           settled = d.settled + excluded.settled,
           mediated = d.mediated + excluded.mediated,
           amount = d.amount + excluded.amount,
           recovered = d.recovered + excluded.recovered,
           workdays = d.workdays + excluded.workdays,
           tallies = d.tallies + excluded.tallies
)
SELECT count(*) FROM taken
"""
# Some two tenths of a second of work.
FOLDED_AT_ONCE = 20_000


async def fold_days(connection: asyncpg.Connection) -> bool:
    """Add what batches have left to the days of subjects, `FOLDED_AT_ONCE` rows at most; return whether more may be left.

    The caller holds the lock of emission. No answer depends on it: it saves the batches most of their writing.
    """
    return bool(await connection.fetchval(FOLD_DAYS, FOLDED_AT_ONCE) == FOLDED_AT_ONCE)
