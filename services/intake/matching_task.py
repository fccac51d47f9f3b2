"""The background task that compares reports, at a pace that leaves the stream its processor time."""

from __future__ import annotations

import asyncio
from time import perf_counter

from services.intake.comparison import ComparisonPace
from services.intake.matching import Matcher
from shared.stream import Database
from shared.waiting import wait_set

# A batch wakes the task before its transaction ends: it looks again after these times. Other processes wake nobody.
LOOKS_S = (0.1, 0.4, 1.0, 5.0)
IDLE_S = 60.0


class MatchingTask:
    """Works off the queue of reports; after each transaction it rests for as long as that took."""

    def __init__(self, database: Database, matcher: Matcher, pace: ComparisonPace) -> None:
        self._database = database
        self._matcher = matcher
        self._pace = pace

    async def run(self) -> None:
        """Compare until cancelled."""
        await self._compare_all()
        while True:
            await wait_set(self._pace.wake, IDLE_S)
            self._pace.wake.clear()
            for look in LOOKS_S:
                await asyncio.sleep(look)
                await self._compare_all()
                if self._pace.wake.is_set():
                    break

    async def _compare_all(self) -> None:
        compared = 1
        while compared:
            await asyncio.sleep(self._pace.rest_s())
            started = perf_counter()
            async with self._database.unit_of_work() as uow:
                compared = await self._matcher.compare_waiting(uow)
            await asyncio.sleep(perf_counter() - started)
