"""The gauges of applications past their deadline and near it, which the alert rules read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import asyncpg

from services.corrections.store.deadlines import count_due, count_overdue
from shared.accounts.service_states import Attention
from shared.calendar import Calendar
from shared.calendar.current import CurrentCalendar
from shared.database.connections import acquire
from shared.metrics import APPLICATIONS_DUE, APPLICATIONS_OVERDUE
from shared.stream import Database

# A deadline passes with time alone: no event announces it.
GAUGE_INTERVAL_S = 60.0


class OverdueGauge:
    """Updates the gauges of applications that are overdue, and of those that soon will be."""

    def __init__(self, database: Database, calendar: CurrentCalendar, today: Callable[[datetime], date]) -> None:
        self._database = database
        self._calendar = calendar
        self._today = today

    async def update(self) -> None:
        """Update the gauges once."""
        async with acquire(self._database.pool) as connection:
            overdue, due = await count_deadlines(connection, self._today(self._database.clock()), self._calendar.value)
        APPLICATIONS_OVERDUE.set(overdue)
        APPLICATIONS_DUE.set(due)


async def count_deadlines(connection: asyncpg.Connection, today: date, calendar: Calendar) -> tuple[int, int]:
    """Return how many open applications are past their deadline, and how many are due today or on the next working day."""
    next_workday = calendar.add_workdays(today, 1).due
    return await count_overdue(connection, today), await count_due(connection, today, next_workday)


async def find_deadlines(connection: asyncpg.Connection, today: date, calendar: Calendar) -> list[Attention]:
    """Return the deadlines that are missed or near, for the operations page."""
    counts = zip(("applications_overdue", "applications_due"), await count_deadlines(connection, today, calendar), strict=True)
    return [Attention(code=code, count=count) for code, count in counts if count]
