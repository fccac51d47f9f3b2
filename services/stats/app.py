"""The composition root of stats."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fastapi import FastAPI

from services.stats.handlers import Counting
from shared.calendar import Calendar
from shared.service import Running, Service
from shared.settings import Settings
from shared.stream import Subscription
from shared.web.app import create_web
from shared.web.site import Site
from shared.web.templating import Pages

HERE = Path(__file__).parent


async def prepare(_: Running) -> Sequence[Subscription]:
    """Return what stats listens to."""
    return Counting(Calendar.load()).subscriptions()


def create_app(settings: Settings) -> FastAPI:
    """Return the stats service, not started."""
    service = Service("stats", prepare)
    pages = Pages(HERE, Site.of(settings, "stats"))
    return create_web(service, settings, pages, [])
