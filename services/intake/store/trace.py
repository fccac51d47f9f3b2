"""Where a complaint stands in intake, by its number at the source or its id; nothing of its texts or of persons."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg


@dataclass(frozen=True, slots=True)
class TracedComplaint:
    """A complaint as intake knows it. `found_by_name`: its reports have no credit code."""

    complaint_id: UUID
    source: str
    source_revision: int
    revision: int
    operator_key: str
    found_by_name: bool
    withheld: bool
    revised_at: datetime


# Few look for a number, and every index costs each report: the table is read through.
FIND = """
SELECT c.complaint_id, s.name AS source, c.source_revision, c.revision, c.operator_key,
       c.name_key IS NOT NULL AS found_by_name, c.withheld, c.revised_at
  FROM intake.complaints c
  JOIN intake.sources s USING (source_id)
 WHERE c.external_id = $1 OR c.complaint_id::text = lower($1)
 ORDER BY c.revised_at
 LIMIT 50
"""


async def find_complaints(connection: asyncpg.Connection, number: str) -> list[TracedComplaint]:
    """Return the complaints with this number, of every source, or with this id."""
    return [TracedComplaint(**dict(row)) for row in await connection.fetch(FIND, number)]


@dataclass(frozen=True, slots=True)
class TracedRefusal:
    """A refused record whose bytes hold the number: its dead letter, by what it was refused, and whether it waits."""

    dead_letter: int
    reason: str
    refused_at: datetime
    is_waiting: bool


MAX_REFUSED = 50
FIND_REFUSED = """
SELECT id AS dead_letter, reason, recorded_at AS refused_at, replayed_at IS NULL AND superseded_at IS NULL AS is_waiting, value
  FROM intake.dead_letters
 WHERE position(convert_to($1, 'UTF8') IN value) > 0
 ORDER BY id
"""


async def find_refused(connection: asyncpg.Connection, number: str) -> list[TracedRefusal]:
    """Return refused records that hold this number anywhere, though not as a part of a longer one; runs in a transaction."""
    whole = re.compile(rb"(?<![0-9A-Za-z])" + re.escape(number.encode()) + rb"(?![0-9A-Za-z])")
    found: list[TracedRefusal] = []
    async for row in connection.cursor(FIND_REFUSED, number, prefetch=MAX_REFUSED):
        if whole.search(row["value"]):
            found.append(TracedRefusal(row["dead_letter"], row["reason"], row["refused_at"], row["is_waiting"]))
        if len(found) == MAX_REFUSED:
            break
    return found
