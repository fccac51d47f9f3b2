"""The composition root of the publisher."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fastapi import FastAPI

from services.publisher.handlers import subscriptions
from services.publisher.office import Office
from services.publisher.store import gate
from services.publisher.web import routers
from services.publisher.web.broadcast import Broadcaster
from services.publisher.web.overview import Overviews
from services.publisher.web.shelf import Shelf
from shared.charts.renderer import ChartRenderer
from shared.service import Running, Service, Work
from shared.settings import Settings
from shared.stream import Subscription
from shared.web.app import create_web
from shared.web.site import Site
from shared.web.templating import Pages

NAME = "publisher"


def create_app(settings: Settings) -> FastAPI:
    """Return the publisher, not started. Raises `RulesError` when the rules file cannot be used."""
    office = Office.open(settings)
    pages = Pages(Path(__file__).parent, Site.of(settings, NAME))

    async def prepare(running: Running) -> Sequence[Subscription]:
        async with running.store.unit() as unit:
            await gate.keep_gate(unit.connection, office.book)
        return subscriptions(office)

    broadcaster = Broadcaster()

    def work(running: Running) -> Sequence[Work]:
        return (lambda: broadcaster.run(running.store),)

    app = create_web(Service(NAME, prepare, work), settings, pages, routers())
    app.state.office = office
    app.state.charts = ChartRenderer()
    app.state.overviews = Overviews(office, broadcaster)
    app.state.broadcaster = broadcaster
    app.state.shelf = Shelf(broadcaster, office)
    app.state.feeds = {}
    return app
