"""What became of what was decided: handled complaints published, excluded on a ground, or pending, by day and office."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import asyncpg


@dataclass(frozen=True, slots=True)
class OfficeDay:
    """What an office decided on a day, and what became of it: published + excluded + pending = decided."""

    day: date
    office: str
    decided: int
    published: int
    excluded: int
    pending: int


# Of each handled complaint one fate. A withdrawn item counts by the reason of its withdrawal, one that people declined by their
# ground, one that the rules leave out by the code of that; everything else is on its way.
_FATES = """
fates AS (
    SELECT h.closed_on, coalesce(h.office, '') AS office,
           CASE WHEN p.state <> 'withdrawn' THEN 'published'
                WHEN p.state = 'withdrawn' THEN 'excluded'
                WHEN d.return_code IS NOT NULL OR h.left_out IN ('result', 'rule') THEN 'excluded'
                ELSE 'pending' END AS fate,
           CASE WHEN p.state = 'withdrawn' THEN p.body ->> 'reason_code'
                WHEN p.state IS NULL THEN coalesce(d.return_code, h.left_out) END AS ground
      FROM publisher.handled_complaints h
      LEFT JOIN publisher.items i ON i.board = $1 AND i.natural_key = $2 || '/' || h.complaint_id
      LEFT JOIN publisher.public_items p ON p.item_id = i.item_id
      LEFT JOIN LATERAL (
           SELECT CASE WHEN v.state = 'rejected' THEN v.return_code END AS return_code
             FROM publisher.versions v
            WHERE v.item_id = i.item_id
            ORDER BY v.version DESC
            LIMIT 1) d ON true
     WHERE h.handled
       AND h.closed_on BETWEEN $3 AND $4
)
"""
OFFICE_DAYS = f"""
WITH {_FATES}
SELECT f.closed_on AS day, f.office, max(n.decided) AS decided,
       count(*) FILTER (WHERE f.fate = 'published') AS published,
       count(*) FILTER (WHERE f.fate = 'excluded') AS excluded,
       count(*) FILTER (WHERE f.fate = 'pending') AS pending
  FROM fates f
  JOIN (SELECT closed_on, coalesce(office, '') AS office, count(*) AS decided
          FROM publisher.handled_complaints
         WHERE handled AND closed_on BETWEEN $3 AND $4
         GROUP BY 1, 2) n ON (n.closed_on, n.office) = (f.closed_on, f.office)
 GROUP BY f.closed_on, f.office
 ORDER BY f.closed_on DESC, f.office
"""  # noqa: S608 the fates are ours


async def count_by_office_and_day(
    connection: asyncpg.Connection, board: str, kind: str, first: date, last: date
) -> list[OfficeDay]:
    """Return what each office decided on each day from `first` to `last`, the newest day first."""
    return [OfficeDay(**dict(row)) for row in await connection.fetch(OFFICE_DAYS, board, kind, first, last)]


@dataclass(frozen=True, slots=True)
class GroundCount:
    """How many handled complaints are not public on a ground: a code of the rules, or `result` or `rule` for their scope."""

    ground: str
    complaints: int


GROUNDS = f"""
WITH {_FATES}
SELECT coalesce(f.ground, '') AS ground, count(*) AS complaints
  FROM fates f
 WHERE f.fate = 'excluded'
 GROUP BY 1
 ORDER BY 1
"""  # noqa: S608


async def count_by_ground(
    connection: asyncpg.Connection, board: str, kind: str, first: date, last: date
) -> Sequence[GroundCount]:
    """Return by ground how many of what was decided from `first` to `last` is not public."""
    return [GroundCount(**dict(row)) for row in await connection.fetch(GROUNDS, board, kind, first, last)]
