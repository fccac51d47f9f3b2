"""The composition root of intake."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fastapi import FastAPI

from services.intake.domain.allowance import Allowances
from services.intake.domain.complaint import Tables
from services.intake.following import Following
from services.intake.handlers import subscriptions
from services.intake.ingest import Intake
from services.intake.web import ROUTERS
from shared import reference
from shared.service import Running, Service
from shared.settings import Settings
from shared.stream import Subscription
from shared.web.app import create_web
from shared.web.site import Site
from shared.web.templating import Pages

NAME = "intake"


def create_app(settings: Settings) -> FastAPI:
    """Return the web app of intake, which runs its consumers and relay for as long as it lives."""
    intake = create_intake(settings)

    async def prepare(_: Running) -> Sequence[Subscription]:
        return subscriptions(intake)

    pages = Pages(Path(__file__).parent, Site.of(settings, NAME))
    service = Service(NAME, prepare, work=lambda running: (Following(running, intake).run,))
    app = create_web(service, settings, pages, ROUTERS)
    app.state.intake, app.state.allowances = intake, Allowances()
    return app


def create_intake(settings: Settings) -> Intake:
    """Return the step that takes reports in, over the reference tables."""
    tables = Tables(
        regions=frozenset(reference.regions()),
        industries=frozenset(reference.industries()),
        categories=frozenset(reference.categories()),
        zone=settings.zone,
    )
    return Intake(tables)
