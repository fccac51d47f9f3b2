"""A running corrections service over real Kafka and PostgreSQL, the events it consumes, and the clients that use it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from itertools import count
from uuid import UUID, uuid4

import asyncpg
import httpx2
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from fastapi import FastAPI
from pydantic import SecretStr

from deploy.embedded.engines import Engines
from services.corrections.app import create_app
from shared import accounts
from shared.accounts import Role
from shared.contracts import (
    Board,
    Channel,
    ComplaintFacts,
    ComplaintOperator,
    Event,
    ItemReleased,
    ItemState,
    Kind,
    Outcome,
    PublicItem,
    PublicOperator,
    Status,
    binary_headers,
)
from shared.contracts.rulings import RULINGS
from shared.settings import Settings
from shared.stream.topics import ensure_topics
from tests.integration.conftest import clone, replace_database
from tests.integration.probes import wait_until

AT = datetime(2026, 9, 15, 1, 0, tzinfo=UTC)
USCC = "91330106MA2CCMW406"
OTHER_USCC = "91330108MA27XTQC62"
NAME = "云州悦动健身服务有限公司"
PASSWORD = "a-long-enough-password"
PDF = b"%PDF-1.7\n1 0 obj\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 16 + b"IEND\xaeB`\x82"
NUMBERS = count(900)
NOBODY = UUID(int=0)
ITEMS_AT_ONCE = 30
BROWSER = {"Accept": "text/html"}


def public_item(item_id: str, complaint_id: UUID | None = None, **changes: object) -> PublicItem:
    """Return a major item."""
    facts = {
        "item_id": item_id, "board": Board.MAJOR, "version": 2, "state": ItemState.RELEASED,
        "title": "悦动健身储物柜押金争议", "summary": "涉及金额8,640.00元。",
        "content": {"amount": "8640.00", "issue": "消费者要求退还储物柜押金，经营者认为押金按合同不退。"},
        "operator": PublicOperator(key=USCC, name=NAME, uscc=USCC), "complaint_id": complaint_id and str(complaint_id),
        "first_released_at": AT, "released_at": AT, "rules_version": "2018-01-01",
    }  # fmt: skip
    return PublicItem.model_validate(facts | changes)


def complaint(complaint_id: UUID, **changes: object) -> ComplaintFacts:
    """Return a closed complaint about the item's operator."""
    facts = {
        "complaint_id": complaint_id, "revision": 1, "source": "12345", "external_id": f"YZ-{complaint_id}",
        "kind": Kind.COMPLAINT, "channel": Channel.HOTLINE_12345, "received_on": date(2026, 9, 1), "region": "339903",
        "industry": None, "category": "contract", "operator": ComplaintOperator(key=USCC, name=NAME, uscc=USCC),
        "status": Status.CLOSED, "outcome": Outcome.FAILED, "accepted": True, "accepted_on": date(2026, 9, 2),
        "closed_on": date(2026, 9, 8), "amount": "8640.00", "recovered": None,
    }  # fmt: skip
    return ComplaintFacts.model_validate(facts | changes)


def form(item_id: str, **changes: str) -> dict[str, str]:
    """Return the fields of a correct form."""
    return {
        "submission": str(uuid4()), "item": item_id, "matter": "A01", "field": "amount", "value": "8460.00",
        "statement": "其中1份押金在投诉前已退还。", "operator_name": NAME, "uscc": USCC, "contact_name": "林嘉",
        "contact_phone": "13900000000",
    } | changes  # fmt: skip


def decision(**changes: str) -> dict[str, str]:
    """Return the fields of a correct decision."""
    return {
        "item_version": "2", "decision": "corrected", "reason_code": "C02", "field.amount": "8460.00",
        "public_reason": "涉及金额录入有误。", "reply": "经核对，47份押金单合计8,460.00元，原公示多计1份，予以更正。",
    } | changes  # fmt: skip


