"""A recount from contributions alone, without the stored sums."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import asyncpg

from services.stats.domain.measures import YUAN_PLACES
from services.stats.domain.recount import GroupKey, RecountRow
from shared.contracts import Measures
from shared.rates import rate, round_half_up

# A recount reads everything; the time-out of ordinary statements is not meant for it.
TIMEOUT_S = 1800.0

RECOUNT = """
WITH keyed AS (
    SELECT CASE WHEN 'operator' = ANY ($1::text[]) THEN operator_key END AS operator,
           CASE WHEN 'category' = ANY ($1) THEN category END AS category,
           CASE WHEN 'region' = ANY ($1) THEN region END AS region,
           CASE WHEN 'industry' = ANY ($1) THEN industry END AS industry,
           CASE WHEN 'channel' = ANY ($1) THEN channel END AS channel,
           CASE WHEN 'month' = ANY ($1) THEN to_char(received_on, 'YYYY-MM') END AS month,
           CASE WHEN 'year' = ANY ($1) THEN to_char(received_on, 'YYYY') END AS year,
           accepted, settled, mediated, amount, recovered, workdays
      FROM stats.contributions
     WHERE counted
       AND ($2::date IS NULL OR received_on >= $2)
       AND ($3::date IS NULL OR received_on <= $3)
), counted AS (
    SELECT operator, category, region, industry, channel, month, year,
           count(*) AS complaints,
           count(*) FILTER (WHERE accepted) AS accepted,
           count(*) FILTER (WHERE settled) AS settled,
           count(*) FILTER (WHERE mediated) AS mediated,
           sum(amount) AS amount,
           sum(recovered) AS recovered,
           percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY workdays) AS days
      FROM keyed
     GROUP BY operator, category, region, industry, channel, month, year
)
SELECT c.*, o.name AS operator_name
  FROM counted AS c
  LEFT JOIN stats.operators AS o ON o.operator_key = c.operator
 ORDER BY c.operator, c.category, c.region, c.industry, c.channel, c.month, c.year
"""


async def recount(
    connection: asyncpg.Connection, keys: Sequence[GroupKey], first: date | None = None, last: date | None = None
) -> list[RecountRow]:
    """Return the measures by the keys, over complaints received from `first` to `last`; empty groups have no row."""
    records = await connection.fetch(RECOUNT, list(keys), first, last, timeout=TIMEOUT_S)
    rows = [RecountRow(tuple(r[key] for key in keys), r["operator_name"], _measures(r)) for r in records]
    return sorted(rows, key=lambda row: row.keys)


def _measures(record: asyncpg.Record) -> Measures:
    median, p90 = (None if days is None else _round_days(days) for days in record["days"] or (None, None))
    return Measures(
        complaints=record["complaints"],
        accepted=record["accepted"],
        resolved=record["settled"],
        resolution_rate=rate(record["settled"], record["accepted"]),
        mediations=record["mediated"],
        mediation_successes=record["settled"],
        mediation_success_rate=rate(record["settled"], record["mediated"]),
        amount=round_half_up(record["amount"], YUAN_PLACES),
        recovered=round_half_up(record["recovered"], YUAN_PLACES),
        median_days=median,
        p90_days=p90,
    )


def _round_days(days: float) -> Decimal:
    """Interpolation between whole days at tenths gives tenths; the rest is the noise of binary fractions."""
    return Decimal(repr(round(days, 1)))
