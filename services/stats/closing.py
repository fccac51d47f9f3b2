"""Closing a month: its figures are all emitted, and from then on a change of them is a restatement."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import TYPE_CHECKING

import asyncpg
import structlog

from services.stats.domain.closing import due_months
from services.stats.domain.periods import Period, month_period
from services.stats.emission import emit_changed_figures
from services.stats.store.closing import ClosedMonth, fetch_closed_months, insert_closed_month
from services.stats.store.figures import count_pending, lock_emission
from shared.accounts.service_states import Attention
from shared.calendar import Calendar
from shared.calendar.current import CurrentCalendar
from shared.clock import local_day
from shared.contracts import MonthClosed
from shared.errors import PermanentError
from shared.metrics import MONTHS_UNCLOSED
from shared.rules import RuleBook
from shared.stream import Database, JournalEntry

if TYPE_CHECKING:  # commands close months without the web
    from shared.service import ServiceContext

log = structlog.get_logger(__name__)

CHECK_INTERVAL_S = 600.0


class MonthNotOver(PermanentError):
    """The month is not over: its figures cannot be closed yet."""


async def close_month(database: Database, month: Period, today: date, actor: str) -> ClosedMonth:
    """Emit the pending figures of the month, then close it; a month that is closed already stays as it is.

    Raises `MonthNotOver` when `today` is in the month or before it.
    """
    if today <= month.last:
        raise MonthNotOver(f"{month.name} ends on {month.last}; close it after that day")
    while True:
        async with database.unit_of_work() as uow:
            await lock_emission(uow.connection)
            existing = next((each for each in await fetch_closed_months(uow.connection) if each.month == month.first), None)
            if existing is not None:
                return existing
            if not await count_pending(uow.connection, month.first):
                closed = await insert_closed_month(uow.connection, month.first, uow.now)
                uow.emit(
                    MonthClosed(
                        month=month.name, operators=closed.operators, complaints=closed.complaints, closed_at=closed.closed_at
                    )
                )
                counts = {"operators": closed.operators, "complaints": closed.complaints}
                uow.journal(JournalEntry(actor, "month_closed", month.name, after=counts, detail=counts))
                return closed
            await emit_changed_figures(uow)


async def find_unclosed_months(connection: asyncpg.Connection, today: date, rules: RuleBook, calendar: Calendar) -> list[date]:
    """Return the first days of the months that are due and not closed, oldest first."""
    closed = [each.month for each in await fetch_closed_months(connection)]
    workdays = rules.in_force(today).closing.workdays_after_month
    return due_months(today, max(closed, default=None), workdays, calendar)


async def find_open_work(connection: asyncpg.Connection, today: date, rules: RuleBook, calendar: Calendar) -> list[Attention]:
    """Return the months that are due and not closed, and figures that wait to be emitted, for the operations page."""
    months = await find_unclosed_months(connection, today, rules, calendar)
    unclosed = [Attention(code="month_unclosed", subject=f"{month:%Y-%m}") for month in months]
    pending = await count_pending(connection)
    return [*unclosed, Attention(code="figures_pending", count=pending)] if pending else unclosed


class MonthCloser:
    """The background task that closes each month when the rules say so."""

    def __init__(self, context: ServiceContext, calendar: CurrentCalendar, rules: RuleBook) -> None:
        self._context = context
        self._calendar = calendar
        self._rules = rules

    async def run(self) -> None:
        """Check every `CHECK_INTERVAL_S` until cancelled."""
        while True:
            await asyncio.sleep(CHECK_INTERVAL_S)
            await self.check()

    async def check(self) -> None:
        """Close the months that are due, oldest first; not while there is a lag: a record that waits may belong to one."""
        database = self._context.database
        today = local_day(database.clock(), self._context.settings.zone)
        async with database.snapshot() as connection:
            due = await find_unclosed_months(connection, today, self._rules, self._calendar.value)
        MONTHS_UNCLOSED.set(len(due))
        if any(consumer.lag() for consumer in self._context.consumers):
            return
        for each in due:
            month = await close_month(database, month_period(each), today, "stats")
            MONTHS_UNCLOSED.dec()
            log.info("month_closed", month=f"{month.month:%Y-%m}", operators=month.operators, complaints=month.complaints)
