"""Release at a set time, and holds: given now, proved when it takes effect, once; whatever comes in between stops it."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import timedelta

import asyncpg
import orjson
import pytest

from services.publisher import releasing, scheduling
from services.publisher.releasing import ContentChanged
from services.publisher.scheduling import Disputed, NotHeld, ScheduledReleaseWorker, TimeIsPast
from services.publisher.store import schedules
from services.publisher.verification import invariants
from shared.clock import now
from tests.integration.probes import wait_until
from tests.integration.publisher.events import application_accepted, city, figure, month_closed
from tests.integration.publisher.test_records import act

pytestmark = pytest.mark.asyncio(loop_scope="session")

HOUR = timedelta(hours=1)
WAITING = "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


async def approved(desk, *complaints):
    """Operators of a month that wait for release, as the gatekeeper sees them, in the order of their figures."""
    await desk.close_month(*complaints)
    await desk.review(await desk.seen())
    seen = {each.item_id: each for each in await desk.seen()}
    rows = await desk.owner.fetch("SELECT item_id FROM publisher.versions ORDER BY form #>> '{content,complaints}'")
    return [seen[row["item_id"]] for row in rows]


async def schedule(desk, *seen, after=HOUR, person="wu"):
    await act(desk, scheduling.schedule, person, seen, now() + after)


async def schedule_an_hour_ago(desk, *seen):
    """Schedule for a time that has come since."""
    earlier = replace(desk.database, clock=lambda: now() - HOUR)
    async with earlier.unit_of_work() as uow:
        await desk.act_as(uow.connection, "wu")
        await scheduling.schedule(uow, desk.bureau, "wu", seen, now() - HOUR / 2)


async def causes(desk):
    async with desk.database.snapshot() as connection:
        return {row.item_id: row.cause for row in await schedules.list_stopped(connection, 10)}


async def hold(desk, seen, person="he"):
    await act(desk, scheduling.hold, person, seen.item_id, "等待核实")


async def test_a_release_takes_effect_at_its_time_once_and_by_who_gave_it(desk):
    first, second, later = await approved(desk, 11, 12, 13)
    await schedule_an_hour_ago(desk, first, second)
    await schedule(desk, later)
    worker = ScheduledReleaseWorker(desk.database, desk.bureau)

    await worker.step()
    await worker.step()
    with pytest.raises(asyncpg.CheckViolationError, match="lacks the approval of the gatekeeper"):
        async with desk.database.unit_of_work() as uow:
            await scheduling.release_due(uow, desk.bureau, [schedules.Due(1, later.item_id, later.digest, "wu")])

    assert [(row["item_id"], row["released_by"]) for row in await desk.releases()] == [
        (first.item_id, "wu"), (second.item_id, "wu"),
    ]  # fmt: skip
    released = [orjson.loads(value)["item"]["item_id"] for value in await desk.outbox_values()]
    assert released == [first.item_id, second.item_id]
    assert await invariants.find_differences(desk.database) == []


async def test_what_happens_in_between_stops_it_and_the_others_are_released(desk):
    changed, returned, held, disputed, failing, good = seen = await approved(desk, 11, 12, 13, 14, 15, 16)
    await schedule_an_hour_ago(desk, *seen)

    # Changed and changed back, and even marked as approved: what was given was given on what was there before.
    await desk.apply(figure(0, 30, version=2, was=11))
    await desk.apply(figure(0, 11, version=3, was=30))
    await desk.owner.execute("UPDATE publisher.versions SET state = 'approved' WHERE item_id = $1", changed.item_id)
    await act(desk, releasing.send_back, "he", returned, "R01", "事实不清")
    await hold(desk, held)
    await desk.apply(application_accepted(disputed.item_id))
    await desk.owner.execute("UPDATE publisher.versions SET failing = 1 WHERE item_id = $1", failing.item_id)
    await ScheduledReleaseWorker(desk.database, desk.bureau).step()

    assert [row["item_id"] for row in await desk.releases()] == [good.item_id]
    assert await causes(desk) == {
        changed.item_id: "changed", returned.item_id: "returned", held.item_id: "held", disputed.item_id: "disputed",
        failing.item_id: "check_failed",
    }  # fmt: skip


async def test_what_is_cancelled_while_it_takes_effect_is_released_and_not_cancelled(desk):
    (seen,) = await approved(desk, 11)
    await schedule_an_hour_ago(desk, seen)
    async with desk.database.snapshot() as connection:
        due = await schedules.fetch_due(connection, now(), 10)

    async with desk.database.unit_of_work() as uow:
        await scheduling.release_due(uow, desk.bureau, due)
        cancelling = asyncio.create_task(act(desk, scheduling.cancel, "wu", seen.item_id))
        await wait_until("the cancellation is heard", lambda: waits_or_is_done(desk, cancelling))

    with pytest.raises(ContentChanged):
        await cancelling
    assert await desk.owner.fetchval("SELECT outcome FROM publisher.scheduled_releases") == "released"
    assert await invariants.find_differences(desk.database) == []


async def waits_or_is_done(desk, task):
    """Whether a task is over or waits for a lock."""
    async with desk.database.snapshot() as connection:
        return task.done() or await connection.fetchval(WAITING)


async def test_where_the_services_clock_is_ahead_a_release_waits_for_the_databases(desk):
    (seen,) = await approved(desk, 11)
    await schedule(desk, seen)

    wait = await ScheduledReleaseWorker(replace(desk.database, clock=lambda: now() + 2 * HOUR), desk.bureau).step()

    assert wait > 0
    assert (await desk.releases(), await causes(desk)) == ([], {})


async def test_a_fault_that_is_not_the_releases_own_stops_neither_it_nor_the_others(desk, monkeypatch):
    failing, good = await approved(desk, 11, 12)
    await schedule_an_hour_ago(desk, failing, good)
    publish, worker = releasing.publish, ScheduledReleaseWorker(desk.database, desk.bureau)

    async def publish_or_fail(uow, bureau, by, first_seq, versions):
        if any(version.item_id == failing.item_id for version in versions):
            raise asyncpg.DeadlockDetectedError
        return await publish(uow, bureau, by, first_seq, versions)

    monkeypatch.setattr(releasing, "publish", publish_or_fail)
    assert await worker.step() > 0
    assert ([row["item_id"] for row in await desk.releases()], await causes(desk)) == ([good.item_id], {})

    monkeypatch.setattr(releasing, "publish", publish)
    await ScheduledReleaseWorker(desk.database, desk.bureau).step()
    assert len(await desk.releases()) == 2


async def test_what_is_scheduled_leaves_its_batch(desk):
    (seen,) = await approved(desk, 11)
    batch = "INSERT INTO publisher.item_batches (kind, opened_at) VALUES ('month', now()) RETURNING batch_id"
    await desk.owner.execute("UPDATE publisher.versions SET batch_id = $1", await desk.owner.fetchval(batch))

    await schedule(desk, seen)

    assert await desk.owner.fetchval("SELECT batch_id FROM publisher.versions") is None


async def test_a_gatekeeper_schedules_what_is_approved_once_and_cancels_it(desk):
    seen, disputed = await approved(desk, 11, 12)
    for person in ("zhou", "he"):
        with pytest.raises(asyncpg.CheckViolationError, match="not for this person"):
            await schedule(desk, seen, person=person)
    with pytest.raises(TimeIsPast):
        await schedule(desk, seen, after=-HOUR)
    await desk.apply(application_accepted(disputed.item_id))
    with pytest.raises(Disputed):
        await schedule(desk, seen, disputed)

    await schedule(desk, seen)
    with pytest.raises(asyncpg.UniqueViolationError):
        await schedule(desk, seen)
    with pytest.raises(asyncpg.CheckViolationError, match="stays"):
        await desk.owner.execute("DELETE FROM publisher.scheduled_releases")
    with pytest.raises(asyncpg.CheckViolationError, match="only ends"):
        await desk.owner.execute("UPDATE publisher.scheduled_releases SET release_at = now()")
    await act(desk, scheduling.cancel, "wu", seen.item_id)
    with pytest.raises(ContentChanged):
        await act(desk, scheduling.cancel, "wu", seen.item_id)

    assert len(await desk.release([seen])) == 1


async def test_a_held_item_is_released_by_nobody_until_who_may_lifts_that_and_withdrawn_all_the_same(desk):
    first, second = await approved(desk, 11, 12)
    for each in (first, second):
        await hold(desk, each)

    for refused in (desk.release([first]), schedule(desk, first)):
        with pytest.raises(asyncpg.CheckViolationError, match="is held"):
            await refused
    with pytest.raises(NotHeld):
        await hold(desk, first)
    with pytest.raises(asyncpg.CheckViolationError, match="not for this person"):
        await act(desk, scheduling.lift, "zhou", first.item_id)
    with pytest.raises(asyncpg.CheckViolationError, match="stays"):
        await desk.owner.execute("DELETE FROM publisher.holds")
    await act(desk, scheduling.lift, "he", first.item_id)
    await act(desk, scheduling.lift, "wu", second.item_id)
    await desk.release([first, second])

    await desk.apply(figure(0, 15, version=2, was=11))
    await hold(desk, first)
    await act(desk, releasing.propose_withdrawal, "zhou", first.item_id, 1, "W03", "主体错误")
    await desk.release(await desk.seen())

    assert [row["kind"] for row in await desk.releases()] == ["released", "released", "withdrawn"]


async def test_at_the_desk_an_item_is_held_lifted_and_scheduled(publisher):
    await publisher.produce(figure(0, 64), figure(1, 41), city(105), month_closed(2, 105))
    async with publisher.person("zhou") as reviewer:
        page = await wait_until("drafts", lambda: publisher.fetch_containing(reviewer, "/desk", 'name="seen"'))
        seen = sorted(set(re.findall(r'name="seen" value="([^"]+)"', page)))
        ids = [each.split("=")[0] for each in seen]
        await reviewer.post("/desk/approve", data={"item": ids, "seen": seen})
        assert (await reviewer.post(f"/desk/items/{ids[0]}/hold", data={"note": " "})).status_code == 422
        listed = (await reviewer.post(f"/desk/items/{ids[0]}/hold", data={"note": "等待核实"})).text
        assert "等待核实" in listed
        assert "解除暂缓" in (await reviewer.get(f"/desk/items/{ids[0]}")).text
        assert (await reviewer.post("/desk/schedule", data={})).status_code == 403
    async with publisher.person("wu") as gatekeeper:
        form = {"item": ids[:1], "seen": seen[:1], "day": "2036-10-01", "time": "09:30", "checked": "yes"}
        assert (await gatekeeper.post("/desk/schedule", data=form)).status_code == 409
        assert "已解除暂缓" in (await gatekeeper.post(f"/desk/items/{ids[0]}/hold/lift")).text
        past = await gatekeeper.post("/desk/schedule", data={**form, "day": "2026-01-01"})
        assert (past.status_code, "须晚于现在" in past.text) == (409, True)
        assert "已定时，到时自动发布" in (await gatekeeper.post("/desk/schedule", data=form)).text
        listed = (await gatekeeper.get("/desk/scheduled", headers={"accept-language": "en"})).text
        assert ("Release at a set time" in listed, "09:30" in listed) == (True, True)
        assert "已取消定时发布" in (await gatekeeper.post(f"/desk/items/{ids[0]}/schedule/cancel")).text
