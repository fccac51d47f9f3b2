"""A recall among targets and screens that do everything wrong at once, and what is true in the end."""

from __future__ import annotations

import asyncio
import random
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import urlsplit

import orjson
import pytest

from services.publisher.delivering import administration
from services.publisher.store import pairing, recalls, targets
from services.publisher.store import screens as screen_store
from services.publisher.store.screens import Screen
from services.publisher.web.broadcast import QUEUE_SIZE
from shared.keys import key_hash
from tests.integration.conftest import fresh_system
from tests.integration.probes import wait_until
from tests.integration.publisher.events import ruling
from tests.integration.publisher.receivers import HANG, TAKE_AND_FAIL, add_target, run_receiver
from tests.integration.publisher.running_publisher import SECRET, release_month, run_publisher
from tests.integration.publisher.test_webhooks import correct, public_state, run_worker, settled, withdraw
from tests.integration.publisher.test_webhooks import release_month as release_at_desk

pytestmark = pytest.mark.asyncio(loop_scope="session")

ALWAYS = 1_000
NOBODY = "http://127.0.0.1:9/hook"
# As many descriptors as a process has everywhere; `gongshi bench screens` has a thousand screens connect again.
STREAMS = 200
UNREAD = 10


def flips(seed):
    chance = random.Random(seed)
    return [chance.choice([204, 500, 429, 503, TAKE_AND_FAIL]) for _ in range(40)]


BEFORE = {
    "well": [], "slow": [HANG], "hangs": [HANG] * ALWAYS, "redirects": [(302, {"location": "{inside}"})] * ALWAYS,
    "busy": [(429, {"retry-after": "0"})] * 3, "gone": [410], "flips": flips(3), "keeps": [TAKE_AND_FAIL] * ALWAYS,
    "fails later": [], "gone later": [],
}  # fmt: skip
# Whichever of an item's messages comes first: several are on their way.
LATER = {"fails later": [503] * ALWAYS, "gone later": [410] * ALWAYS}
WELL = ("well", "slow", "busy", "flips")


async def counted(desk):
    async with desk.database.snapshot() as connection:
        return await recalls.count_unacknowledged(connection, desk.database.clock() - timedelta(minutes=20))


async def missing(desk, item_id, version):
    async with desk.database.snapshot() as connection:
        found = await recalls.fetch_places(connection, [(item_id, version)], desk.database.clock())
    return {place.place_id for place in found[item_id, version] if place.acknowledged_at is None}


async def test_whatever_targets_do_the_count_is_of_those_that_may_have_it_and_all_are_well_in_the_end(desk):  # noqa: C901
    async with AsyncExitStack() as stack:
        inside = await stack.enter_async_context(run_receiver())
        fleet = {}
        for number, (name, script) in enumerate(BEFORE.items()):
            steps = [
                (step[0], {"location": inside.url}) if isinstance(step, tuple) and step[0] == 302 else step for step in script
            ]
            receiver = await stack.enter_async_context(run_receiver(*steps))
            fleet[f"target-{number}"] = (name, receiver)
            await add_target(desk.database, desk.bureau.lease_key, receiver.url, f"target-{number}")
        await add_target(desk.database, desk.bureau.lease_key, NOBODY, "away")
        worker = await stack.enter_async_context(run_worker(desk, timeout_s=0.5))
        corrected, withdrawn, _ = await release_at_desk(desk, 9, 7, 5)
        recalled = ((corrected.item_id, 2), (withdrawn.item_id, 2))

        async def have_tried():
            return all(receiver.answers for _, receiver in fleet.values())

        await wait_until("an attempt at each", have_tried)
        for target_id, (name, receiver) in fleet.items():
            if name in (*WELL, *LATER):
                await settled(desk, target_id)
            receiver.script += LATER.get(name, [])
        await correct(desk, 0, 12, 2)
        await withdraw(desk, withdrawn.item_id)
        for target_id, (name, _) in fleet.items():
            if name in WELL:
                await settled(desk, target_id)

        def truth(item_id, version):
            return {target_id for target_id, (_, receiver) in fleet.items() if receiver.may_have(item_id, version)}

        async def is_counted_right():
            same = [await missing(desk, *each) == truth(*each) for each in recalled]
            return all(same) and (await counted(desk)).targets == sum(len(truth(*each)) for each in recalled)

        await wait_until("the count to be the truth", is_counted_right)
        unwell = {target_id for target_id, (name, _) in fleet.items() if name not in WELL}
        assert truth(withdrawn.item_id, 2) <= unwell
        assert {fleet[target_id][0] for target_id in truth(withdrawn.item_id, 2)} >= {"fails later", "gone later"}
        assert len(worker._in_flight) <= 64

        for target_id, (_, receiver) in fleet.items():
            receiver.script.clear()
            async with desk.database.unit_of_work() as uow:
                await administration.resume(uow, "ops", target_id)
        for target_id in fleet:
            await settled(desk, target_id)

        assert (await counted(desk)).targets == 0
        assert inside.requests == []
        for _, receiver in fleet.values():
            assert set(receiver.items()) == await public_state(desk)
            assert receiver.items()[corrected.item_id]["version"] == 2
            in_order(receiver.order)
        async with desk.database.snapshot() as connection:
            states = {each.target_id: each for each in await targets.fetch_targets(connection, desk.database.clock())}
        assert states["away"].failures > 0


