"""The composition root of corrections."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import product
from pathlib import Path

import asyncpg
import structlog
from fastapi import FastAPI

from services.corrections.domain import recompute_deadline
from services.corrections.domain.notices import NoticeKind
from services.corrections.handlers import SUBSCRIPTIONS
from services.corrections.mailing import INTERVAL_S as MAIL_INTERVAL_S
from services.corrections.mailing import ApplicationMailer, load_address_box
from services.corrections.overdue_gauge import GAUGE_INTERVAL_S, OverdueGauge, find_deadlines
from services.corrections.store.deadlines import fetch_outdated, update_deadlines
from services.corrections.store.mail import queue_notice
from services.corrections.sweeper import Sweeper
from services.corrections.web import ROUTERS, BureauContext
from shared.accounts.service_states import Attention
from shared.calendar import Calendar, CalendarChange
from shared.calendar.current import CalendarWatcher, CurrentCalendar
from shared.contracts import ApplicationKind
from shared.documents.press import Press
from shared.metrics import APPLICATIONS
from shared.rules import RuleBook
from shared.service import BackgroundTask, Service, ServiceContext, repeat_every
from shared.settings import Settings
from shared.stream import Database, JournalEntry, Subscription, UnitOfWork
from shared.stream.dead_letter_term import SWEEP_INTERVAL_S, DeadLetterTerm
from shared.web.app import create_web
from shared.web.site import Site
from shared.web.templating import Pages

log = structlog.get_logger(__name__)

NAME = "corrections"
DECEMBER = 12
# What has not happened yet is a series at zero: an increase from nothing would not be seen.
for _kind, _state in product(ApplicationKind, ("filed", "decided", "withdrawn")):
    APPLICATIONS.labels(_kind, _state)


def create_app(settings: Settings) -> FastAPI:
    """Return the app of the service; rules and calendar are read and validated here."""
    current = CurrentCalendar.load(settings.calendar)
    bureau = BureauContext(current, RuleBook.load(settings.rules), settings.zone)

    async def prepare(context: ServiceContext) -> Sequence[Subscription]:
        warn_of_missing_year(bureau.calendar, bureau.today(context.database.clock()))
        await create_watcher(context.database, current).adopt(bureau.calendar)
        return SUBSCRIPTIONS

    def background_tasks(context: ServiceContext) -> Sequence[BackgroundTask]:
        database = context.database
        gauge, sweeper = OverdueGauge(database, current, bureau.today), Sweeper(database, bureau.rules)
        dead_letters = DeadLetterTerm(database, NAME, lambda at: timedelta(days=bureau.rules(at).terms.dead_letters_days))
        box = load_address_box(settings)
        app.state.address_box, app.state.mailer = box, ApplicationMailer(database, settings, box, pages)
        return (
            repeat_every(MAIL_INTERVAL_S, app.state.mailer.send_due),
            repeat_every(GAUGE_INTERVAL_S, gauge.update),
            repeat_every(SWEEP_INTERVAL_S, sweeper.sweep),
            repeat_every(SWEEP_INTERVAL_S, dead_letters.sweep),
            create_watcher(database, current).run,
        )

    async def attention(connection: asyncpg.Connection, now: datetime) -> Sequence[Attention]:
        return await find_deadlines(connection, bureau.today(now), bureau.calendar)

    pages = Pages(Path(__file__).parent, Site.from_settings(settings, NAME))
    app = create_web(Service(NAME, prepare, background_tasks, attention), settings, pages, ROUTERS)
    app.state.bureau = bureau
    app.state.press = Press(settings)
    return app


def warn_of_missing_year(calendar: Calendar, today: date) -> None:
    """Log a warning in December while the calendar lacks the next year: deadlines in it are provisional."""
    if today.month == DECEMBER and today.year + 1 not in calendar.announced_years:
        log.warning("calendar_year_missing", year=today.year + 1, remedy="put the year's file into GONGSHI_CALENDAR")


def create_watcher(database: Database, current: CurrentCalendar) -> CalendarWatcher:
    """Return the watcher of the calendar, which moves the open deadlines when it changes."""
    return CalendarWatcher(database, current, NAME, recompute_deadlines)


async def recompute_deadlines(uow: UnitOfWork, calendar: Calendar, change: CalendarChange) -> None:
    """Recompute the open deadlines that were computed with another calendar, in the transaction that adopts this one."""
    before = await fetch_outdated(uow.connection, calendar.version)
    after = [recompute_deadline(application, calendar) for application in before]
    await update_deadlines(uow.connection, after, uow.now, change.notices)
    for old, new in zip(before, after, strict=True):
        if old.due_on != new.due_on:
            await queue_notice(uow.connection, new.application_id, NoticeKind.DUE_ON_MOVED, uow.now)
            detail = {"notices": list(change.notices)}
            uow.journal(JournalEntry(NAME, "deadline_moved", new.receipt, old.due_on, new.due_on, detail))
    log.info("deadlines_recomputed", calendar=calendar.version, applications=len(before))
