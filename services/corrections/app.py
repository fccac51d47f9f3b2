"""The composition root of corrections."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import structlog
from fastapi import FastAPI

from services.corrections.domain import recount
from services.corrections.handlers import SUBSCRIPTIONS
from services.corrections.overdue import Overdue
from services.corrections.store.deadlines import counted_otherwise, move_deadlines
from services.corrections.web import ROUTERS, Office
from shared.calendar import Calendar
from shared.rules import RuleBook
from shared.service import Running, Service, Work
from shared.settings import Settings
from shared.stream import Entry, Store, Subscription
from shared.web.app import create_web
from shared.web.site import Site
from shared.web.templating import Pages

log = structlog.get_logger(__name__)

NAME = "corrections"
DECEMBER = 12


def create_app(settings: Settings) -> FastAPI:
    """Return the app of the service; the rules and the calendar are read and checked here."""
    office = Office(Calendar.load(settings.calendar), RuleBook.load(settings.rules), settings.zone)

    async def prepare(running: Running) -> Sequence[Subscription]:
        warn_of_missing_year(office.calendar, office.today(running.store.clock()))
        await recount_deadlines(running.store, office.calendar)
        return SUBSCRIPTIONS

    def work(running: Running) -> Sequence[Work]:
        return (Overdue(running.store, office.today).run,)

    pages = Pages(Path(__file__).parent, Site.of(settings, NAME))
    app = create_web(Service(NAME, prepare, work), settings, pages, ROUTERS)
    app.state.office = office
    return app


def warn_of_missing_year(calendar: Calendar, today: date) -> None:
    """Warn in December when the notice for the next year is not in the calendar: deadlines are provisional until then."""
    if today.month == DECEMBER and today.year + 1 not in calendar.announced_years:
        log.warning("calendar_year_missing", year=today.year + 1, mend="put the year's file into GONGSHI_CALENDAR")


async def recount_deadlines(store: Store, calendar: Calendar) -> None:
    """Count open deadlines again that another calendar counted: the notice for a year is out, or was changed."""
    async with store.unit() as unit:
        before = await counted_otherwise(unit.connection, calendar.version)
        after = [recount(application, calendar) for application in before]
        await move_deadlines(unit.connection, after, unit.now)
        for old, new in zip(before, after, strict=True):
            if old.due_on != new.due_on:
                unit.record(Entry(NAME, "deadline_moved", new.receipt, old.due_on, new.due_on))
    log.info("deadlines_counted", calendar=calendar.version, recounted=len(before))
