"""The register of operators, and what the sources have covered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import asyncpg

from services.stats.domain.revisions import Card

# Only cards that differ are written: most batches change none, and an untouched row is locked by nobody.
REGISTER = """
INSERT INTO stats.operators AS o (operator_key, name, uscc, address, scope, platform, site)
SELECT r.*
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
    AS r(operator_key, name, uscc, address, scope, platform, site)
  LEFT JOIN stats.operators AS held USING (operator_key)
 WHERE held.operator_key IS NULL
    OR (held.name, held.uscc, held.address, held.scope, held.platform, held.site)
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


async def register(connection: asyncpg.Connection, cards: Sequence[Card]) -> None:
    """Keep the operators as they are named now."""
    if cards:
        await connection.execute(REGISTER, *zip(*cards, strict=True))


COVER = """
INSERT INTO stats.coverage AS c (source, first_day, last_day)
SELECT r.*
  FROM unnest($1::text[], $2::date[], $3::date[]) AS r(source, first_day, last_day)
  LEFT JOIN stats.coverage AS held USING (source)
 WHERE held.source IS NULL
    OR r.first_day < held.first_day
    OR r.last_day > held.last_day
 ORDER BY r.source
    ON CONFLICT (source) DO UPDATE
   SET first_day = least(c.first_day, excluded.first_day),
       last_day = greatest(c.last_day, excluded.last_day)
"""


async def cover(connection: asyncpg.Connection, heard: Mapping[str, tuple[date, date]]) -> None:
    """Widen the days over which each source was heard."""
    firsts, lasts = [first for first, _ in heard.values()], [last for _, last in heard.values()]
    await connection.execute(COVER, list(heard), firsts, lasts)
