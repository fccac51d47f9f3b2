"""Recalls: who had what, who has acknowledged the withdrawal, and a public count that equals the truth."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import asyncpg
import pytest

from services.publisher.domain.lease import Lease
from services.publisher.screen_acknowledgements import AcknowledgementBatches
from services.publisher.store import pairing, recalls, screens
from services.publisher.store.screens import Screen, ShownVersion
from shared.keys import key_hash
from tests.integration.publisher.receivers import add_target, run_receiver
from tests.integration.publisher.running_publisher import run_publisher
from tests.integration.publisher.test_webhooks import correct, release_month, run_worker, settled, withdraw

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def show(desk, screen_id, item_id, version, *, seen_ago=timedelta(0)):
    """Let a paired screen have shown a version, and have had its last lease so long ago."""
    async with desk.database.unit_of_work() as uow:
        await screens.register_screen(uow.connection, Screen(screen_id, f"屏{screen_id}", None))
        await pairing.set_secret(uow.connection, screen_id, key_hash(screen_id), uow.now)
        await screens.insert_acknowledgements(uow.connection, [ShownVersion(screen_id, item_id, version, uow.now)], uow.now)
        await uow.connection.execute(
            "UPDATE publisher.screens SET seen_at = $2 WHERE screen_id = $1", screen_id, uow.now - seen_ago
        )


async def count(desk):
    async with desk.database.snapshot() as connection:
        found = await recalls.count_unacknowledged(connection, desk.database.clock() - timedelta(minutes=20))
    return found.targets, found.screens, found.blank


async def places(desk, item_id, version):
    async with desk.database.snapshot() as connection:
        found = await recalls.fetch_places(connection, [(item_id, version)], desk.database.clock() - timedelta(minutes=20))
    return {place.place_id: place.acknowledged_version for place in found[item_id, version]}


async def test_the_count_is_the_truth_while_a_tenth_is_away_and_after_it_is_back(desk):
    """Ten targets of which one fails, ten screens of which one is off: at the end nothing is missing."""
    async with AsyncExitStack() as stack:
        receivers = [await stack.enter_async_context(run_receiver()) for _ in range(10)]
        for number, receiver in enumerate(receivers):
            await add_target(desk.database, desk.bureau.lease_key, receiver.url, f"target-{number}")
        async with run_worker(desk):
            first, second = await release_month(desk, 9, 7)
            for number in range(10):
                await settled(desk, f"target-{number}")
                away = timedelta(hours=1) if number == 9 else timedelta(0)
                await show(desk, f"screen-{number}", first.item_id, 1, seen_ago=away)
            assert await count(desk) == (0, 0, 0)

            receivers[9].script += [500] * 1_000
            await withdraw(desk, first.item_id)
            for number in range(9):
                await settled(desk, f"target-{number}")
                await show(desk, f"screen-{number}", first.item_id, 2)

            truth = {target for target, receiver in enumerate(receivers) if first.item_id in receiver.items()}
            assert truth == {9}
            assert await count(desk) == (len(truth), 1, 1)
            missing = {place for place, version in (await places(desk, first.item_id, 2)).items() if version is None}
            assert missing == {"target-9", "screen-9"}

            receivers[9].script.clear()
            await desk.owner.execute("UPDATE publisher.targets SET retry_at = NULL")
            await desk.owner.execute("UPDATE publisher.deliveries SET due_at = now() WHERE state = 'waiting'")
            await settled(desk, "target-9")
            await show(desk, "screen-9", first.item_id, 2)

            assert await count(desk) == (0, 0, 0)
            assert all(set(receiver.items()) == {second.item_id} for receiver in receivers)


async def test_a_correction_counts_targets_and_no_place_that_never_had_it(desk):
    async with run_receiver() as receiver, run_worker(desk):
        await add_target(desk.database, desk.bureau.lease_key, receiver.url)
        (first,) = await release_month(desk, 9)
        await settled(desk)
        receiver.script += [503] * 1_000
        await correct(desk, 0, 12, 2)

        assert await places(desk, first.item_id, 2) == {"portal": None}
        assert (await count(desk))[0] == 1
    async with run_receiver() as late, run_worker(desk):
        await add_target(desk.database, desk.bureau.lease_key, late.url, "late")
        await settled(desk, "late")
        assert await places(desk, first.item_id, 2) == {"portal": None}, "one that begins with the newest had no other"


async def test_pages_and_interface_tell_the_count(settings):
    async with run_publisher(settings) as publisher:
        page = await publisher.public.get("/recalls", headers={"accept": "text/html"})
        answer = await publisher.json("/api/recalls")
        listed = await publisher.public.get("/api/targets/portal")
        async with publisher.person("wu") as gatekeeper:
            shown = await gatekeeper.get("/desk/targets")

    assert page.status_code == 200
    assert answer == {
        "unacknowledged": {"total": 0, "targets": 0, "screens": 0, "blank": 0}, "recalls": [], "next_before": None,
    }  # fmt: skip
    assert listed.status_code == 401
    assert "gongshi targets add" in shown.text


class CountingDatabase:
    """A database that counts its transactions, and of which one fails."""

    def __init__(self, database, failing):
        self._database, self._failing, self.transactions = database, failing, 0

    @asynccontextmanager
    async def unit_of_work(self):
        self.transactions += 1
        if self.transactions == self._failing:
            raise asyncpg.ConnectionDoesNotExistError
        async with self._database.unit_of_work() as uow:
            yield uow


async def test_screens_that_acknowledge_at_once_are_stored_in_batches_each_by_its_own_lease(desk):
    """Twenty screens at once, one under a secret that was replaced and one that was removed; then one whose batch fails."""
    first, _ = await release_month(desk, 9, 7)
    leases = []
    async with desk.database.unit_of_work() as uow:
        for screen_id in (f"screen-{number}" for number in range(20)):
            await screens.register_screen(uow.connection, Screen(screen_id, screen_id, None))
            await pairing.set_secret(uow.connection, screen_id, key_hash(screen_id), uow.now)
            screen = await screens.fetch_screen(uow.connection, screen_id)
            leases.append(Lease(screen_id, uow.now, 1, screen.credential))
        await pairing.set_secret(uow.connection, "screen-3", key_hash("another"), uow.now)
        await pairing.remove_screen(uow.connection, "screen-4", uow.now)
    batches, database = AcknowledgementBatches(), CountingDatabase(desk.database, failing=3)

    def store(lease):
        return batches.store(database, lease, [ShownVersion(lease.screen_id, first.item_id, 1, desk.database.clock())])

    stored = await asyncio.gather(*(store(lease) for lease in leases), store(leases[0]))
    again = await store(leases[1])
    with pytest.raises(asyncpg.ConnectionDoesNotExistError):
        await store(leases[3])

    assert [number for number, is_stored in enumerate(stored) if not is_stored] == [3, 4]
    assert (again, database.transactions) == (True, 3)
    rows = await desk.owner.fetch("SELECT screen_id FROM publisher.acknowledgements ORDER BY screen_id")
    assert [row["screen_id"] for row in rows] == sorted(lease.screen_id for lease in leases if lease not in leases[3:5])
