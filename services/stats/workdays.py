"""Working days follow the calendar: what was counted by a former one is counted anew, and its figures are restated."""

from __future__ import annotations

import asyncio

import structlog

from services.stats.store.sums import add_deltas
from services.stats.store.workdays import (
    advance_recount,
    find_chunk_end,
    finish_recount,
    insert_calendar_changes,
    insert_recount,
    lock_recount,
    recount_chunk,
)
from shared.calendar import Calendar, CalendarChange
from shared.calendar.current import CHECK_INTERVAL_S, CalendarWatcher, CurrentCalendar
from shared.stream import Database, UnitOfWork

log = structlog.get_logger(__name__)

# Complaints in one transaction: a tenth of a second in which the consumers may wait for a sum.
CHUNK_SIZE = 5_000


async def plan_recount(uow: UnitOfWork, _: Calendar, change: CalendarChange) -> None:
    """Begin a recount, in the transaction in which the calendar is adopted."""
    await insert_recount(uow.connection, change, uow.now)


async def recount_next(database: Database, current: CurrentCalendar, size: int = CHUNK_SIZE) -> bool:
    """Recount the next chunk of contributions; return whether there may be another one."""
    async with database.unit_of_work() as uow:
        calendar = await current.share(uow.connection)
        recount = await lock_recount(uow.connection)
        if recount is None:
            return False
        last = await find_chunk_end(uow.connection, recount.done_to, size)
        if last is None:
            await finish_recount(uow.connection, recount.calendar_id, uow.now)
            log.info("workdays_recounted", calendar=calendar.version)
            return False
        await recount_chunk(uow.connection, recount.done_to, last, calendar)
        await add_deltas(uow.connection)
        await insert_calendar_changes(uow.connection, recount.calendar_id)
        await advance_recount(uow.connection, recount.calendar_id, last)
        return True


class CalendarFollower:
    """The background task that watches the calendar and recounts by it."""

    def __init__(self, database: Database, current: CurrentCalendar, watcher: CalendarWatcher) -> None:
        self._database = database
        self._current = current
        self._watcher = watcher

    async def run(self) -> None:
        """Finish a recount that was interrupted, then watch the calendar and recount when it changes."""
        while True:
            while await recount_next(self._database, self._current):
                await asyncio.sleep(0)
            await asyncio.sleep(CHECK_INTERVAL_S)
            await self._watcher.check()
