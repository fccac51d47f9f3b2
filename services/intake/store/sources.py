"""Sources of reports."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import asyncpg


@dataclass(frozen=True, slots=True)
class Source:
    """A source of reports. `keys`: how many hold, by which it may send over HTTP; `complaints`: how many it has."""

    name: str
    registered_by: str
    registered_at: datetime
    keys: int
    complaints: int


FETCH_IDS = "SELECT name, source_id FROM intake.sources WHERE name = ANY ($1::text[])"


async def fetch_ids(connection: asyncpg.Connection, names: Iterable[str]) -> dict[str, int]:
    """Return the ids of the registered names."""
    return {row["name"]: row["source_id"] for row in await connection.fetch(FETCH_IDS, list(names))}


REGISTER = """
INSERT INTO intake.sources (name, registered_by)
SELECT name, $2
  FROM unnest($1::text[]) AS name
 ORDER BY name
    ON CONFLICT (name) DO NOTHING
"""


async def register(connection: asyncpg.Connection, names: Iterable[str], by: str) -> dict[str, int]:
    """Insert sources seen for the first time and return their ids. `by`: the entrance."""
    missing = list(names)
    await connection.execute(REGISTER, missing, by)
    return await fetch_ids(connection, missing)


LIST_SOURCES = """
SELECT s.name, s.registered_by, s.registered_at, coalesce(k.keys, 0) AS keys, coalesce(c.complaints, 0) AS complaints
  FROM intake.sources AS s
  LEFT JOIN (
      SELECT source_id, count(*) AS keys
        FROM intake.source_keys
       WHERE expires_at IS NULL OR expires_at > now()
       GROUP BY source_id
  ) AS k USING (source_id)
  LEFT JOIN (SELECT source_id, count(*) AS complaints FROM intake.complaints GROUP BY source_id) AS c USING (source_id)
 ORDER BY s.name
"""


async def list_sources(connection: asyncpg.Connection) -> list[Source]:
    """Return every source, ordered by name."""
    return [Source(**row) for row in await connection.fetch(LIST_SOURCES)]
