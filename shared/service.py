"""How every service is put together: pool, consumers, broker, relay and background work around one web app."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field

import structlog
from aiokafka.errors import KafkaError
from fastapi import FastAPI
from faststream.kafka import KafkaBroker

from shared import clock
from shared.database import open_pool
from shared.settings import Settings
from shared.stream.asyncapi import describe
from shared.stream.broker import assert_manual, close, create_broker
from shared.stream.consumer import BatchConsumer
from shared.stream.fetching import connect
from shared.stream.relay import Relay
from shared.stream.subscription import Subscription
from shared.stream.unit import Store

log = structlog.get_logger(__name__)

Work = Callable[[], Awaitable[None]]
RESTART_WORK_S = 1.0
START_ATTEMPTS = 60
START_WAIT_S = 1.0


@dataclass(slots=True)
class Running:
    """A service that runs: what its pages, health and background work may use."""

    service: str
    settings: Settings
    store: Store
    consumers: list[BatchConsumer] = field(default_factory=list)
    relay: Relay | None = None
    asyncapi: str = "{}"


@dataclass(frozen=True, slots=True)
class Service:
    """What makes a service this service.

    `prepare` is called with the store before anything flows and returns the subscriptions; `work` are coroutines that
    run for as long as the service does and are started again when they fail.
    """

    name: str
    prepare: Callable[[Running], Awaitable[Sequence[Subscription]]]
    work: Callable[[Running], Sequence[Work]] = lambda _: ()


@asynccontextmanager
async def running(service: Service, settings: Settings, app: FastAPI) -> AsyncIterator[Running]:
    """Start a service in order — pool, handlers, relay, broker, work — and stop it in reverse."""
    async with AsyncExitStack() as stack:
        pool = await open_pool(settings, service.name, bounded=True)
        stack.push_async_callback(pool.close)
        state = Running(service.name, settings, Store(pool, clock.now, f"/gongshi/{service.name}"))
        app.state.store, app.state.running, app.state.settings = state.store, state, settings
        subscriptions = await service.prepare(state)
        state.consumers = [BatchConsumer(s, state.store, service.name) for s in subscriptions]
        state.relay = Relay(pool, settings, service.name)
        state.relay.start()
        stack.push_async_callback(state.relay.stop)
        broker = await _started(settings, state)
        stack.push_async_callback(close, broker, state.consumers)
        for work in service.work(state):
            stack.push_async_callback(_cancel, asyncio.create_task(_keep(work)))
        _spare_the_collector()
        log.info("service_started", subscriptions=len(subscriptions))
        yield state
        log.info("service_stopping")


async def _started(settings: Settings, state: Running) -> KafkaBroker:
    """Start the broker's subscribers, waiting for a Kafka that is away: it may be restarting, as the service is."""
    for attempt in range(START_ATTEMPTS):
        broker = create_broker(settings, state.service, state.consumers)
        assert_manual(broker)
        state.asyncapi = describe(state.service, broker)
        try:
            await connect(broker)
            await broker.start()
        except (KafkaError, OSError) as error:
            await broker.stop()
            if attempt == START_ATTEMPTS - 1:
                raise
            log.warning("broker_awaited", error=type(error).__name__)
            await asyncio.sleep(START_WAIT_S)
        else:
            return broker
    raise AssertionError("unreachable")


def _spare_the_collector() -> None:
    """Let the garbage collector look seldom, and never at what lives as long as the process.

    A batch is hundreds of thousands of objects that die by reference count; at the default threshold the collector
    walks them again and again, a quarter of intake's processor time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


async def _keep(work: Work) -> None:
    """Run background work for ever; a failure is logged and the work begins anew."""
    while True:
        try:
            await work()
        except asyncio.CancelledError:
            raise
        except Exception as error:
            log.warning("work_failed", error=type(error).__name__, exc_info=True)
        await asyncio.sleep(RESTART_WORK_S)


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
