"""Stats on a real database, with batches handed to its handlers as the stream core would."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx2
import pytest_asyncio

from services.stats.app import create_app
from services.stats.handlers import ComplaintCounter
from services.stats.store import readers
from shared.calendar.current import CurrentCalendar
from shared.database import open_pool
from shared.keys import key_hash
from shared.stream import Database, ReceivedEvent
from tests.integration.conftest import fresh_system
from tests.unit.stats.complaints import CALENDAR

READER_KEY = "a reader's key of these tests"
NOW = datetime(2026, 11, 20, 4, tzinfo=UTC)


class Stats:
    """The handlers of stats over one database."""

    def __init__(self, database):
        self.database = database
        self.calendar = CurrentCalendar(CALENDAR)
        self._counter = ComplaintCounter(self.calendar)

    async def count(self, *complaints):
        """Apply complaint revisions as one batch."""
        async with self.database.unit_of_work() as uow:
            await self._counter.count_complaints(
                uow, [ReceivedEvent(self._counter.to_contribution(c), None) for c in complaints]
            )

    async def rule(self, *rulings):
        """Apply rulings as one batch."""
        async with self.database.unit_of_work() as uow:
            await self._counter.apply_rulings(uow, [ReceivedEvent(r, None) for r in rulings])

    async def fetch(self, statement, *arguments):
        """Query the database."""
        async with self.database.snapshot() as connection:
            return await connection.fetch(statement, *arguments)


@pytest_asyncio.fixture(loop_scope="session")
async def stats(database):
    """Stats on a fresh database, its clock standing on 20 November 2026, noon in Shanghai."""
    pool = await open_pool(database, "stats")
    yield Stats(Database(pool, lambda: NOW, "/gongshi/stats"))
    await pool.close()


@asynccontextmanager
async def run_service(settings):
    """Run the service; the value is a client of it with a reader's key."""
    app = create_app(settings)
    async with app.router.lifespan_context(app), connect(app) as client:
        async with app.state.database.unit_of_work() as uow:
            await readers.upsert_key(uow.connection, "test", key_hash(READER_KEY))
        client.headers["Authorization"] = f"Bearer {READER_KEY}"
        client.settings = settings
        yield client


@asynccontextmanager
async def connect(app):
    """A client of the app without a key."""
    transport = httpx2.ASGITransport(app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://stats") as client:
        client.app = app
        yield client


@pytest_asyncio.fixture(loop_scope="session")
async def service(settings):
    """The running service, and a client of it with a reader's key."""
    async with run_service(settings) as client:
        yield client


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def empty_service(engines, template, tmp_path_factory):
    """The same without any figure, one for all tests that leave it so."""
    async with fresh_system(engines, template, tmp_path_factory.mktemp("stats")) as settings, run_service(settings) as client:
        yield client
