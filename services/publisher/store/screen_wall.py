"""The wall of all screens, and what each has shown: for who runs them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import asyncpg

WALL = """
SELECT s.screen_id, s.name, s.spot, cardinality(s.operators) AS operators, s.region,
       s.orientation, s.is_open, s.secret_hash IS NOT NULL AS is_paired, s.seen_at,
       l.shown_at, l.item_id, l.version, coalesce(m.missing, 0) AS missing
  FROM publisher.screens s
  LEFT JOIN LATERAL (
       SELECT a.shown_at, a.item_id, a.version
         FROM publisher.acknowledgements a
        WHERE a.screen_id = s.screen_id
        ORDER BY a.shown_at DESC
        LIMIT 1) l ON true
  LEFT JOIN (SELECT shown.screen_id, count(*) AS missing
               FROM (SELECT a.screen_id, a.item_id, max(a.version) AS version
                       FROM publisher.acknowledgements a
                       JOIN publisher.public_items p ON p.item_id = a.item_id AND p.state = 'withdrawn'
                      GROUP BY a.screen_id, a.item_id) shown
               JOIN publisher.public_items p USING (item_id)
              WHERE shown.version < (p.body ->> 'version')::integer
              GROUP BY shown.screen_id) m USING (screen_id)
 WHERE s.removed_at IS NULL
 ORDER BY m.missing DESC NULLS LAST, s.seen_at NULLS FIRST, s.screen_id
"""


@dataclass(frozen=True, slots=True)
class WallScreen:
    """A screen as the wall shows it: when its player had its last lease (to the minute), what it showed last.

    `operators`: to how many it is limited, 0 for none. `missing`: withdrawals of what it has shown that it has not
    acknowledged.
    """

    screen_id: str
    name: str
    spot: str
    operators: int
    region: str | None
    orientation: str | None
    is_open: bool
    is_paired: bool
    seen_at: datetime | None
    shown_at: datetime | None
    item_id: str | None
    version: int | None
    missing: int


async def fetch_wall(connection: asyncpg.Connection) -> list[WallScreen]:
    """Return every screen, those first that lack the acknowledgement of a withdrawal, then those that are away longest."""
    return [WallScreen(**dict(row)) for row in await connection.fetch(WALL)]


@dataclass(frozen=True, slots=True)
class Display:
    """One version of an item that a screen has shown, or whose withdrawal it has carried out (`is_withdrawal`)."""

    item_id: str
    version: int
    shown_at: datetime
    received_at: datetime
    is_withdrawal: bool


DISPLAYS = """
SELECT a.item_id, a.version, a.shown_at, a.received_at, r.kind = 'withdrawn' AS is_withdrawal
  FROM publisher.acknowledgements a
  JOIN publisher.releases r USING (item_id, version)
 WHERE a.screen_id = $1
 ORDER BY a.shown_at DESC, a.item_id
 LIMIT $2
"""


async def fetch_displays(connection: asyncpg.Connection, screen_id: str, limit: int) -> list[Display]:
    """Return what a screen has shown, the newest first: the proof of display."""
    return [Display(**dict(row)) for row in await connection.fetch(DISPLAYS, screen_id, limit)]
