"""The composition root of intake."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from fastapi import FastAPI

from services.intake.domain.rate_limit import SourceRateLimiter
from services.intake.files.uploads import UploadStore
from services.intake.handlers import subscriptions
from services.intake.ingest import create_intake
from services.intake.matching import Matcher, sweep_traits
from services.intake.matching_task import MatchingTask
from services.intake.reattribution import ReattributionTask
from services.intake.silence import WATCH_INTERVAL_S, SourceWatch, find_silent_sources
from services.intake.upload_queue import UploadQueue
from services.intake.web import ROUTERS
from shared.clock import local_day
from shared.rules import RuleBook
from shared.service import BackgroundTask, Service, ServiceContext, repeat_every
from shared.settings import Settings
from shared.stream import Subscription
from shared.stream.dead_letter_term import SWEEP_INTERVAL_S, DeadLetterTerm
from shared.web.app import create_web
from shared.web.site import Site
from shared.web.templating import Pages

NAME = "intake"


def create_app(settings: Settings) -> FastAPI:
    """Return the web app of intake, whose lifespan runs its consumers, relay and background tasks."""
    intake, rules = create_intake(settings), RuleBook.load(settings.rules)
    matcher = Matcher(intake)
    uploads = UploadQueue(UploadStore(settings.home / "uploads"), intake)

    async def prepare(_: ServiceContext) -> Sequence[Subscription]:
        return subscriptions(intake, tuple(filter(None, settings.kafka_unsigned_sources.split(","))))

    def dead_letter_term(at: datetime) -> timedelta:
        return timedelta(days=rules.in_force(local_day(at, settings.zone)).terms.dead_letters_days)

    def background_tasks(context: ServiceContext) -> Sequence[BackgroundTask]:
        watch, dead_letters = SourceWatch(context.database, intake), DeadLetterTerm(context.database, NAME, dead_letter_term)

        async def sweep() -> None:
            async with context.database.unit_of_work() as uow:
                await sweep_traits(uow)

        async def sweep_uploads() -> None:
            await asyncio.to_thread(uploads.sweep, context.database.clock())

        return (
            ReattributionTask(context, intake).run,
            MatchingTask(context.database, matcher, intake.pace).run,
            partial(uploads.run, context.database),
            repeat_every(SWEEP_INTERVAL_S, sweep),
            repeat_every(SWEEP_INTERVAL_S, sweep_uploads),
            repeat_every(WATCH_INTERVAL_S, watch.check),
            repeat_every(SWEEP_INTERVAL_S, dead_letters.sweep),
        )

    pages = Pages(Path(__file__).parent, Site.from_settings(settings, NAME))
    service = Service(NAME, prepare, background_tasks, find_silent_sources)
    app = create_web(service, settings, pages, ROUTERS)
    app.state.intake, app.state.rate_limiter, app.state.rule_book = intake, SourceRateLimiter(), rules
    app.state.matcher, app.state.uploads = matcher, uploads
    return app
