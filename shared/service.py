"""The composition of every service: pool, consumers, broker, relay and background tasks around one web app."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

import asyncpg
import structlog
from aiokafka.errors import KafkaError
from fastapi import FastAPI
from faststream.kafka import KafkaBroker

from shared import clock
from shared.accounts.service_states import Attention
from shared.database import close_pool, open_pool
from shared.settings import Settings
from shared.state_report import REPORT_INTERVAL_S, StateReporter
from shared.stream.asyncapi import asyncapi_document
from shared.stream.broker import assert_manual_ack, close_broker, create_broker
from shared.stream.consumer import BatchConsumer
from shared.stream.fetching import connect_broker
from shared.stream.relay import Relay
from shared.stream.signature import SIGNED_TOPICS, load_verifier
from shared.stream.subscription import Subscription
from shared.stream.unit_of_work import Database

log = structlog.get_logger(__name__)

BackgroundTask = Callable[[], Awaitable[None]]
RESTART_TASK_S = 1.0
START_ATTEMPTS = 60
START_RETRY_S = 1.0


@dataclass(slots=True)
class ServiceContext:
    """A running service: what its pages, health checks and background tasks may use."""

    service: str
    settings: Settings
    database: Database
    consumers: list[BatchConsumer] = field(default_factory=list)
    relay: Relay | None = None
    asyncapi: str = "{}"


def repeat_every(interval_s: float, action: Callable[[], Awaitable[object]]) -> BackgroundTask:
    """Return the background task that does something at once, and again `interval_s` seconds after each time it is done."""

    async def repeat() -> None:
        while True:
            await action()
            await asyncio.sleep(interval_s)

    return repeat


def repeat_on_change(
    interval_s: float, observe: Callable[[], object], action: Callable[[], Awaitable[object]], fallback_s: float = 60.0
) -> BackgroundTask:
    """Return the background task that does something at once, and again when what `observe` returns has changed since.

    It looks every `interval_s` seconds in memory alone, so an idle system asks its database nothing; at the latest it does it
    after `fallback_s`, for what nobody told it of.
    """

    async def repeat() -> None:
        while True:
            seen, done_at = observe(), time.monotonic()
            await action()
            await asyncio.sleep(interval_s)
            while observe() == seen and time.monotonic() - done_at < fallback_s:
                await asyncio.sleep(interval_s)

    return repeat


async def nothing(_connection: asyncpg.Connection, _now: datetime) -> Sequence[Attention]:
    """Return that no person needs to look at anything."""
    return ()


@dataclass(frozen=True, slots=True)
class Service:
    """What distinguishes a service.

    `prepare` is called before any record is consumed and returns the subscriptions; `background_tasks` returns
    coroutine functions that run for as long as the service does and are restarted when they fail. `attention` returns what
    a person should look at, for the operations page.
    """

    name: str
    prepare: Callable[[ServiceContext], Awaitable[Sequence[Subscription]]]
    background_tasks: Callable[[ServiceContext], Sequence[BackgroundTask]] = lambda _: ()
    attention: Callable[[asyncpg.Connection, datetime], Awaitable[Sequence[Attention]]] = nothing


@asynccontextmanager
async def run_service(service: Service, settings: Settings, app: FastAPI) -> AsyncIterator[ServiceContext]:
    """Start a service in order (pool, subscriptions, relay, broker, background tasks) and stop it in reverse."""
    async with AsyncExitStack() as stack:
        pool = await open_pool(settings, service.name, bounded=True)
        stack.push_async_callback(close_pool, pool)
        # Whoever fills the pages' pool holds up neither consumers nor relay.
        pages_pool = await open_pool(settings, service.name, bounded=True)
        stack.push_async_callback(close_pool, pages_pool)
        source = f"/gongshi/{service.name}"
        context = ServiceContext(service.name, settings, Database(pool, clock.now, source))
        app.state.database = Database(pages_pool, clock.now, source)
        app.state.context, app.state.settings = context, settings
        subscriptions = await service.prepare(context)
        context.consumers = [BatchConsumer(_verified(each, settings), context.database, service.name) for each in subscriptions]
        context.relay = Relay(pool, settings, service.name)
        context.relay.start()
        stack.push_async_callback(context.relay.stop)
        broker = await _start_broker(context)
        stack.push_async_callback(close_broker, broker, context.consumers)
        reporter = StateReporter(service, context)
        stack.push_async_callback(reporter.withdraw)
        for background_task in (*service.background_tasks(context), repeat_every(REPORT_INTERVAL_S, reporter.report)):
            stack.push_async_callback(_cancel, asyncio.create_task(_run_forever(background_task)))
        _tune_garbage_collector()
        log.info("service_started", subscriptions=len(subscriptions))
        yield context
        log.info("service_stopping")


def _verified(subscription: Subscription, settings: Settings) -> Subscription:
    """Return the subscription with what its records are verified by, where their producer signs them."""
    if subscription.topic in SIGNED_TOPICS and settings.rulings_public_key is None:
        log.warning("signatures_unverified", topic=subscription.topic)
    return replace(subscription, verifier=load_verifier(settings, subscription.topic))


async def _start_broker(context: ServiceContext) -> KafkaBroker:
    """Start the broker's subscribers. A Kafka that is down is waited for: it may be restarting, as the service is."""
    for attempt in range(START_ATTEMPTS):
        broker = create_broker(context.settings, context.service, context.consumers)
        assert_manual_ack(broker)
        context.asyncapi = asyncapi_document(context.service, broker)
        try:
            await connect_broker(broker)
            await broker.start()
        except (KafkaError, OSError) as error:
            await broker.stop()
            if attempt == START_ATTEMPTS - 1:
                raise
            log.warning("broker_unavailable", error=type(error).__name__)
            await asyncio.sleep(START_RETRY_S)
        else:
            return broker
    raise AssertionError("unreachable")


def _tune_garbage_collector() -> None:
    """Raise the collector's thresholds, and exempt the objects that live as long as the process.

    A batch is hundreds of thousands of objects that are freed by reference count; at the default thresholds the collector
    traverses them again and again, a quarter of intake's processor time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


async def _run_forever(background_task: BackgroundTask) -> None:
    """Run a background task for ever; a failure is logged and the task is restarted."""
    while True:
        try:
            await background_task()
        except asyncio.CancelledError:
            raise
        except Exception as error:
            # While the database is away every task fails every second, and where is of no interest.
            is_outage = isinstance(error, OSError | asyncpg.PostgresConnectionError | asyncpg.InterfaceError)
            log.warning("background_task_failed", error=type(error).__name__, exc_info=not is_outage)
        await asyncio.sleep(RESTART_TASK_S)


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
