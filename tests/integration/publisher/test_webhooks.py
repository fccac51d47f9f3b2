"""Webhooks: every version arrives signed, once and in order per item, whatever the receiver does in between."""

from __future__ import annotations

import asyncio
import random
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from standardwebhooks import WebhookVerificationError

from services.publisher.channels.declaration import Channel
from services.publisher.delivering import administration
from services.publisher.delivering.administration import secret_box
from services.publisher.delivering.leading import lead
from services.publisher.delivering.sender import HttpSender
from services.publisher.delivering.worker import DeliveryWorker
from services.publisher.domain.delivery import Reply, parse_networks
from services.publisher.store import deliveries, targets
from services.publisher.verification import deliveries as delivery_checks
from shared.web.i18n import Text
from tests.integration.probes import wait_until
from tests.integration.publisher.events import figure, month_closed, ruling, uscc
from tests.integration.publisher.receivers import HANG, LOOPBACK, add_target, run_receiver

pytestmark = pytest.mark.asyncio(loop_scope="session")

SOON = (0.02,) * 12


@asynccontextmanager
async def run_worker(desk, *, inside=LOOPBACK, timeout_s=2.0, channels=None):
    """A worker that tries again at once."""
    box = secret_box(desk.bureau.lease_key)
    async with HttpSender(parse_networks(inside), timeout_s) as sender:
        wake = asyncio.Event()
        worker = DeliveryWorker(desk.database, sender, box, channels, SOON, wake)
        running = asyncio.create_task(lead(desk.database, [worker], wake))
        try:
            yield worker
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


async def release_month(desk, *complaints, month="2026-09"):
    await desk.apply(*(figure(i, n, month=month) for i, n in enumerate(complaints)))
    await desk.apply(month_closed(len(complaints), sum(complaints), month=month))
    by_code = {item.operator.uscc: item for item in await desk.review_and_release()}
    return [by_code[uscc(place)] for place in range(len(complaints))]


async def correct(desk, place, complaints, version):
    await desk.apply(figure(place, complaints, version=version, was=complaints - 1))
    return await desk.review_and_release()


async def withdraw(desk, item_id, number=1):
    await desk.apply(ruling(item_id, "withdrawn", number))


async def counts(desk, target_id="portal"):
    async with desk.database.snapshot() as connection:
        return (await targets.count_deliveries(connection))[target_id]


async def settled(desk, target_id="portal"):
    """Wait until nothing waits for a target that has enqueued all."""

    async def is_settled():
        async with desk.database.snapshot() as connection:
            behind = await targets.fetch_behind(connection)
        return target_id not in behind and (await counts(desk, target_id)).waiting == 0

    await wait_until("the deliveries", is_settled)


async def public_state(desk):
    rows = await desk.owner.fetch("SELECT item_id, body FROM publisher.public_items WHERE state <> 'withdrawn'")
    return {row["item_id"] for row in rows}


async def test_what_is_released_corrected_and_withdrawn_arrives_signed(desk):
    async with run_receiver() as receiver, run_worker(desk):
        credentials = await add_target(desk.database, desk.bureau.lease_key, receiver.url)
        first, second, third = await release_month(desk, 9, 7, 5)
        await settled(desk)
        await correct(desk, 0, 12, 2)
        await withdraw(desk, second.item_id)
        await settled(desk)

        assert set(receiver.items()) == {first.item_id, third.item_id} == await public_state(desk)
        assert receiver.items()[first.item_id]["version"] == 2
        assert [receiver.verify(credentials.secret, n)["type"] for n in range(len(receiver.requests))].count(
            "gongshi.item.withdrawn.v1"
        ) == 1
        gone = next(m for m in receiver.taken.values() if m["type"] == "gongshi.item.withdrawn.v1")["data"]["item"]
        assert (gone["title"], gone["operator"], gone["content"]) == (None, None, None)
        with pytest.raises(WebhookVerificationError):
            receiver.verify(administration.generate_secret())


@pytest.mark.parametrize(
    "script", [[500, 503, 429, 500], [HANG, 500], [(302, {"location": "http://127.0.0.1:1/"})] * 2], ids=str
)
async def test_a_receiver_that_fails_is_tried_again_and_has_each_version_once(desk, script):
    async with run_receiver(*script) as receiver, run_worker(desk, timeout_s=0.3):
        await add_target(desk.database, desk.bureau.lease_key, receiver.url)
        await release_month(desk, 9, 7, 5)
        await settled(desk)

        assert set(receiver.items()) == await public_state(desk)
        assert len(receiver.taken) == 3
        assert len(receiver.requests) >= 3 + len(script)


