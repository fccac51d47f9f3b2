"""Feeds by subject and the WebSub hub, with independent readers: feedparser, and a subscriber of another library."""

from __future__ import annotations

import asyncio
import threading
from contextlib import asynccontextmanager
from datetime import timedelta

import feedparser
import pytest
from flask import Flask
from flask_websub.subscriber import SQLite3SubscriberStorage, SQLite3TempSubscriberStorage, Subscriber
from werkzeug.serving import make_server

from services.publisher.delivering.hub_worker import HubWorker
from services.publisher.domain.delivery import Reply
from services.publisher.store import hub
from shared.clock import now
from tests.integration.conftest import fresh_system
from tests.integration.probes import wait_until
from tests.integration.publisher.events import ruling, uscc
from tests.integration.publisher.receivers import LOOPBACK, run_receiver
from tests.integration.publisher.running_publisher import release_month, run_publisher

pytestmark = pytest.mark.asyncio(loop_scope="session")


@asynccontextmanager
async def run_hub(engines, template, home):
    """A publisher with a released month whose hub may call this machine."""
    async with fresh_system(engines, template, home) as settings:
        allowed = settings.model_copy(update={"target_networks": LOOPBACK})
        async with run_publisher(allowed) as publisher:
            await release_month(publisher)
            yield publisher


@asynccontextmanager
async def run_subscriber(folder):
    """A subscriber of flask-websub, in a thread; `bodies` are the notifications that it takes for genuine."""
    app = Flask("subscriber")
    subscriber = Subscriber(
        SQLite3SubscriberStorage(str(folder / "long.sqlite3")), SQLite3TempSubscriberStorage(str(folder / "short.sqlite3")),
    )  # fmt: skip
    app.register_blueprint(subscriber.build_blueprint("/callbacks"))
    subscriber.bodies, subscriber.confirmed = [], []
    subscriber.add_listener(lambda _topic, _callback, body: subscriber.bodies.append(body))
    subscriber.add_success_handler(lambda _topic, _callback, mode: subscriber.confirmed.append(mode))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    app.config["SERVER_NAME"] = f"127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    subscriber.app = app
    try:
        yield subscriber
    finally:
        await asyncio.to_thread(server.shutdown)
        server.server_close()
        thread.join()


def in_context(subscriber, act, **arguments):
    with subscriber.app.app_context():
        return act(**arguments)


async def withdraw(publisher, item_id, number=1):
    await publisher.produce(ruling(item_id, "withdrawn", number))

    async def is_gone():
        return (await publisher.public.get(f"/api/items/{item_id}")).status_code == 410

    await wait_until("the withdrawal", is_gone)


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")  # its SQLite
async def test_a_subscriber_of_another_library_is_brought_releases_and_withdrawals(engines, template, tmp_path):
    async with run_hub(engines, template, tmp_path) as publisher, run_subscriber(tmp_path) as subscriber:
        topic = f"{publisher.url}/feeds/regions/990102.atom"
        feed = feedparser.parse((await publisher.public.get("/feeds/regions/990102.atom")).content)
        links = {link["rel"]: link["href"] for link in feed.feed.links}
        assert (feed.bozo, links["self"], len(feed.entries)) == (False, topic, 3)
        call = {"topic_url": topic, "hub_url": links["hub"], "lease_seconds": 86_400}
        callback = await asyncio.to_thread(in_context, subscriber, subscriber.subscribe, **call)
        await wait_until("the confirmation", lambda: as_coroutine(subscriber.confirmed == ["subscribe"]))

        first = (await publisher.items())[0]
        await withdraw(publisher, first["item_id"])
        await wait_until("the notification", lambda: as_coroutine(bool(subscriber.bodies)))

        news = feedparser.parse(subscriber.bodies[-1])
        assert first["item_id"] not in {entry.id.rpartition("/")[2] for entry in news.entries}
        assert f'ref="{publisher.app.state.feed_identity.entry_id(first["item_id"])}"' in subscriber.bodies[-1].decode()
        assert first["operator"]["name"] not in subscriber.bodies[-1].decode()

        await asyncio.to_thread(in_context, subscriber, subscriber.unsubscribe, callback_id=callback)
        await wait_until("the farewell", lambda: as_coroutine(subscriber.confirmed[-1] == "unsubscribe"))

        async def is_forgotten():
            async with publisher.database.snapshot() as connection:
                return await hub.fetch_topics(connection) == []

        await wait_until("the end of the subscription", is_forgotten)


async def as_coroutine(value):
    return value


