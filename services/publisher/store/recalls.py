"""Recalls: for each correction and withdrawal the places that had an earlier version, and which of them have acknowledged it.

A place is a target that an earlier version was sent to, whatever it answered, or a paired screen that showed one.
Screens acknowledge what they show, so of a correction only targets are counted: a screen that does not show the item any more
has nothing to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

PLACES = """
WITH recall AS (
    SELECT n.item_id, n.version, r.kind
      FROM unnest($1::text[], $2::integer[]) AS n(item_id, version)
      JOIN publisher.releases r USING (item_id, version)),
of_targets AS (
    SELECT c.item_id, c.version, 'target' AS sort, t.target_id AS place_id, t.name,
           min(d.delivered_at) FILTER (WHERE d.version >= c.version) AS acknowledged_at,
           min(d.version) FILTER (WHERE d.version >= c.version AND d.delivered_at IS NOT NULL) AS acknowledged_version,
           false AS is_blank
      FROM recall c
      JOIN publisher.deliveries d ON d.item_id = c.item_id
      JOIN publisher.targets t ON t.target_id = d.target_id AND t.removed_at IS NULL
     GROUP BY c.item_id, c.version, t.target_id, t.name
    HAVING bool_or(d.version < c.version AND d.sent_at IS NOT NULL)),
of_screens AS (
    SELECT c.item_id, c.version, 'screen' AS sort, s.screen_id AS place_id, s.name,
           min(a.shown_at) FILTER (WHERE a.version >= c.version) AS acknowledged_at,
           min(a.version) FILTER (WHERE a.version >= c.version) AS acknowledged_version,
           coalesce(s.seen_at < $3, true) AS is_blank
      FROM recall c
      JOIN publisher.acknowledgements a ON a.item_id = c.item_id
      JOIN publisher.screens s ON s.screen_id = a.screen_id AND s.secret_hash IS NOT NULL AND s.removed_at IS NULL
     WHERE c.kind = 'withdrawn'
     GROUP BY c.item_id, c.version, s.screen_id, s.name, s.seen_at
    HAVING bool_or(a.version < c.version))
SELECT * FROM of_targets UNION ALL SELECT * FROM of_screens
 ORDER BY item_id, version, sort DESC, place_id
"""


@dataclass(frozen=True, slots=True)
class RecallPlace:
    """A place that may have an earlier version; when and with which version it acknowledged the recall, None while it has not.

    `is_blank`: a screen whose lease is over, so that it shows nothing.
    """

    item_id: str
    version: int
    sort: str
    place_id: str
    name: str
    acknowledged_at: datetime | None
    acknowledged_version: int | None
    is_blank: bool


async def fetch_places(
    connection: asyncpg.Connection, recalls: Sequence[tuple[str, int]], leased_after: datetime
) -> dict[tuple[str, int], list[RecallPlace]]:
    """Return the places of each recall (item id, version); screens without a lease since `leased_after` are blank."""
    found: dict[tuple[str, int], list[RecallPlace]] = {recall: [] for recall in recalls}
    rows = await connection.fetch(PLACES, [r[0] for r in recalls], [r[1] for r in recalls], leased_after)
    for row in rows:
        place = RecallPlace(**dict(row))
        found[place.item_id, place.version].append(place)
    return found


@dataclass(frozen=True, slots=True)
class Unacknowledged:
    """How many acknowledgements of what is public now are missing: of targets, of screens, of these by blank ones."""

    targets: int
    screens: int
    blank: int

    @property
    def total(self) -> int:
        """All that are missing."""
        return self.targets + self.screens


UNACKNOWLEDGED = """
SELECT (SELECT count(*)
          FROM (SELECT d.target_id, d.item_id, min(d.version) AS first,
                       max(d.version) FILTER (WHERE d.delivered_at IS NOT NULL) AS acknowledged
                  FROM publisher.deliveries d
                  JOIN publisher.targets t ON t.target_id = d.target_id AND t.removed_at IS NULL
                  JOIN publisher.public_items p ON p.item_id = d.item_id AND p.state IN ('corrected', 'withdrawn')
                 WHERE d.sent_at IS NOT NULL
                 GROUP BY d.target_id, d.item_id) had
          JOIN publisher.public_items p USING (item_id)
         WHERE had.first < (p.body ->> 'version')::integer
           AND coalesce(had.acknowledged, 0) < (p.body ->> 'version')::integer) AS targets,
       count(*) AS screens, count(*) FILTER (WHERE shown.is_blank) AS blank
  FROM (SELECT a.screen_id, a.item_id, max(a.version) AS version, coalesce(s.seen_at < $1, true) AS is_blank
          FROM publisher.acknowledgements a
          JOIN publisher.screens s ON s.screen_id = a.screen_id AND s.secret_hash IS NOT NULL AND s.removed_at IS NULL
          JOIN publisher.public_items p ON p.item_id = a.item_id AND p.state = 'withdrawn'
         GROUP BY a.screen_id, a.item_id, s.seen_at) shown
  JOIN publisher.public_items p USING (item_id)
 WHERE shown.version < (p.body ->> 'version')::integer
"""


async def count_unacknowledged(connection: asyncpg.Connection, leased_after: datetime) -> Unacknowledged:
    """Count the acknowledgements that are missing of the newest versions."""
    row = await connection.fetchrow(UNACKNOWLEDGED, leased_after)
    if row is None:
        raise AssertionError("an aggregate has one row")
    return Unacknowledged(**dict(row))