async def test_one_that_is_gone_is_asked_no_more_until_it_is_resumed(desk):
    async with run_receiver(410, 410, 410, 410) as receiver, run_worker(desk):
        await add_target(desk.database, desk.bureau.lease_key, receiver.url)
        await release_month(desk, 9)

        async def is_disabled():
            async with desk.database.snapshot() as connection:
                return (await targets.fetch_targets(connection, desk.database.clock()))[0].state == "disabled"

        await wait_until("the target to be disabled", is_disabled)
        before = len(receiver.requests)
        await correct(desk, 0, 12, 2)
        receiver.script.clear()
        assert len(receiver.requests) == before

        async with desk.database.unit_of_work() as uow:
            await administration.resume(uow, "ops", "portal")
        await settled(desk)
        assert [item["version"] for item in receiver.items().values()] == [2]


async def test_what_was_withdrawn_while_the_receiver_was_down_is_not_sent_as_content(desk, monkeypatch):
    # One at a time, so that they arrive in the order in which they are sent.
    monkeypatch.setattr("services.publisher.delivering.worker.PER_TARGET", 1)
    async with run_receiver() as receiver:
        await add_target(desk.database, desk.bureau.lease_key, receiver.url)
        first, second = await release_month(desk, 9, 7)
        async with HttpSender(parse_networks(LOOPBACK)) as sender:
            await DeliveryWorker(desk.database, sender, secret_box(desk.bureau.lease_key), {}).step()
        await withdraw(desk, first.item_id)
        async with run_worker(desk):
            await settled(desk)

        assert set(receiver.items()) == {second.item_id}
        assert [m["type"] for m in receiver.taken.values() if m["data"]["item"]["item_id"] == first.item_id] == [
            "gongshi.item.withdrawn.v1"
        ]
        assert receiver.order[0].endswith("v2"), "a withdrawal overtakes the others"


async def test_a_receiver_that_flips_has_versions_in_order_and_nothing_twice(desk):
    chance = random.Random(7)
    script = [chance.choice([204, 204, 500, 429, 503]) for _ in range(60)]
    async with run_receiver(*script) as receiver, run_worker(desk):
        await add_target(desk.database, desk.bureau.lease_key, receiver.url)
        released = await release_month(desk, 9, 7, 5)
        for round_ in range(2, 6):
            await correct(desk, 0, 10 + round_, round_)
        await withdraw(desk, released[1].item_id)
        await settled(desk)

        versions = {}
        for sent in receiver.order:
            _, item_id, version = sent.split(".")
            assert int(version[1:]) > versions.get(item_id, 0)
            versions[item_id] = int(version[1:])
        assert set(receiver.items()) == await public_state(desk)


async def test_only_the_scope_goes_to_a_target_and_what_left_it_is_followed(desk):
    async with run_receiver() as receiver, run_worker(desk):
        first, *_ = await release_month(desk, 9, 7, 5)
        await add_target(desk.database, desk.bureau.lease_key, receiver.url, operators=(first.operator.uscc,))
        await add_target(desk.database, desk.bureau.lease_key, receiver.url, "none", regions=("990103",))
        await settled(desk)
        assert set(receiver.items()) == {first.item_id}

        await withdraw(desk, first.item_id)
        await settled(desk)
        assert receiver.items() == {}
        assert (await counts(desk, "none")).delivered == 0


async def test_both_secrets_sign_while_one_is_replaced(desk):
    async with run_receiver() as receiver, run_worker(desk):
        credentials = await add_target(desk.database, desk.bureau.lease_key, receiver.url)
        async with desk.database.unit_of_work() as uow:
            fresh = await administration.rotate(uow, "ops", secret_box(desk.bureau.lease_key), "portal")
        await release_month(desk, 9)
        await settled(desk)
        for secret in (credentials.secret, fresh):
            assert receiver.verify(secret)

        async with desk.database.unit_of_work() as uow:
            newest = await administration.rotate(uow, "ops", secret_box(desk.bureau.lease_key), "portal", timedelta(0))
        await correct(desk, 0, 12, 2)
        await settled(desk)
        assert receiver.verify(newest)
        with pytest.raises(WebhookVerificationError):
            receiver.verify(fresh)
    stored = await desk.owner.fetchval("SELECT secret FROM publisher.targets")
    assert newest.encode() not in stored