async def test_everything_of_a_subject_and_every_withdrawal_is_had_and_nothing_tells_of_whom(engines, template, tmp_path):
    async with run_hub(engines, template, tmp_path) as publisher:
        first, second, _ = await publisher.items()
        code = first["operator"]["uscc"]
        before = feedparser.parse((await publisher.public.get(f"/feeds/operators/{code}.atom")).content)
        assert [entry.id.rpartition("/")[2] for entry in before.entries] == [first["item_id"]]
        assert first["operator"]["name"] in before.feed.title

        await withdraw(publisher, first["item_id"])
        own = (await publisher.public.get(f"/feeds/operators/{code}.atom")).text
        other = (await publisher.public.get(f"/feeds/operators/{second['operator']['uscc']}.atom")).text
        nobody = (await publisher.public.get(f"/feeds/operators/{uscc(77)}.atom")).text
        tombstone = publisher.app.state.feed_identity.entry_id(first["item_id"])
        assert all(f'ref="{tombstone}"' in text for text in (own, other, nobody))
        assert all(first["operator"]["name"] not in text for text in (own, other, nobody))
        assert feedparser.parse(own).entries == []

        industry = feedparser.parse((await publisher.public.get("/feeds/industries/F5273.atom")).content)
        assert {entry.id.rpartition("/")[2] for entry in industry.entries} == {
            item["item_id"] for item in await publisher.items()
        }
        for path in ("operators/91990102MA9K00000X", "regions/000000", "industries/none", "board/basic", "x/y"):
            assert (await publisher.public.get(f"/feeds/{path}.atom")).status_code == 404


async def test_what_a_callback_does_not_confirm_is_no_subscription_and_a_lie_about_the_lease_is_none(
    engines, template, tmp_path
):
    async with run_hub(engines, template, tmp_path) as publisher, run_receiver(*[200] * 5) as receiver:
        form = {
            "hub.mode": "subscribe", "hub.topic": f"{publisher.url}/feeds/basic.atom", "hub.callback": receiver.url,
            "hub.lease_seconds": "99999999999999",
        }  # fmt: skip
        wrong = [
            {**form, "hub.mode": "take"}, {**form, "hub.callback": "ftp://x/"}, {**form, "hub.secret": "s" * 200},
            {**form, "hub.topic": "https://elsewhere.example/feeds/basic.atom"}, {**form, "hub.topic": publisher.url}, {},
        ]  # fmt: skip
        assert (await publisher.public.post("/hub", data=form)).status_code == 202
        assert [(await publisher.public.post("/hub", data=each)).status_code for each in wrong] == [400] * len(wrong)
        await wait_until("the question", lambda: as_coroutine(bool(receiver.requests)))

        async def is_settled():
            async with publisher.database.snapshot() as connection:
                return await hub.fetch_requests(connection, 10) == []

        await wait_until("an answer", is_settled)
        async with publisher.database.snapshot() as connection:
            assert await hub.fetch_topics(connection) == []
        assert "hub.lease_seconds=2592000" in receiver.queries[0]


async def test_leases_end_and_requests_for_addresses_inside_come_to_nothing(engines, template, tmp_path):
    async with fresh_system(engines, template, tmp_path) as settings, run_publisher(settings) as publisher:
        form = {
            "hub.mode": "subscribe",
            "hub.topic": f"{publisher.url}/feeds/basic.atom",
            "hub.callback": "https://127.0.0.1/x",
        }
        assert (await publisher.public.post("/hub", data=form)).status_code == 202

        async def is_settled():
            async with publisher.database.snapshot() as connection:
                return await hub.fetch_requests(connection, 10) == []

        await wait_until("an answer", is_settled)
        request = hub.HubRequest("https://a.example/", "/feeds/basic.atom", "subscribe", 3_600, None, now())
        async with publisher.database.unit_of_work() as uow:
            await hub.subscribe(uow.connection, request, uow.now + timedelta(hours=1), 0)
            assert await hub.fetch_topics(uow.connection) == ["/feeds/basic.atom"]
            await hub.delete_expired(uow.connection, uow.now + timedelta(hours=2))
            assert await hub.fetch_topics(uow.connection) == []


class HangingSender:
    """Posts to callbacks, of which those of `hang.example` answer only when they are let."""

    def __init__(self):
        self.released, self.posted = asyncio.Event(), []

    async def post(self, callback, _content, _headers):
        if callback.startswith("https://hang.example/"):
            await self.released.wait()
        self.posted.append(callback)
        return Reply(status=204)


async def test_callbacks_that_hang_hold_up_no_other_topic(desk):
    sender = HangingSender()
    worker = HubWorker(
        desk.database, sender, None, lambda _connection, _subject: as_coroutine(b"<feed/>"), "https://gongshi.test"
    )
    topics = {f"/feeds/regions/{990102 + number}.atom": f"https://hang.example/{number}" for number in range(3)}
    topics["/feeds/basic.atom"] = "https://well.example/"
    async with desk.database.unit_of_work() as uow:
        for topic, callback in topics.items():
            request = hub.HubRequest(callback, topic, "subscribe", 3_600, None, uow.now)
            await hub.subscribe(uow.connection, request, uow.now + timedelta(hours=1), -1)

    step = asyncio.create_task(worker.step())
    await wait_until("the others are brought", lambda: as_coroutine(sender.posted == ["https://well.example/"]))
    sender.released.set()
    await step

    assert sorted(sender.posted) == sorted(topics.values())
