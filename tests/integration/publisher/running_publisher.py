"""A running publisher as the tests meet it: by topics, by HTTP, by the desk's own forms."""

from __future__ import annotations

import asyncio
import re
import socket
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from types import MappingProxyType
from uuid import uuid4

import httpx2
import uvicorn
from aiokafka import AIOKafkaProducer

from services.publisher.app import create_app
from services.publisher.store import pairing, screens
from services.publisher.store.screens import Screen
from services.publisher.web.screens.player import COOKIE
from shared.contracts import binary_headers
from shared.keys import generate_key, key_hash
from tests.integration.conftest import fresh_system
from tests.integration.probes import wait_until
from tests.integration.publisher.events import city, figure, month_closed, people

HTML = {"accept": "text/html"}
SITE = {"sec-fetch-site": "same-origin"}
# Of the screen `mall`, of which a publisher in tests has a player.
SECRET = generate_key()


@asynccontextmanager
async def serve(create_app, settings):
    """An app with its lifespan, asked without a port; the value is a client of it."""
    app = create_app(settings)
    transport = httpx2.ASGITransport(app)
    async with app.router.lifespan_context(app), httpx2.AsyncClient(transport=transport, base_url="http://publisher") as client:
        yield client


class Publisher:
    """A running publisher: its address, its topics, its database."""

    def __init__(self, app, url, settings, producer):
        self.app, self.url, self.settings, self._producer = app, url, settings, producer
        self.public = httpx2.AsyncClient(base_url=url, timeout=60)
        # The player of the screen, which has its secret.
        self.player = httpx2.AsyncClient(base_url=url, cookies={COOKIE: SECRET}, timeout=60)

    @property
    def database(self):
        return self.app.state.database

    async def produce(self, *events):
        for event in events:
            headers = list(binary_headers(event, event_id=uuid4(), source="/test", at=datetime.now(UTC)))
            topic = self.settings.topic_prefix + event.topic
            await self._producer.send_and_wait(
                topic, event.model_dump_json().encode(), key=event.key().encode(), headers=headers
            )

    async def json(self, path):
        response = await self.public.get(path)
        assert response.status_code == 200, response.text
        return response.json()

    async def gone(self, path):
        """The JSON of something that was withdrawn."""
        response = await self.public.get(path)
        assert response.status_code == 410, response.text
        return response.json()

    async def items(self, board="basic"):
        return (await self.json(f"/api/items?board={board}"))["items"]

    @asynccontextmanager
    async def person(self, name, token=None):
        """A person who signs in, or who goes on in the session of `token`."""
        async with httpx2.AsyncClient(base_url=self.url, headers={**HTML, **SITE}, follow_redirects=True, timeout=60) as client:
            if token is None:
                form = {"name": name, "password": "a long password", "next": "/desk"}
                assert (await client.post("/desk/sign-in", data=form)).status_code == 200
            else:
                client.cookies.set("gongshi_session", token)
            yield client

    async def release_all(self, tokens=MappingProxyType({})):
        """Let two persons take everything through the gate by the desk's own forms; return what the gatekeeper saw.

        They sign in, but for those whose sessions are among `tokens`, by name.
        """
        async with self.person("zhou", tokens.get("zhou")) as reviewer:
            page = await wait_until("drafts at the desk", lambda: self.fetch_containing(reviewer, "/desk", 'name="seen"'))
            seen = re.findall(r'name="seen" value="([^"]+)"', page)
            answer = await reviewer.post("/desk/approve", data={"item": [s.split("=")[0] for s in seen], "seen": seen})
            assert answer.status_code == 200, answer.text
        async with self.person("wu", tokens.get("wu")) as gatekeeper:
            chosen = "&".join("item=" + s.split("=")[0] for s in seen)
            dialog = (await gatekeeper.get(f"/desk/approved?{chosen}")).text
            seen = re.findall(r'name="seen" value="([^"]+)"', dialog)
            form = {"item": [s.split("=")[0] for s in seen], "seen": seen, "checked": "yes"}
            answer = await gatekeeper.post("/desk/release", data=form)
            assert answer.status_code == 200, answer.text
        return seen

    @staticmethod
    async def fetch_containing(client, path, text):
        page = (await client.get(path)).text
        return page if text in page else ""


@asynccontextmanager
async def run_publisher(settings):
    """A publisher with people at the desk and a screen, on a port of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = settings.model_copy(update={"publisher_port": port})
    app = create_app(settings)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", timeout_graceful_shutdown=1))
    serving = asyncio.create_task(server.serve())
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka_bootstrap_servers)
    await producer.start()
    running = Publisher(app, f"http://127.0.0.1:{port}", settings, producer)

    async def ready():
        try:
            return (await running.public.get("/readyz")).status_code == 200
        except httpx2.TransportError:
            return False

    await wait_until("the publisher", ready)
    await people(settings)
    async with app.state.database.unit_of_work() as uow:
        await screens.register_screen(uow.connection, Screen("mall", "云湖天地购物中心", "990102"))
        await pairing.set_secret(uow.connection, "mall", key_hash(SECRET), uow.now)
    yield running
    await running.public.aclose()
    await running.player.aclose()
    await producer.stop()
    server.should_exit = True
    await serving


@asynccontextmanager
async def run_month(engines, template, home):
    """A publisher on a fresh system, with a released month."""
    async with fresh_system(engines, template, home) as settings, run_publisher(settings) as publisher:
        await release_month(publisher)
        yield publisher


async def release_month(publisher):
    """Let a month of three operators through the gate."""
    await publisher.produce(figure(0, 64), figure(1, 41), figure(2, 7), city(112), month_closed(3, 112))
    await publisher.release_all()
