"""The register of operators, and the coverage of the sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import asyncpg

from services.stats.domain.contributions import OperatorProfile

# Only profiles that differ are written: most batches change none, and an untouched row is locked by nobody.
UPSERT_OPERATORS = """
INSERT INTO stats.operators AS o (operator_key, name, uscc, address, scope, platform, site)
SELECT r.*
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
    AS r(operator_key, name, uscc, address, scope, platform, site)
  LEFT JOIN stats.operators AS current USING (operator_key)
 WHERE current.operator_key IS NULL
    OR (current.name, current.uscc, current.address, current.scope, current.platform, current.site)
       IS DISTINCT FROM (r.name, r.uscc, r.address, r.scope, r.platform, r.site)
 ORDER BY r.operator_key
    ON CONFLICT (operator_key) DO UPDATE
   SET name = excluded.name,
       uscc = excluded.uscc,
       address = excluded.address,
       scope = excluded.scope,
       platform = excluded.platform,
       site = excluded.site
"""


async def upsert_operators(connection: asyncpg.Connection, profiles: Sequence[OperatorProfile]) -> None:
    """Upsert operators as their latest revision names them."""
    if profiles:
        await connection.execute(UPSERT_OPERATORS, *zip(*profiles, strict=True))


WIDEN_COVERAGE = """
INSERT INTO stats.coverage AS c (source, first_day, last_day)
SELECT r.*
  FROM unnest($1::text[], $2::date[], $3::date[]) AS r(source, first_day, last_day)
  LEFT JOIN stats.coverage AS current USING (source)
 WHERE current.source IS NULL
    OR r.first_day < current.first_day
    OR r.last_day > current.last_day
 ORDER BY r.source
    ON CONFLICT (source) DO UPDATE
   SET first_day = least(c.first_day, excluded.first_day),
       last_day = greatest(c.last_day, excluded.last_day)
"""


async def widen_coverage(connection: asyncpg.Connection, spans: Mapping[str, tuple[date, date]]) -> None:
    """Widen the first and last day of receipt by source."""
    firsts, lasts = [first for first, _ in spans.values()], [last for _, last in spans.values()]
    await connection.execute(WIDEN_COVERAGE, list(spans), firsts, lasts)
