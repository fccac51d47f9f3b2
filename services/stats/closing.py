"""Closing a month: its figures are all said, and from then on a change of them is a restatement."""

from __future__ import annotations

import asyncio
from datetime import date

import structlog

from services.stats.domain.closing import due
from services.stats.domain.periods import Period, month_of
from services.stats.emission import say_changes
from services.stats.store.closing import ClosedMonth, close, closed_months
from services.stats.store.figures import say_alone, waiting
from shared.calendar import Calendar
from shared.clock import local_day
from shared.contracts import MonthClosed
from shared.errors import PermanentError
from shared.rules import RuleBook
from shared.service import Running
from shared.stream import Entry, Store

log = structlog.get_logger(__name__)

LOOK_EVERY_S = 600.0


class MonthNotOver(PermanentError):
    """The month is not over: its figures cannot be closed yet."""


async def close_month(store: Store, month: Period, today: date, actor: str) -> ClosedMonth:
    """Say what waits of the month, then close it; a month that is closed already stays as it is.

    Raises `MonthNotOver` when `today` is in the month or before it.
    """
    if today <= month.last:
        raise MonthNotOver(f"{month.name} ends on {month.last}; close it after that day")
    while True:
        async with store.unit() as unit:
            await say_alone(unit.connection)
            held = next((each for each in await closed_months(unit.connection) if each.month == month.first), None)
            if held is not None:
                return held
            if not await waiting(unit.connection, month.first):
                closed = await close(unit.connection, month.first, unit.now)
                unit.emit(
                    MonthClosed(
                        month=month.name, operators=closed.operators, complaints=closed.complaints, closed_at=closed.closed_at
                    )
                )
                counts = {"operators": closed.operators, "complaints": closed.complaints}
                unit.record(Entry(actor, "month_closed", month.name, after=counts, detail=counts))
                return closed
            await say_changes(unit)


class Closing:
    """The work that closes each month when the rules say so."""

    def __init__(self, running: Running, calendar: Calendar, rules: RuleBook) -> None:
        self._running = running
        self._calendar = calendar
        self._rules = rules

    async def run(self) -> None:
        """Look from time to time, and only close while nothing waits: what waits may belong to the month."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            if not any(consumer.lag() for consumer in self._running.consumers):
                await self.close_due()

    async def close_due(self) -> list[ClosedMonth]:
        """Close the months that are due, oldest first."""
        store = self._running.store
        today = local_day(store.clock(), self._running.settings.zone)
        async with store.reading() as connection:
            closed = [each.month for each in await closed_months(connection)]
        workdays = self._rules.on(today).closing.workdays_after_month
        months = due(today, max(closed, default=None), workdays, self._calendar)
        done = [await close_month(store, month_of(month), today, "stats") for month in months]
        for each in done:
            log.info("month_closed", month=f"{each.month:%Y-%m}", operators=each.operators, complaints=each.complaints)
        return done
