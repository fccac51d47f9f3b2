"""The composition root of stats."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fastapi import FastAPI

from services.stats.closing import Closing
from services.stats.emission import Emission
from services.stats.handlers import Counting
from services.stats.web import desk, figures
from shared.calendar import Calendar
from shared.rules import RuleBook
from shared.service import Running, Service, Work
from shared.settings import Settings
from shared.stream import Subscription
from shared.web.app import create_web
from shared.web.site import Site
from shared.web.templating import Pages

HERE = Path(__file__).parent


def create_app(settings: Settings) -> FastAPI:
    """Return the stats service, not started."""
    calendar, rules = Calendar.load(settings.calendar), RuleBook.load(settings.rules)

    async def prepare(_: Running) -> Sequence[Subscription]:
        return Counting(calendar).subscriptions()

    def work(running: Running) -> Sequence[Work]:
        return Emission.of(running).run, Closing(running, calendar, rules).run

    service = Service("stats", prepare, work)
    pages = Pages(HERE, Site.of(settings, "stats"))
    return create_web(service, settings, pages, [figures.router, desk.router])
