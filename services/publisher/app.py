"""The composition root of the publisher."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from secrets import token_hex

import asyncpg
import structlog
from fastapi import FastAPI

from services.publisher.batch_runs import BatchRunner
from services.publisher.bureau import BureauContext
from services.publisher.delivering.administration import secret_box
from services.publisher.delivering.hub_worker import PURPOSE as HUB
from services.publisher.delivering.hub_worker import HubWorker
from services.publisher.delivering.leading import lead
from services.publisher.delivering.mail import INTERVAL_S as MAIL_INTERVAL_S
from services.publisher.delivering.mail import Mailer
from services.publisher.delivering.sender import HttpSender
from services.publisher.delivering.worker import DeliveryWorker
from services.publisher.domain.delivery import parse_networks
from services.publisher.domain.feed_identity import FeedIdentity, choose_authority
from services.publisher.domain.feed_subject import FeedSubject
from services.publisher.domain.mail_address import PURPOSE as MAIL
from services.publisher.handlers import subscriptions
from services.publisher.open_data.snapshot import SNAPSHOT_INTERVAL_S, SnapshotStore
from services.publisher.record_drafting import DRAFTING_INTERVAL_S, draft_due
from services.publisher.repeating import REPEAT_INTERVAL_S, repeat_due
from services.publisher.scheduling import ScheduledReleaseWorker
from services.publisher.screen_acknowledgements import AcknowledgementBatches
from services.publisher.staging import DraftingPace
from services.publisher.store import feeds, gate, seals, search
from services.publisher.text_search import INTERVAL_S as SEARCH_INTERVAL_S
from services.publisher.text_search import search_all_texts
from services.publisher.watch import CERTIFICATE_INTERVAL_S, WATCH_INTERVAL_S, PublisherWatch, find_waiting
from services.publisher.web import routers
from services.publisher.web.broadcast import Broadcaster
from services.publisher.web.decisions import name_refusal
from services.publisher.web.dependencies import create_presenter
from services.publisher.web.feeds import FeedCache, fetch_page, render_feed
from services.publisher.web.overview import OverviewCache
from services.publisher.web.page_cache import PageCache
from shared.charts.renderer import ChartRenderer
from shared.clock import local_day
from shared.documents.press import Press
from shared.metrics import SEALED_AT
from shared.personal_data.second_stage.search import NameSearch
from shared.secret_box import SecretBox
from shared.service import BackgroundTask, Service, ServiceContext, repeat_every, repeat_on_change
from shared.settings import Settings
from shared.stream import Subscription, UnitOfWork
from shared.web.app import create_web
from shared.web.languages import LANGUAGES, SOURCE
from shared.web.site import Site
from shared.web.templating import Pages

NAME = "publisher"
log = structlog.get_logger(__name__)


def create_app(settings: Settings) -> FastAPI:
    """Return the publisher, not started. Raises `RulesError` when the rules file cannot be used."""
    bureau = BureauContext.load(settings)
    pages = Pages(Path(__file__).parent, Site.from_settings(settings, NAME))

    async def prepare(context: ServiceContext) -> Sequence[Subscription]:
        async with context.database.unit_of_work() as uow:
            await gate.ensure_gate(uow.connection, bureau.rule_book)
            SEALED_AT.set(await seals.last_sealed_at(uow.connection))
            app.state.feed_identity = await _ensure_feed_identity(uow, settings, pages.site.public)
        await _fill_search_forms(context)
        return subscriptions(bureau, pace)

    broadcaster, pace, name_search = Broadcaster(), DraftingPace(), NameSearch()
    snapshots = SnapshotStore.of_home(settings.home)
    snapshots.load()

    def background_tasks(context: ServiceContext) -> Sequence[BackgroundTask]:
        presenters = {language: create_presenter(pages, language) for language in LANGUAGES}
        mailer = Mailer(context.database, settings, SecretBox(bureau.lease_key, MAIL), pages.site, presenters)
        app.state.mailer = mailer
        batch_runner = app.state.batch_runner = BatchRunner(context.database, bureau, name_refusal)
        watch = PublisherWatch(context.database, broadcaster.leased, settings.public_url, bureau)
        return (
            lambda: broadcaster.run(context.database),
            batch_runner.run,
            lambda: _deliver(context, bureau, pages, app.state.feed_identity),
            repeat_every(MAIL_INTERVAL_S, mailer.send_due),
            repeat_on_change(SNAPSHOT_INTERVAL_S, lambda: broadcaster.generation, lambda: snapshots.renew(context.database)),
            repeat_every(REPEAT_INTERVAL_S, lambda: repeat_due(context.database)),
            repeat_every(DRAFTING_INTERVAL_S, lambda: draft_due(context.database, bureau, pace)),
            lambda: _search_texts(context, name_search),
            repeat_every(WATCH_INTERVAL_S, watch.check),
            repeat_every(CERTIFICATE_INTERVAL_S, watch.watch_certificate),
        )

    app = create_web(Service(NAME, prepare, background_tasks, find_waiting), settings, pages, routers())
    app.state.bureau = bureau
    app.state.name_search = name_search
    app.state.snapshots = snapshots
    app.state.charts = ChartRenderer()
    app.state.press = Press(settings)
    app.state.overview_cache = OverviewCache(bureau, broadcaster)
    app.state.broadcaster, app.state.acknowledgements = broadcaster, AcknowledgementBatches()
    app.state.page_cache = PageCache(broadcaster, bureau)
    app.state.feed_cache = FeedCache()
    return app


async def _deliver(context: ServiceContext, bureau: BureauContext, pages: Pages, identity: FeedIdentity) -> None:
    """Bring what is released to targets and to subscribers of the hub for as long as the service runs; feeds in Chinese."""
    presenter = create_presenter(pages, SOURCE)

    async def render(connection: asyncpg.Connection, subject: FeedSubject) -> bytes:
        return render_feed(await fetch_page(connection, subject, presenter, None), identity, pages.site, presenter)

    wake, database = asyncio.Event(), context.database
    async with HttpSender(parse_networks(context.settings.target_networks)) as sender:
        hub = HubWorker(database, sender, SecretBox(bureau.lease_key, HUB), render, pages.site.public)
        targets = DeliveryWorker(database, sender, secret_box(bureau.lease_key), wake=wake)
        await lead(database, (targets, hub, ScheduledReleaseWorker(database, bureau)), wake)


async def _search_texts(context: ServiceContext, name_search: NameSearch) -> None:
    """Search the texts that wait for as long as the service runs; the model's process ends with it."""

    def applied() -> int:
        return sum(consumer.health.records for consumer in context.consumers)

    try:
        await repeat_on_change(SEARCH_INTERVAL_S, applied, lambda: search_all_texts(context.database, name_search))()
    finally:
        await name_search.close()


async def _fill_search_forms(context: ServiceContext) -> None:
    """Fill the search forms of rows that are older than their columns; a transaction a batch."""
    for fill in (search.fill_operators, search.fill_readings, search.fill_items):
        filled = 1
        while filled:
            async with context.database.unit_of_work() as uow:
                filled = await fill(uow.connection)


async def _ensure_feed_identity(uow: UnitOfWork, settings: Settings, address_base: str) -> FeedIdentity:
    """Return the identity of the feeds, chosen on the first start; another setting later changes nothing and is logged."""
    chosen = choose_authority(settings.feed_authority, settings.public_url, token_hex(4), local_day(uow.now, settings.zone))
    identity = await feeds.ensure_identity(uow.connection, chosen, address_base)
    if settings.feed_authority not in {"", identity.authority}:
        log.warning("feed_authority_is_fixed", stored=identity.authority, setting=settings.feed_authority)
    return identity
