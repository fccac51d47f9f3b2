"""Deadlines that move because the calendar did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import asyncpg

from services.corrections.domain import Application
from services.corrections.store.applications import COLUMNS, to_application


@dataclass(frozen=True, slots=True)
class DeadlineChange:
    """A change of a deadline, when and why it was made: by the calendar, with its notices, or by a step on the case."""

    changed_at: datetime
    before: date
    after: date
    notices: tuple[str, ...]
    cause: str = "calendar"


FETCH_OUTDATED = (
    COLUMNS
    + """
 WHERE state IN ('filed', 'under_review') AND calendar_version <> $1
 ORDER BY application_id
   FOR UPDATE
"""
)


async def fetch_outdated(connection: asyncpg.Connection, calendar_version: str) -> list[Application]:
    """Return the open applications whose deadline was computed with another calendar version, and lock them."""
    return [to_application(row) for row in await connection.fetch(FETCH_OUTDATED, calendar_version)]


UPDATE_DEADLINES = """
WITH recomputed AS (
    SELECT *
      FROM unnest($1::uuid[], $2::date[], $3::boolean[], $4::text[], $7::integer[])
           AS recomputed (application_id, due_on, provisional, calendar_version, stopped_workdays)
), history AS (
    INSERT INTO corrections.deadline_changes (application_id, changed_at, due_before, due_after, calendar_version, notices)
    SELECT a.application_id, $5, a.due_on, c.due_on, c.calendar_version, $6
      FROM recomputed c
      JOIN corrections.applications a USING (application_id)
     WHERE a.due_on <> c.due_on
)
UPDATE corrections.applications a
   SET due_on = c.due_on, provisional = c.provisional, calendar_version = c.calendar_version,
       stopped_workdays = c.stopped_workdays
  FROM recomputed c
 WHERE a.application_id = c.application_id
"""


async def update_deadlines(
    connection: asyncpg.Connection, recomputed: Sequence[Application], at: datetime, notices: Sequence[str]
) -> None:
    """Update recomputed deadlines; where the day changed, the former day is stored in `deadline_changes`."""
    await connection.execute(
        UPDATE_DEADLINES,
        [application.application_id for application in recomputed],
        [application.due_on for application in recomputed],
        [application.provisional for application in recomputed],
        [application.calendar_version for application in recomputed],
        at,
        list(notices),
        [application.stopped_workdays for application in recomputed],
    )


COUNT_OVERDUE = "SELECT count(*) FROM corrections.applications WHERE state IN ('filed', 'under_review') AND due_on < $1"


async def count_overdue(connection: asyncpg.Connection, today: date) -> int:
    """Return the number of open applications whose deadline is before `today`."""
    return int(await connection.fetchval(COUNT_OVERDUE, today))


COUNT_DUE = """
SELECT count(*)
  FROM corrections.applications
 WHERE state IN ('filed', 'under_review')
   AND due_on BETWEEN $1 AND $2
"""


async def count_due(connection: asyncpg.Connection, first: date, last: date) -> int:
    """Return the number of open applications whose deadline is from `first` to `last`."""
    return int(await connection.fetchval(COUNT_DUE, first, last))


CHANGES = """
SELECT changed_at, due_before, due_after, notices, cause
  FROM corrections.deadline_changes
 WHERE application_id = $1
 ORDER BY changed_at
"""


async def fetch_deadline_changes(connection: asyncpg.Connection, application_id: UUID) -> list[DeadlineChange]:
    """Return the changes of the deadline of an application, oldest first."""
    rows = await connection.fetch(CHANGES, application_id)
    return [
        DeadlineChange(row["changed_at"], row["due_before"], row["due_after"], tuple(row["notices"]), row["cause"])
        for row in rows
    ]
