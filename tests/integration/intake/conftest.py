"""Fixtures: a running intake with access to its tables, and reports to send."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import httpx2
import orjson
import pytest
import pytest_asyncio
from aiokafka import AIOKafkaProducer

from services.intake.app import create_app
from services.intake.store import source_keys
from shared.accounts import Role, add_person
from shared.contracts.topics import REPORTS
from shared.keys import key_hash
from tests.integration.conftest import fresh_system
from tests.integration.probes import wait_until

HOTLINE = "/hotlines/12345/330100"
REPORTED = "gongshi.complaint.reported.v1"
KEY = "k-0123456789"
STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
BINARY = {"ce-specversion": "1.0", "ce-id": "e1", "ce-source": HOTLINE, "ce-type": REPORTED, "content-type": "application/json"}


def report(number: int = 1, **fields: Any) -> dict[str, Any]:
    """Return the data of a valid report."""
    return {
        "channel": "hotline_12345",
        "external_id": f"HZ-{number}",
        "revision": 1,
        "kind": "complaint",
        "received_at": "2026-10-01T09:30:00+08:00",
        "region": "990102",
        "category": "quality",
        "operator": {"name": "云州锦程通讯器材有限公司"},
        "title": "手机屏幕有亮点",
        "text": "9月30日购买手机一部，屏幕有亮点，要求更换。",
        "amount": "1299.00",
        "status": "received",
    } | fields


def envelope(data: dict[str, Any], source: str = HOTLINE, **attributes: Any) -> dict[str, Any]:
    """Return a report event in structured mode."""
    return {
        "specversion": "1.0",
        "id": f"e-{data.get('external_id')}-{data.get('revision')}",
        "source": source,
        "type": REPORTED,
        "time": "2026-10-01T09:31:00+08:00",
        "data": data,
    } | attributes


def binary_headers(source: str = HOTLINE, event_id: str = "e1", **changed: bytes | None) -> list[tuple[str, bytes | None]]:
    """Return the headers of a report event in binary mode; `changed` replaces some, None removes one."""
    headers: dict[str, bytes | None] = {
        "ce_specversion": b"1.0",
        "ce_id": event_id.encode(),
        "ce_source": source.encode(),
        "ce_type": REPORTED.encode(),
        "content-type": b"application/json",
    } | changed
    return [(name, value) for name, value in headers.items() if value is not None]


@dataclass
class Intake:
    """A running intake: its app, a connection to its database, and a producer like that of a hotline."""

    app: Any
    database: asyncpg.Connection
    producer: AIOKafkaProducer
    topic: str
    sent: int = field(default=0)

    async def send(self, body: bytes | None, headers: list[tuple[str, bytes | None]] | None = None, key: bytes = b"k") -> None:
        """Send one record as it is."""
        await self.producer.send_and_wait(self.topic, body, key=key, headers=binary_headers() if headers is None else headers)
        self.sent += 1

    async def report(self, number: int = 1, source: str = HOTLINE, **fields: Any) -> None:
        """Send a valid report."""
        await self.send(orjson.dumps(report(number, **fields)), binary_headers(source))

    async def wait_applied(self) -> None:
        """Wait until everything sent is applied."""

        async def is_applied() -> bool:
            return (await self.database.fetchval("SELECT coalesce(sum(next_offset), 0) FROM intake.positions")) >= self.sent

        await wait_until(f"{self.sent} records applied", is_applied)

    async def complaints(self) -> dict[str, dict[str, Any]]:
        """Return the payload of the last event of each complaint, by external id."""
        rows = await self.database.fetch("SELECT external_id, payload FROM intake.complaints")
        return {row["external_id"]: orjson.loads(row["payload"]) for row in rows}

    async def dead_letters(self) -> list[tuple[str, list[tuple[str, str]], bytes | None]]:
        """Return reason, (field, code) of each finding, and raw value of each dead letter, in order."""
        rows = await self.database.fetch("SELECT reason, detail, value FROM intake.dead_letters ORDER BY part, at_offset, id")
        return [(r["reason"], [(d["field"], d["code"]) for d in orjson.loads(r["detail"])], r["value"]) for r in rows]


@asynccontextmanager
async def connect_hotline(intake):
    """The function that posts a body to /intake/events with the hotline's key."""
    async with intake.app.state.database.unit_of_work() as uow:
        await source_keys.add_key(uow.connection, HOTLINE, key_hash(KEY), uow.now)
    transport = httpx2.ASGITransport(app=intake.app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://intake") as client:

        async def send(body, content_type=STRUCTURED, key=KEY, **headers):
            content = body if isinstance(body, bytes) else orjson.dumps(body)
            all_headers = {"content-type": content_type} | ({"authorization": f"Bearer {key}"} if key else {}) | headers
            return await client.post("/intake/events", content=content, headers=all_headers)

        yield send


@asynccontextmanager
async def connect_clerk(intake):
    """An HTTP client with a clerk signed in."""
    await add_person(intake.database, "chen", "陈静", Role.CLERK, "a long password")
    await add_person(intake.database, "wang", "王芳", Role.REVIEWER, "a long password")
    transport = httpx2.ASGITransport(app=intake.app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://intake", headers={"accept": "text/html"}) as browser:
        await sign_in(browser, "chen")
        yield browser


async def sign_in(browser, name):
    browser.cookies.clear()
    await browser.post("/intake/desk/sign-in", data={"name": name, "password": "a long password"})


def results_of(response):
    """The (id, status, [(field, code)]) of each result."""
    return [(r["id"], r["status"], [(n["field"], n["code"]) for n in r["reasons"]]) for r in response.json()["results"]]


@pytest.fixture
async def intake(settings):
    """Intake on a fresh database and fresh topics."""
    async with run_intake(settings) as state:
        yield state


@pytest.fixture
async def post(intake):
    async with connect_hotline(intake) as post:
        yield post


@pytest.fixture
async def desk(intake):
    async with connect_clerk(intake) as desk:
        yield desk


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def empty_intake(engines, template, tmp_path_factory):
    """Intake without a complaint, one for all tests that leave it so."""
    async with fresh_system(engines, template, tmp_path_factory.mktemp("intake")) as settings, run_intake(settings) as intake:
        yield intake


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def post_to_empty(empty_intake):
    async with connect_hotline(empty_intake) as post:
        yield post


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def empty_desk(empty_intake):
    async with connect_clerk(empty_intake) as desk:
        yield desk


@asynccontextmanager
async def run_intake(settings):
    """Run intake, with a producer and a connection to its database."""
    app = create_app(settings)
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka_bootstrap_servers, max_request_size=4 * 1024 * 1024)
    await producer.start()
    database = await asyncpg.connect(settings.database_url.get_secret_value())
    try:
        async with app.router.lifespan_context(app):
            yield Intake(app, database, producer, settings.topic_prefix + REPORTS)
    finally:
        await database.close()
        await producer.stop()
