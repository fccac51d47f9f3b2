"""Contributions of complaints, and the deltas that a changed contribution adds to every sum."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

from services.stats.domain.contributions import ContributionRow
from shared.errors import PermanentError


class NumberOutOfRange(PermanentError):
    """A number of a complaint is greater than the database holds."""


# Private to the connection and empty after each commit: signed deltas. A change is a retraction and an addition.
# Money is in fen here: whole numbers add up in half the time of decimals, and their sum is a decimal again.
CREATE_DELTAS = """
CREATE TEMPORARY TABLE IF NOT EXISTS deltas (
    operator_key text NOT NULL,
    day date NOT NULL,
    month date NOT NULL,
    category text NOT NULL,
    region text NOT NULL,
    industry text NOT NULL,
    channel text NOT NULL,
    complaints integer NOT NULL,
    accepted integer NOT NULL,
    settled integer NOT NULL,
    mediated integer NOT NULL,
    fen bigint NOT NULL,
    recovered_fen bigint NOT NULL,
    workdays numeric NOT NULL,
    office text NOT NULL,
    site text NOT NULL,
    platform text NOT NULL,
    sale_mode text NOT NULL,
    tallies numeric NOT NULL,
    ruling_id uuid
) ON COMMIT DELETE ROWS
"""
# COPY into it costs a third of what arrays as parameters cost.
CREATE_STAGED = """
CREATE TEMPORARY TABLE IF NOT EXISTS staged (
    complaint_id uuid,
    revision integer,
    operator_key text,
    received_on date,
    category text,
    region text,
    industry text,
    channel text,
    kind text,
    duplicate boolean,
    status text,
    outcome text,
    ever_accepted boolean,
    workdays_to_close integer,
    amount text,
    recovered text,
    accepted_on date,
    closed_on date,
    office text,
    site text,
    platform text,
    sale_mode text,
    direct boolean,
    is_case boolean,
    satisfaction integer,
    workdays_to_decide integer,
    workdays_late integer
) ON COMMIT DELETE ROWS
"""
# A revision that is stored without its days or its office, from before they were, takes them from a replay.
UPSERT = """
WITH upserted AS (
    INSERT INTO stats.contributions AS c (
        complaint_id, revision, operator_key, received_on, category, region, industry, channel, kind, duplicate,
        status, outcome, ever_accepted, workdays_to_close, amount_reported, recovered, accepted_on, closed_on,
        office, site, platform, sale_mode, direct, is_case, satisfaction, workdays_to_decide, workdays_late
    )
    SELECT complaint_id, revision, operator_key, received_on, category, region, industry, channel, kind, duplicate,
           status, outcome, ever_accepted, workdays_to_close, amount::numeric(16, 2), recovered::numeric(16, 2),
           accepted_on, closed_on,
           office, site, platform, sale_mode, direct, is_case, satisfaction, workdays_to_decide, workdays_late
      FROM staged
     ORDER BY complaint_id
        ON CONFLICT (complaint_id) DO UPDATE
       SET revision = excluded.revision,
           operator_key = excluded.operator_key,
           received_on = excluded.received_on,
           category = excluded.category,
           region = excluded.region,
           industry = excluded.industry,
           channel = excluded.channel,
           kind = excluded.kind,
           duplicate = excluded.duplicate,
           status = excluded.status,
           outcome = excluded.outcome,
           ever_accepted = excluded.ever_accepted,
           workdays_to_close = excluded.workdays_to_close,
           amount_reported = excluded.amount_reported,
           recovered = excluded.recovered,
           accepted_on = excluded.accepted_on,
           closed_on = excluded.closed_on,
           office = excluded.office,
           site = excluded.site,
           platform = excluded.platform,
           sale_mode = excluded.sale_mode,
           direct = excluded.direct,
           is_case = excluded.is_case,
           satisfaction = excluded.satisfaction,
           workdays_to_decide = excluded.workdays_to_decide,
           workdays_late = excluded.workdays_late
     WHERE c.revision < excluded.revision
        OR (c.revision = excluded.revision
            AND (c.office IS NULL OR (c.accepted_on IS NULL AND excluded.accepted_on IS NOT NULL)))
    RETURNING old.counted AS was_counted, old.operator_key AS was_operator_key, old.received_on AS was_received_on,
              old.category AS was_category, old.region AS was_region, old.industry AS was_industry,
              old.channel AS was_channel, old.accepted AS was_accepted, old.settled AS was_settled,
              old.mediated AS was_mediated, old.amount AS was_amount, old.recovered AS was_recovered,
              old.workdays AS was_workdays,
              old.revision > 0 AND NOT (old.duplicate OR old.ruled_out) AS was_counted_once, old.office AS was_office,
              old.site AS was_site, old.platform AS was_platform, old.sale_mode AS was_sale_mode,
              stats.tallies(old) AS was_tallies,
              new.counted, new.operator_key, new.received_on, new.category, new.region, new.industry, new.channel,
              new.accepted, new.settled, new.mediated, new.amount, new.recovered, new.workdays,
              new.revision > 0 AND NOT (new.duplicate OR new.ruled_out) AS counted_once,
              new.office, new.site, new.platform, new.sale_mode, stats.tallies(new) AS tallies
)
INSERT INTO deltas
SELECT operator_key, received_on, date_trunc('month', received_on::timestamp)::date, category, region, industry, channel,
       counted::integer, (counted AND accepted)::integer, (counted AND settled)::integer, (counted AND mediated)::integer,
       CASE WHEN counted THEN (amount * 100)::bigint ELSE 0 END, CASE WHEN counted THEN (recovered * 100)::bigint ELSE 0 END,
       CASE WHEN counted THEN stats.workdays_term(workdays) ELSE 0 END,
       coalesce(office, ''), coalesce(site, ''), coalesce(platform, ''), coalesce(sale_mode, ''), tallies
  FROM upserted
 WHERE counted_once
 UNION ALL
SELECT was_operator_key, was_received_on, date_trunc('month', was_received_on::timestamp)::date, was_category,
       was_region, was_industry, was_channel,
       -was_counted::integer, -(was_counted AND was_accepted)::integer, -(was_counted AND was_settled)::integer,
       -(was_counted AND was_mediated)::integer,
       CASE WHEN was_counted THEN -(was_amount * 100)::bigint ELSE 0 END,
       CASE WHEN was_counted THEN -(was_recovered * 100)::bigint ELSE 0 END,
       CASE WHEN was_counted THEN -stats.workdays_term(was_workdays) ELSE 0 END,
       coalesce(was_office, ''), coalesce(was_site, ''), coalesce(was_platform, ''), coalesce(was_sale_mode, ''),
       -was_tallies
  FROM upserted
 WHERE was_counted_once
"""


async def upsert_contributions(connection: asyncpg.Connection, rows: Sequence[ContributionRow]) -> None:
    """Upsert revisions newer than those stored, and stage the deltas of the sums. One row a complaint."""
    await connection.execute(CREATE_DELTAS)
    await connection.execute(CREATE_STAGED)
    try:
        await connection.copy_records_to_table("staged", records=rows)
    except OverflowError as error:
        raise NumberOutOfRange from error
    await connection.execute(UPSERT)
