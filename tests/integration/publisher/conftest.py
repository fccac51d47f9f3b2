"""The publisher's store with people at the desk, and its handlers without Kafka."""

from __future__ import annotations

from dataclasses import replace

import asyncpg
import pytest
import pytest_asyncio

from services.publisher import declining, releasing
from services.publisher.bureau import BureauContext
from services.publisher.handlers import subscriptions
from services.publisher.releasing import SeenVersion
from services.publisher.staging import DraftingPace
from services.publisher.store import gate
from shared import accounts
from shared.accounts import Person, Role
from shared.clock import now
from shared.database import open_pool
from shared.personal_data.second_stage.search import NameSearch
from shared.stream import Database, ReceivedEvent
from shared.stream.outbox import fetch_unsent
from tests.integration.publisher.events import figure, month_closed, people, to_received
from tests.integration.publisher.running_publisher import release_month, run_month, run_publisher


class Desk:
    """The publisher as the tests drive it: events in, decisions of people, and what the tables say afterwards."""

    def __init__(self, database: Database, bureau: BureauContext, owner: asyncpg.Connection, name_search: NameSearch) -> None:
        self.database, self.bureau, self.owner, self.name_search = database, bureau, owner, name_search
        self._subscriptions = subscriptions(bureau, DraftingPace())

    def use_rules(self, rule_book):
        """Go on under other rules."""
        self.bureau = replace(self.bureau, rule_book=rule_book)
        self._subscriptions = subscriptions(self.bureau, DraftingPace())

    async def apply(self, *events):
        """Apply events as one batch of their topic."""
        (subscription,) = [s for s in self._subscriptions if s.topic == events[0].topic]
        decoded = []
        for received in to_received(*events):
            event, record = received.event, received.record
            record.headers = (("ce_type", type(event).type.encode()), *event.extension_headers())
            record.key = event.key().encode()
            decoded.append(subscription.decoder(record))
        async with self.database.unit_of_work() as uow:
            await subscription.apply(uow, [d for d in decoded if isinstance(d, ReceivedEvent)])

    async def close_month(self, *complaints: int):
        """Hear the figures of a month and its close."""
        await self.apply(*(figure(i, n) for i, n in enumerate(complaints)))
        await self.apply(month_closed(len(complaints), sum(complaints)))

    async def open_versions(self, board="basic"):
        """The versions at work, in the order of their operators' names."""
        return await self.owner.fetch(
            "SELECT v.* FROM publisher.versions v JOIN publisher.items i USING (item_id)"
            " WHERE i.board = $1 AND v.state IN ('draft', 'returned', 'approved') ORDER BY v.item_id",
            board,
        )

    async def seen(self, board="basic"):
        """What a person at the desk has before them."""
        return [SeenVersion(row["item_id"], row["digest"].hex()) for row in await self.open_versions(board)]

    async def act_as(self, connection, name):
        """Let the transaction act in a session of the person."""
        token = await accounts.open_session(self.owner, Person(name, name, Role.REVIEWER))
        await accounts.act_in_session(connection, token)

    async def review(self, seen, person="zhou"):
        async with self.database.unit_of_work() as uow:
            await self.act_as(uow.connection, person)
            return await releasing.review(uow, self.bureau, person, seen)

    async def release(self, seen, person="wu"):
        async with self.database.unit_of_work() as uow:
            await self.act_as(uow.connection, person)
            return await releasing.release(uow, self.bureau, person, seen)

    async def decline(self, seen, code, note="不予公示", persons=("zhou", "he")):
        """Decide not to publish: one person proposes, another one confirms."""
        proposer, confirmer = persons
        async with self.database.unit_of_work() as uow:
            await self.act_as(uow.connection, proposer)
            await declining.propose(uow, self.bureau, proposer, seen, code, note)
        async with self.database.unit_of_work() as uow:
            await self.act_as(uow.connection, confirmer)
            await declining.confirm(uow, self.bureau, confirmer, seen)

    async def review_and_release(self, board="basic"):
        """Review and release all that is open."""
        seen = await self.seen(board)
        await self.review(seen)
        return await self.release(seen)

    async def releases(self):
        return await self.owner.fetch("SELECT * FROM publisher.releases ORDER BY release_seq")

    async def outbox_values(self):
        """What waits for the topic: (event type, item) in order."""
        async with self.database.snapshot() as connection:
            return [message.value for message in (await fetch_unsent(connection, 1_000_000)).messages]


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def name_search():
    """The second stage, its process started by the first text of all tests."""
    search = NameSearch()
    yield search
    await search.close()


@pytest.fixture
async def desk(database, name_search):
    """A publisher with two reviewers and a gatekeeper, without Kafka."""
    settings = database
    bureau = BureauContext.load(settings)
    pool = await open_pool(settings, "publisher")
    database = Database(pool, now, "/gongshi/publisher")
    owner = await asyncpg.connect(settings.database_url.get_secret_value())
    await people(settings)
    async with database.unit_of_work() as uow:
        await gate.ensure_gate(uow.connection, bureau.rule_book)
    yield Desk(database, bureau, owner, name_search)
    await owner.close()
    await pool.close()


@pytest.fixture
async def publisher(settings):
    async with run_publisher(settings) as publisher:
        yield publisher


@pytest.fixture
async def released(publisher):
    """A month of three operators that went through the gate."""
    await release_month(publisher)
    return publisher


@pytest.fixture
def month(shared_month):
    """A publisher with a released month, one for all tests that only read of it; the test is a new visitor."""
    shared_month.public.cookies.clear()
    return shared_month


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def shared_month(engines, template, tmp_path_factory):
    async with run_month(engines, template, tmp_path_factory.mktemp("month")) as publisher:
        yield publisher