@dataclass(frozen=True)
class Harness:
    """The service, its clients, a producer and a connection, and the item that a test is about."""

    app: FastAPI
    settings: Settings
    operator: httpx2.AsyncClient
    officer: httpx2.AsyncClient
    colleague: httpx2.AsyncClient
    connection: asyncpg.Connection
    producer: AIOKafkaProducer
    item_id: str = ""
    complaint_id: UUID = NOBODY

    def item(self, **changes: object) -> PublicItem:
        """Return the test's item."""
        return public_item(self.item_id, self.complaint_id, **changes)

    async def publish(self, *events: Event) -> None:
        """Publish events as the other services do."""
        for event in events:
            headers = list(binary_headers(event, event_id=uuid4(), source="/test", at=AT))
            topic = self.settings.topic_prefix + event.topic
            await self.producer.send_and_wait(
                topic, event.model_dump_json().encode(), key=event.key().encode(), headers=headers
            )

    async def publish_and_wait(self, *events: Event) -> None:
        """Publish events and wait until the service has applied them."""
        before = await self.count_applied()
        await self.publish(*events)
        await wait_until("the events are applied", lambda: self._has_applied(before + len(events)))

    async def count_applied(self) -> int:
        """Return how many records the service has applied, from its stored positions."""
        return int(await self.connection.fetchval("SELECT coalesce(sum(next_offset), 0) FROM corrections.positions"))

    async def _has_applied(self, count: int) -> bool:
        return await self.count_applied() >= count

    async def submit_form(self, files: list[tuple[str, bytes]] | None = None, **changes: str) -> httpx2.Response:
        """Send the form as a program does, without `Accept: text/html`."""
        parts = [("evidence", (name, content)) for name, content in files or [("押金单.pdf", PDF)]]
        return await self.operator.post("/corrections/new", data=form(self.item_id, **changes), files=parts)

    async def file_application(self, **changes: str) -> str:
        """File an application and return the address of its page."""
        response = await self.submit_form(**changes)
        assert response.status_code == 201, response.text
        return str(response.json()["tracking"])

    async def application_id(self, tracking: str) -> str:
        """Return the id of the application that a tracking page shows."""
        return str((await self.operator.get(tracking)).json()["application_id"])

    async def fetch_rulings(self, count: int) -> list[tuple[str, bytes]]:
        """Return the type and value of each record of the item on the topic of rulings, once there are `count`."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.settings.kafka_bootstrap_servers, auto_offset_reset="earliest", group_id=None
        )
        await consumer.start()
        try:
            topic = self.settings.topic_prefix + RULINGS
            parts = [TopicPartition(topic, number) for number in range(4)]
            consumer.assign(parts)
            found: list[tuple[str, bytes]] = []

            async def enough() -> bool:
                batches = await consumer.getmany(timeout_ms=100)
                mine = [r for batch in batches.values() for r in batch if r.key == self.item_id.encode()]
                found.extend((dict(record.headers)["ce_type"].decode(), record.value) for record in mine)
                return len(found) >= count

            await wait_until(f"{count} records on {topic}", enough)
            return found
        finally:
            await consumer.stop()


async def client(app: object, connection: asyncpg.Connection, name: str = "") -> httpx2.AsyncClient:
    """Return a client, signed in as an officer when it has a name."""
    transport = httpx2.ASGITransport(app=app)
    browser = httpx2.AsyncClient(transport=transport, base_url="http://corrections.test")
    if name:
        person = await accounts.add_person(connection, name, {"shen": "沈悦", "zhao": "赵凯"}[name], Role.OFFICER, PASSWORD)
        browser.cookies.set("gongshi_session", await accounts.open_session(connection, person))
    return browser


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def service(engines: Engines, template: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Harness]:
    """One service for all tests here; each test has an item of its own."""
    connection = await asyncpg.connect(engines.database_url)
    await clone(connection, template, "corrections_tests")
    await connection.close()
    settings = Settings(
        kafka_bootstrap_servers=engines.kafka_bootstrap_servers,
        database_url=SecretStr(replace_database(engines.database_url, "corrections_tests")),
        database_logins=engines.home / "logins",
        topic_prefix="corrections_tests.",
        home=tmp_path_factory.mktemp("corrections"),
    )
    await ensure_topics(settings)
    app = create_app(settings)
    connection = await asyncpg.connect(settings.database_url.get_secret_value())
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka_bootstrap_servers)
    await producer.start()
    async with app.router.lifespan_context(app):
        people = [await client(app, connection, name) for name in ("", "shen", "zhao")]
        yield Harness(app, settings, *people, connection, producer)
        for person in people:
            await person.aclose()
    await producer.stop()
    await connection.close()


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def new_item(service: Harness) -> Callable[[], Awaitable[Harness]]:
    """Make the service with another item and its complaint; they are published many at a time, since the service gathers."""
    made: list[Harness] = []

    async def new() -> Harness:
        if not made:
            numbers = [next(NUMBERS) for _ in range(ITEMS_AT_ONCE)]
            made.extend(replace(service, item_id=f"GS-2026-{n:06}", complaint_id=UUID(int=n)) for n in numbers)
            events = [event for each in made for event in (ItemReleased(item=each.item()), complaint(each.complaint_id))]
            await service.publish_and_wait(*events)
        return made.pop()

    return new


@pytest_asyncio.fixture(loop_scope="session")
async def harness(new_item: Callable[[], Awaitable[Harness]]) -> Harness:
    """The service with a new item and its complaint, and clients that have asked for nothing yet."""
    made = await new_item()
    made.app.state.budgets.clear()
    return made
