"""The gauges of applications past their deadline and near it, which the alert rules read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, datetime

from services.corrections.store.deadlines import count_due, count_overdue
from shared.calendar.current import CurrentCalendar
from shared.database.pool import acquire
from shared.metrics import APPLICATIONS_DUE, APPLICATIONS_OVERDUE
from shared.stream import Database

# A deadline passes with time alone: no event announces it.
INTERVAL_S = 60.0


class OverdueGauge:
    """The background task that updates the gauges of applications that are overdue, and of those that soon will be."""

    def __init__(self, database: Database, calendar: CurrentCalendar, today: Callable[[datetime], date]) -> None:
        self._database = database
        self._calendar = calendar
        self._today = today

    async def run(self) -> None:
        """Update the gauges every `INTERVAL_S` until cancelled."""
        while True:
            await self.update()
            await asyncio.sleep(INTERVAL_S)

    async def update(self) -> None:
        """Update the gauges once."""
        today = self._today(self._database.clock())
        next_workday = self._calendar.value.add_workdays(today, 1).due
        async with acquire(self._database.pool) as connection:
            APPLICATIONS_OVERDUE.set(await count_overdue(connection, today))
            APPLICATIONS_DUE.set(await count_due(connection, today, next_workday))
