"""The current calendar of a service, in its database: a change of it is an event that every process follows.

Each process reads the calendar files for itself. The first one that sees them change adopts the new calendar: a row of
`calendars`, a journal entry and whatever the service recounts, in one transaction. The others follow that row.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import asyncpg
import orjson

from shared.calendar.calendar import Calendar
from shared.calendar.changes import CalendarChange, DayChange, changed_days, notices
from shared.calendar.table import TableDay
from shared.stream import JournalEntry, UnitOfWork

LOCK = "SELECT pg_advisory_xact_lock(hashtext(current_schema() || '.calendars'))"
SHARE = "SELECT pg_advisory_xact_lock_shared(hashtext(current_schema() || '.calendars'))"
CURRENT_VERSION = "SELECT version FROM calendars ORDER BY id DESC LIMIT 1"
CURRENT_DAYS = "SELECT days FROM calendars ORDER BY id DESC LIMIT 1"
INSERT = """
INSERT INTO calendars (version, adopted_at, days, changed, notices)
VALUES ($1, $2, $3, $4, $5)
RETURNING id
"""


async def share_calendar(connection: asyncpg.Connection) -> None:
    """Keep the current calendar from being replaced until the transaction ends; any number of transactions may."""
    await connection.execute(SHARE)


async def fetch_version(connection: asyncpg.Connection) -> str | None:
    """Return the version of the current calendar, or None before the first was adopted."""
    version: str | None = await connection.fetchval(CURRENT_VERSION)
    return version


async def fetch_calendar(connection: asyncpg.Connection) -> Calendar | None:
    """Return the current calendar, or None before the first was adopted."""
    days: str | None = await connection.fetchval(CURRENT_DAYS)
    return None if days is None else Calendar(_to_day(each) for each in orjson.loads(days))


async def adopt_calendar(uow: UnitOfWork, calendar: Calendar, actor: str) -> CalendarChange | None:
    """Make a calendar the current one, with a journal entry; None where it is that already."""
    await uow.connection.execute(LOCK)
    current = await fetch_calendar(uow.connection)
    if current is not None and current.version == calendar.version:
        return None
    days = () if current is None else changed_days(current, calendar)
    papers = notices(days)
    number = await uow.connection.fetchval(
        INSERT,
        calendar.version,
        uow.now,
        orjson.dumps([_to_row(day) for day in calendar.days]).decode(),
        orjson.dumps([_to_json(change) for change in days]).decode(),
        papers,
    )
    before = None if current is None else current.version
    detail = {"days": [_to_json(change) for change in days], "notices": list(papers)}
    uow.journal(JournalEntry(actor, "calendar_changed", calendar.version, before, calendar.version, detail))
    return CalendarChange(number, before, calendar.version, days, papers)


def _to_row(day: TableDay) -> list[Any]:
    return [day.day.isoformat(), day.is_workday, day.name, day.paper, day.announced]


def _to_day(row: Sequence[Any]) -> TableDay:
    return TableDay(date.fromisoformat(row[0]), *row[1:])


def _to_json(change: DayChange) -> dict[str, Any]:
    return {"before": change.before and _to_row(change.before), "after": change.after and _to_row(change.after)}