def in_order(message_ids):
    """Each item's versions only grow, and none was taken twice."""
    newest = {}
    for message_id in message_ids:
        _, item_id, version = message_id.split(".")
        assert int(version[1:]) > newest.get(item_id, 0)
        newest[item_id] = int(version[1:])


class Stream:
    """A screen's event stream over a socket of its own; a proxy names another address for each."""

    def __init__(self, url, number):
        self.parts, self.number = urlsplit(url), number
        self.events, self.last = [], 0

    async def connect(self):
        self.reader, self.writer = await asyncio.open_connection(self.parts.hostname, self.parts.port, limit=2**20)
        lines = [
            f"GET /screens/s-{self.number}/events HTTP/1.1", "Host: x", f"Cookie: gongshi_screen={SECRET}", f"Last-Event-ID: {self.last}",
            f"X-Forwarded-For: 10.0.{self.number // 250}.{self.number % 250}",
        ]  # fmt: skip
        self.writer.write("\r\n".join([*lines, "", ""]).encode())
        await self.writer.drain()

    async def read(self):
        """Read for ever; `events` are (id, name, data)."""
        number, name = None, ""
        while line := await self.reader.readline():
            if line.startswith(b"id: "):
                number = int(line[4:])
            elif line.startswith(b"event: "):
                name = line[7:].strip().decode()
            elif line.startswith(b"data: "):
                self.events.append((number, name, orjson.loads(line[6:])))
                self.last, number = number or self.last, None

    def leave(self):
        self.writer.transport.abort()


async def test_screens_that_come_back_at_once_are_told_once_among_others_that_never_read(engines, template, tmp_path):
    async with AsyncExitStack() as stack:
        settings = await stack.enter_async_context(fresh_system(engines, template, tmp_path))
        publisher = await stack.enter_async_context(run_publisher(settings.model_copy(update={"max_streams": 1_000})))
        await release_month(publisher)
        withdrawn, *_ = await publisher.items()
        broadcaster = publisher.app.state.broadcaster
        await register(publisher, STREAMS + UNREAD)
        unread = [Stream(publisher.url, STREAMS + number) for number in range(UNREAD)]
        for stream in unread:
            await stream.connect()
            stream.reader._transport.pause_reading()
        screens = [Stream(publisher.url, number) for number in range(STREAMS)]

        async def follow():
            await asyncio.gather(*(stream.connect() for stream in screens))
            return [asyncio.create_task(stream.read()) for stream in screens]

        async def all_have(name):
            return all(any(event[1] == name for event in stream.events) for stream in screens)

        await follow()
        await wait_until("leases", lambda: all_have("lease"))
        for stream in screens:
            stream.leave()
            stream.events.clear()
        _, feed = await asyncio.gather(follow(), ask_ten_times_a_second(publisher, 2.0))
        await publisher.produce(ruling(withdrawn["item_id"], "withdrawn"))
        await wait_until("the withdrawal on every screen", lambda: all_have("withdrawn"))

        for stream in screens:
            withdrawals = [event for event in stream.events if event[1] == "withdrawn"]
            numbers = [event[0] for event in stream.events if event[0] is not None]
            assert [event[2]["item_id"] for event in withdrawals] == [withdrawn["item_id"]]
            assert numbers == sorted(set(numbers))
        assert set(feed) <= {200, 304}
        assert all(each._queue.qsize() <= QUEUE_SIZE for each in broadcaster._subscribers)

        lease = next(event[2]["token"] for event in screens[0].events if event[1] == "lease")
        first_day = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))  # in no other zone
        for wrong in (first_day, datetime(2001, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)):
            shown = [{"item_id": withdrawn["item_id"], "version": 2, "shown_at": wrong.isoformat()}]
            answer = await publisher.public.post("/screens/s-0/acks", json={"lease": lease, "shown": shown})
            assert answer.status_code == 204
        async with publisher.database.snapshot() as connection:
            stored = await connection.fetchrow(
                "SELECT a.shown_at >= r.released_at AND a.shown_at <= a.received_at AS is_possible, count(*) OVER ()"
                " FROM publisher.acknowledgements a JOIN publisher.releases r USING (item_id, version)"
            )
        assert tuple(stored) == (True, 1)

        for stream in (*screens, *unread):
            with suppress(OSError):
                stream.leave()

        async def nobody_is_left():
            return broadcaster.subscriber_count == 0

        await wait_until("the streams to be given up", nobody_is_left)


async def register(publisher, count):
    """Register so many screens, all with one secret."""
    async with publisher.database.unit_of_work() as uow:
        for number in range(count):
            await screen_store.register_screen(uow.connection, Screen(f"s-{number}", f"屏{number}", None))
            await pairing.set_secret(uow.connection, f"s-{number}", key_hash(SECRET), uow.now)


async def ask_ten_times_a_second(publisher, seconds):
    """A reader that keeps no pause; return the statuses."""
    statuses, tag = [], {}
    for _ in range(int(seconds * 10)):
        answer = await publisher.public.get("/feeds/basic.atom", headers=tag)
        tag = {"if-none-match": answer.headers.get("etag", "")}
        statuses.append(answer.status_code)
        await asyncio.sleep(0.1)
    return statuses
