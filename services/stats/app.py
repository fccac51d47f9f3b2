"""The composition root of stats."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import asyncpg
from fastapi import FastAPI

from services.stats.closing import MonthCloser, find_open_work
from services.stats.emission import FigureEmitter
from services.stats.handlers import ComplaintCounter
from services.stats.nightly import NightlyRecount, measure_verification
from services.stats.web import attention as lists
from services.stats.web import desk, figures, kpis, restatements
from services.stats.workdays import CalendarFollower, plan_recount
from shared.accounts.service_states import Attention
from shared.calendar.current import CalendarWatcher, CurrentCalendar
from shared.clock import local_day
from shared.rules import RuleBook
from shared.service import BackgroundTask, Service, ServiceContext
from shared.settings import Settings
from shared.stream import Subscription
from shared.web import operations
from shared.web.app import create_web
from shared.web.site import Site
from shared.web.templating import Pages

HERE = Path(__file__).parent


def create_app(settings: Settings) -> FastAPI:
    """Return the stats service, not started."""
    current, rules = CurrentCalendar.load(settings.calendar), RuleBook.load(settings.rules)

    async def prepare(context: ServiceContext) -> Sequence[Subscription]:
        await _watcher(context, current).adopt(current.value)
        await measure_verification(context.database)
        return ComplaintCounter(current).subscriptions()

    def background_tasks(context: ServiceContext) -> Sequence[BackgroundTask]:
        follower = CalendarFollower(context.database, current, _watcher(context, current))
        return (
            FigureEmitter.from_context(context).run,
            MonthCloser(context, current, rules).run,
            follower.run,
            NightlyRecount(context).run,
        )

    async def attention(connection: asyncpg.Connection, now: datetime) -> Sequence[Attention]:
        return await find_open_work(connection, local_day(now, settings.zone), rules, current.value)

    service = Service("stats", prepare, background_tasks, attention)
    pages = Pages(HERE, Site.from_settings(settings, "stats"))
    app = create_web(
        service,
        settings,
        pages,
        [figures.router, kpis.router, lists.router, restatements.router, desk.router, *operations.ROUTERS],
    )
    app.state.rules = rules
    app.state.calendar = current
    return app


def _watcher(context: ServiceContext, current: CurrentCalendar) -> CalendarWatcher:
    return CalendarWatcher(context.database, current, "stats", plan_recount)
