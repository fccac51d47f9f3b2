"""In which hours sources were heard, and which are silent for longer than they ever were."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import asyncpg

INSERT_HOURS = """
INSERT INTO intake.source_hours (source_id, hour)
SELECT source_id, date_trunc('hour', $2::timestamptz)
  FROM unnest($1::bigint[]) AS source_id
 ORDER BY source_id
    ON CONFLICT (source_id, hour) DO NOTHING
"""


async def insert_hours(connection: asyncpg.Connection, source_ids: Collection[int], at: datetime) -> None:
    """Store that sources were heard in the hour of a moment."""
    await connection.execute(INSERT_HOURS, list(source_ids), at)


DELETE_OLD = "DELETE FROM intake.source_hours WHERE hour < $1::timestamptz - interval '15 days'"


async def delete_old_hours(connection: asyncpg.Connection, now: datetime) -> None:
    """Delete the hours that no judgement looks at any more."""
    await connection.execute(DELETE_OLD, now)


@dataclass(frozen=True, slots=True)
class SilentSource:
    """A source that is silent. `last_active_at`: the hour in which it was heard last."""

    name: str
    last_active_at: datetime


FETCH_SILENT = """
WITH gaps AS (
    SELECT source_id, hour, hour - lag(hour) OVER (PARTITION BY source_id ORDER BY hour) AS gap
      FROM intake.source_hours
     WHERE hour > $1::timestamptz - interval '14 days'
), habits AS (
    SELECT source_id, count(*) AS hours, max(hour) AS last_active_at, max(gap) AS longest
      FROM gaps
     GROUP BY source_id
)
SELECT s.name, h.last_active_at
  FROM habits h
  JOIN intake.sources s USING (source_id)
 WHERE h.hours >= 10
   AND $1 - h.last_active_at > greatest(h.longest * 1.5, interval '3 hours')
 ORDER BY h.last_active_at, s.name
"""


async def fetch_silent_sources(connection: asyncpg.Connection, now: datetime) -> list[SilentSource]:
    """Return the sources that are silent for half as long again as ever in a fortnight, and for two hours; longest first.

    A source that was heard in fewer than ten hours of it has no habit yet, or none any more.
    """
    return [SilentSource(**dict(row)) for row in await connection.fetch(FETCH_SILENT, now)]
