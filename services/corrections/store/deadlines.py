"""Deadlines that move because the calendar did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import asyncpg

from services.corrections.domain import Application
from services.corrections.store.applications import COLUMNS, application_of


@dataclass(frozen=True, slots=True)
class DeadlineChange:
    """A deadline that was moved."""

    changed_at: datetime
    before: date
    after: date


COUNTED_OTHERWISE = (
    COLUMNS
    + """
 WHERE state IN ('filed', 'under_review') AND calendar_version <> $1
 ORDER BY application_id
   FOR UPDATE
"""
)


async def counted_otherwise(connection: asyncpg.Connection, calendar_version: str) -> list[Application]:
    """Return the open applications whose deadline was counted by another calendar, and lock them."""
    return [application_of(row) for row in await connection.fetch(COUNTED_OTHERWISE, calendar_version)]


MOVE = """
WITH counted AS (
    SELECT *
      FROM unnest($1::uuid[], $2::date[], $3::boolean[], $4::text[])
           AS counted (application_id, due_on, provisional, calendar_version)
), kept AS (
    INSERT INTO corrections.deadline_changes (application_id, changed_at, due_before, due_after, calendar_version)
    SELECT a.application_id, $5, a.due_on, c.due_on, c.calendar_version
      FROM counted c
      JOIN corrections.applications a USING (application_id)
     WHERE a.due_on <> c.due_on
)
UPDATE corrections.applications a
   SET due_on = c.due_on, provisional = c.provisional, calendar_version = c.calendar_version
  FROM counted c
 WHERE a.application_id = c.application_id
"""


async def move_deadlines(connection: asyncpg.Connection, recounted: Sequence[Application], at: datetime) -> None:
    """Write recounted deadlines; where the day changed, the day before is kept."""
    await connection.execute(
        MOVE,
        [application.application_id for application in recounted],
        [application.due_on for application in recounted],
        [application.provisional for application in recounted],
        [application.calendar_version for application in recounted],
        at,
    )


OVERDUE = "SELECT count(*) FROM corrections.applications WHERE state IN ('filed', 'under_review') AND due_on < $1"


async def overdue(connection: asyncpg.Connection, today: date) -> int:
    """Return how many open applications should have been answered before `today`."""
    return int(await connection.fetchval(OVERDUE, today))


CHANGES = """
SELECT changed_at, due_before, due_after
  FROM corrections.deadline_changes
 WHERE application_id = $1
 ORDER BY changed_at
"""


async def deadline_changes(connection: asyncpg.Connection, application_id: UUID) -> list[DeadlineChange]:
    """Return how the deadline of an application moved."""
    rows = await connection.fetch(CHANGES, application_id)
    return [DeadlineChange(row["changed_at"], row["due_before"], row["due_after"]) for row in rows]
