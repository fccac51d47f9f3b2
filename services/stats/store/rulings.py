"""Rulings on complaints: each stored by itself, and applied to the newest revision."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

from services.stats.domain.adjustments import Adjustment
from services.stats.store.deltas import CREATE_DELTAS, STAGE_DELTAS, WAS_AND_IS

# A complaint without a revision gets a row of revision 0, so that two transactions meet at its lock.
INSERT_PLACEHOLDERS = """
INSERT INTO stats.contributions AS c (
    complaint_id, revision, operator_key, received_on, category, region, industry, channel, kind, duplicate,
    status, ever_accepted, amount_reported, recovered
)
SELECT DISTINCT complaint_id, 0, '', date '1990-01-01', '', '', '', '', 'complaint', false, 'received', false, 0, 0
  FROM unnest($1::uuid[]) AS r(complaint_id)
 ORDER BY complaint_id
    ON CONFLICT (complaint_id) DO UPDATE
   SET revision = c.revision
"""
INSERT_ADJUSTMENTS = """
INSERT INTO stats.adjustments (complaint_id, ruling_id, decided_at, excluded, status, outcome, amount)
SELECT complaint_id, ruling_id, decided_at, excluded, status, outcome, amount::numeric(16, 2)
  FROM unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::boolean[], $5::text[], $6::text[], $7::text[])
    AS r(complaint_id, ruling_id, decided_at, excluded, status, outcome, amount)
    ON CONFLICT (complaint_id, ruling_id) DO NOTHING
"""
APPLY_ADJUSTMENTS = f"""
WITH ruled AS (
    SELECT complaint_id,
           bool_or(excluded) AS excluded,
           (array_agg(status ORDER BY decided_at DESC, ruling_id DESC) FILTER (WHERE status IS NOT NULL))[1] AS status,
           (array_agg(outcome ORDER BY decided_at DESC, ruling_id DESC) FILTER (WHERE outcome IS NOT NULL))[1] AS outcome,
           (array_agg(amount ORDER BY decided_at DESC, ruling_id DESC) FILTER (WHERE amount IS NOT NULL))[1] AS amount
      FROM stats.adjustments
     WHERE complaint_id = ANY ($1::uuid[])
     GROUP BY complaint_id
), latest AS (
    SELECT DISTINCT ON (complaint_id) complaint_id, ruling_id
      FROM unnest($1::uuid[], $2::uuid[]) WITH ORDINALITY AS r(complaint_id, ruling_id, place)
     ORDER BY complaint_id, place DESC
), changed AS (
    UPDATE stats.contributions AS c
       SET ruled_out = r.excluded,
           ruled_status = r.status,
           ruled_outcome = r.outcome,
           ruled_amount = r.amount
      FROM ruled AS r
      JOIN latest AS l USING (complaint_id)
     WHERE c.complaint_id = r.complaint_id
    RETURNING l.ruling_id, {WAS_AND_IS}
)
{STAGE_DELTAS}"""  # noqa: S608 the parts are ours


async def apply_adjustments(connection: asyncpg.Connection, adjustments: Sequence[Adjustment]) -> None:
    """Insert the adjustments and stage the deltas of the sums; those stored before change nothing.

    Of several rulings on a complaint the latest that sets a fact applies; one that excludes it suffices.
    """
    complaints = [each.complaint_id for each in adjustments]
    rulings = [each.ruling_id for each in adjustments]
    await connection.execute(CREATE_DELTAS)
    await connection.execute(INSERT_PLACEHOLDERS, complaints)
    await connection.execute(
        INSERT_ADJUSTMENTS,
        complaints,
        rulings,
        [each.decided_at for each in adjustments],
        [each.excluded for each in adjustments],
        [each.status for each in adjustments],
        [each.outcome for each in adjustments],
        [each.amount for each in adjustments],
    )
    await connection.execute(APPLY_ADJUSTMENTS, complaints, rulings)


INSERT_RULING_CHANGES = """
INSERT INTO stats.pending_changes (subject_kind, subjects, months, ruling_id)
SELECT s.kind, array_agg(s.subject), array_agg(m.month), m.ruling_id
  FROM (SELECT DISTINCT operator_key, industry, category, channel, region, month, ruling_id FROM deltas) AS m
 CROSS JOIN LATERAL (
    VALUES ('all', ''), ('operator', m.operator_key), ('industry', m.industry), ('category', m.category),
           ('channel', m.channel)
     UNION ALL
    SELECT 'region', level FROM stats.region_levels(m.region) AS r(level)
 ) AS s(kind, subject)
 WHERE m.ruling_id IS NOT NULL
   AND (s.kind = 'all' OR s.subject <> '')
 GROUP BY s.kind, m.ruling_id
 UNION ALL
-- A ruling on a complaint that does not count changes no sum: the operator's figure says that nothing comes of it.
SELECT 'operator', ARRAY[c.operator_key], ARRAY[date_trunc('month', c.received_on::timestamp)::date], r.ruling_id
  FROM unnest($1::uuid[], $2::uuid[]) AS r(complaint_id, ruling_id)
  JOIN stats.contributions AS c USING (complaint_id)
 WHERE c.operator_key <> ''
   AND NOT EXISTS (SELECT FROM deltas AS d WHERE d.ruling_id = r.ruling_id)
"""


async def insert_ruling_changes(connection: asyncpg.Connection, adjustments: Sequence[Adjustment]) -> None:
    """Insert the pending changes of this transaction with the ruling behind each."""
    await connection.execute(
        INSERT_RULING_CHANGES, [each.complaint_id for each in adjustments], [each.ruling_id for each in adjustments]
    )
