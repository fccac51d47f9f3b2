"""The deltas that a changed contribution adds to every sum: staged by whatever statement changes contributions."""

from __future__ import annotations

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
# What `RETURNING` gives of a changed contribution: what it was and what it is.
WAS_AND_IS = """
       old.counted AS was_counted, old.operator_key AS was_operator_key, old.received_on AS was_received_on,
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
"""
# Behind `WITH changed AS (... RETURNING ruling_id, ...)`: the retraction of what each was, and the addition of what it is.
STAGE_DELTAS = """
INSERT INTO deltas
SELECT operator_key, received_on, date_trunc('month', received_on::timestamp)::date, category, region, industry, channel,
       counted::integer, (counted AND accepted)::integer, (counted AND settled)::integer, (counted AND mediated)::integer,
       CASE WHEN counted THEN (amount * 100)::bigint ELSE 0 END, CASE WHEN counted THEN (recovered * 100)::bigint ELSE 0 END,
       CASE WHEN counted THEN stats.workdays_term(workdays) ELSE 0 END,
       coalesce(office, ''), coalesce(site, ''), coalesce(platform, ''), coalesce(sale_mode, ''), tallies, ruling_id
  FROM changed
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
       -was_tallies, ruling_id
  FROM changed
 WHERE was_counted_once
"""
