"""The gauge of applications past their deadline, which the alert rules read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, datetime

from services.corrections.store.deadlines import count_overdue
from shared.database.pool import acquire
from shared.metrics import APPLICATIONS_OVERDUE
from shared.stream import Database

# A deadline passes with time alone: no event announces it.
INTERVAL_S = 60.0


class OverdueGauge:
    """The background task that updates the gauge of overdue applications."""

    def __init__(self, database: Database, today: Callable[[datetime], date]) -> None:
        self._database = database
        self._today = today

    async def run(self) -> None:
        """Update the gauge every `INTERVAL_S` until cancelled."""
        while True:
            await self.update()
            await asyncio.sleep(INTERVAL_S)

    async def update(self) -> None:
        """Update the gauge once."""
        async with acquire(self._database.pool) as connection:
            APPLICATIONS_OVERDUE.set(await count_overdue(connection, self._today(self._database.clock())))