async def test_an_address_inside_is_not_dialled(desk):
    async with run_receiver() as receiver, run_worker(desk, inside=""):
        await add_target(desk.database, desk.bureau.lease_key, receiver.url.replace("127.0.0.1", "localhost"))
        await release_month(desk, 9)

        async def is_refused():
            async with desk.database.snapshot() as connection:
                return await deliveries.fetch_attempts(connection, "portal", 1)

        (attempt, *_) = await wait_until("an attempt", is_refused)

        assert (attempt.status, attempt.error) == (None, "address_refused")
        assert receiver.requests == []


async def test_a_target_that_hangs_holds_up_no_other(desk):
    async with run_receiver(*[HANG] * 30) as slow, run_receiver() as quick, run_worker(desk, timeout_s=20):
        await add_target(desk.database, desk.bureau.lease_key, slow.url, "slow")
        await add_target(desk.database, desk.bureau.lease_key, quick.url, "quick")
        await release_month(desk, 9, 7, 5)
        await settled(desk, "quick")

        assert set(quick.items()) == await public_state(desk)
        assert (await counts(desk, "slow")).waiting == 3
        assert slow.taken == {}


async def test_pause_resend_and_test_messages(desk):
    async with run_receiver() as receiver, run_worker(desk):
        await add_target(desk.database, desk.bureau.lease_key, receiver.url)
        async with desk.database.unit_of_work() as uow:
            await administration.pause(uow, "ops", "portal")
        await release_month(desk, 9, 7)
        assert receiver.requests == []
        async with desk.database.unit_of_work() as uow:
            await administration.resume(uow, "ops", "portal")
        await settled(desk)
        async with desk.database.unit_of_work() as uow:
            assert await administration.resend(uow, "ops", "portal") == 2
        await settled(desk)

        assert (len(receiver.requests), len(receiver.taken)) == (4, 2), "the same ids, so nothing is new to the receiver"
        async with HttpSender(parse_networks(LOOPBACK)) as sender:
            reply = await administration.send_test(desk.database, sender, secret_box(desk.bureau.lease_key), "portal", "ops")
        assert reply.status == 204
    journal = await desk.owner.fetch("SELECT action FROM publisher.journal WHERE subject = 'portal' ORDER BY seq")
    assert [row["action"] for row in journal] == [
        "target_registered",
        "target_paused",
        "target_resumed",
        "target_resent",
        "target_tested",
    ]


async def test_a_worker_that_dies_in_between_sends_again_under_the_same_id(desk):
    async with run_receiver(HANG, HANG, HANG) as receiver:
        await add_target(desk.database, desk.bureau.lease_key, receiver.url)
        await release_month(desk, 9, 7, 5)
        async with run_worker(desk, timeout_s=20):

            async def has_all():
                return len(receiver.requests) == 3

            await wait_until("three messages on their way", has_all)
        async with run_worker(desk):
            await settled(desk)

        ids = [headers["webhook-id"] for _, headers, _ in receiver.requests]
        assert (len(ids), len(set(ids))) == (6, 3)
        assert set(receiver.items()) == await public_state(desk)


async def test_a_channel_is_one_declaration(desk):
    carried = []

    async def deliver(target, message, sender):
        carried.append((target.address, message.message_id))
        return Reply(status=200)

    made_up = Channel(name="pigeon", label=Text("鸽子"), deliver=deliver)
    async with run_receiver() as receiver, run_worker(desk, channels={"pigeon": made_up}):
        await add_target(desk.database, desk.bureau.lease_key, receiver.url)
        await desk.owner.execute("UPDATE publisher.targets SET channel = 'pigeon', address = 'the roof'")
        (item,) = await release_month(desk, 9)
        await settled(desk)

    assert carried == [("the roof", f"portal.{item.item_id}.v1")]


async def test_the_verification_finds_what_was_passed_over_or_given_up(desk):
    async with run_receiver() as receiver, run_worker(desk):
        await add_target(desk.database, desk.bureau.lease_key, receiver.url)
        first, second = await release_month(desk, 9, 7)
        await settled(desk)
    assert await delivery_checks.find_differences(desk.database) == []

    await desk.owner.execute("DELETE FROM publisher.deliveries WHERE item_id = $1", first.item_id)
    await desk.owner.execute("UPDATE publisher.deliveries SET state = 'failed' WHERE item_id = $1", second.item_id)

    assert sorted(await delivery_checks.find_differences(desk.database)) == sorted(
        [
            f"{first.item_id}: target portal was not brought v1",
            f"{second.item_id}: target portal has not acknowledged v1",
        ]
    )
