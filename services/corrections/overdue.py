"""How many applications are past their deadline, for those who are to be told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date, datetime

from services.corrections.store.deadlines import overdue
from shared.database.pool import acquire
from shared.metrics import APPLICATIONS_OVERDUE
from shared.stream import Store

# A deadline passes by the clock alone: no event tells of it.
EVERY_S = 60.0


class Overdue:
    """The work that keeps the measure of overdue applications for as long as the service runs."""

    def __init__(self, store: Store, today: Callable[[datetime], date]) -> None:
        self._store = store
        self._today = today

    async def run(self) -> None:
        """Count until cancelled."""
        while True:
            await self.count()
            await asyncio.sleep(EVERY_S)

    async def count(self) -> None:
        """Count once."""
        async with acquire(self._store.pool) as connection:
            APPLICATIONS_OVERDUE.set(await overdue(connection, self._today(self._store.clock())))
