"""What one person takes off public view at once, and the second person who is asked afterwards."""

from __future__ import annotations

import re

import asyncpg
import orjson
import pytest

from services.publisher import month_batches, releasing, stopping
from services.publisher.releasing import ContentChanged, NotReleasable, RulingStands
from services.publisher.stopping import NotStoppable
from services.publisher.store import gate, public_items, stops
from services.publisher.store import month_batches as stored
from services.publisher.store.gate import RulesEdited
from services.publisher.store.stops import StopOutcome
from services.publisher.verification import invariants, journal
from shared.accounts import Role, add_person
from shared.contracts import Board
from tests.integration.publisher.events import MONTH, application_accepted, complaint, figure, ruling

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def act(desk, action, person, *arguments):
    async with desk.database.unit_of_work() as uow:
        await desk.act_as(uow.connection, person)
        return await action(uow, desk.bureau, person, *arguments)


async def waiting(desk):
    async with desk.database.snapshot() as connection:
        return await stops.list_stops(connection, waiting=True, limit=10)


async def under_review(desk, item_id):
    async with desk.database.snapshot() as connection:
        return (await public_items.fetch_public_item(connection, item_id)).under_review


@pytest.fixture
async def item(desk):
    """A released item of a month."""
    await desk.close_month(12)
    (item,) = await desk.review_and_release()
    return item


async def test_a_ruling_for_a_reason_that_does_harm_by_the_hour_withdraws_at_once_and_asks_a_second_person(desk, item):
    await desk.apply(application_accepted(item.item_id))
    await desk.apply(ruling(item.item_id, "withdrawn"))

    assert [r["kind"] for r in await desk.releases()] == ["released", "withdrawn"]
    (stop,) = await waiting(desk)
    assert (stop.item_id, stop.code, stop.stopped_by, stop.title) == (item.item_id, "W03", "DF-2026-000001", item.title)
    assert not await under_review(desk, item.item_id)
    await act(desk, stopping.confirm, "wu", item.item_id)
    assert await waiting(desk) == []


async def test_a_ruling_for_another_reason_waits_for_the_gatekeeper_and_the_mark_of_the_review_stays(desk, item):
    await desk.apply(application_accepted(item.item_id))
    await desk.apply(ruling(item.item_id, "withdrawn").model_copy(update={"reason_code": "W04"}))

    assert [r["kind"] for r in await desk.releases()] == ["released"]
    assert await waiting(desk) == []
    assert await under_review(desk, item.item_id)
    (withdrawal,) = await desk.seen()
    with pytest.raises(RulingStands):
        await act(desk, releasing.send_back, "wu", withdrawal, "R02", "不同意")
    (withdrawn,) = await desk.release([withdrawal])
    assert (withdrawn.state, withdrawn.reason_code) == ("withdrawn", "W04")
    assert not await under_review(desk, item.item_id)


async def test_a_ruling_on_what_is_not_public_closes_its_application(desk, item):
    await desk.apply(application_accepted(item.item_id))
    await act(desk, stopping.stop, "zhou", item.item_id, 1, "W01", "内容有误")

    await desk.apply(ruling(item.item_id, "withdrawn").model_copy(update={"reason_code": "W04"}))

    assert await desk.owner.fetchval("SELECT count(*) FROM publisher.applications WHERE ruled_at IS NULL") == 0


@pytest.mark.parametrize("person", ["zhou", "wu"])
async def test_one_person_stops_at_once_and_another_one_confirms(desk, item, person):
    await act(desk, stopping.stop, person, item.item_id, 1, "W02", "含有不应公开的内容")

    (_, withdrawn) = await desk.releases()
    assert (withdrawn["kind"], withdrawn["released_by"]) == ("withdrawn", person)
    with pytest.raises(asyncpg.CheckViolationError, match="stopped by the same person"):
        await act(desk, stopping.confirm, person, item.item_id)
    await act(desk, stopping.confirm, "he", item.item_id)
    with pytest.raises(ContentChanged):
        await act(desk, stopping.reverse, "he", item.item_id)
    async with desk.database.snapshot() as connection:
        (decided,) = await stops.list_stops(connection, waiting=False, limit=10)
        assert await journal.find_differences(connection) == []
    assert (decided.outcome, decided.decided_by) == (StopOutcome.CONFIRMED, "he")
    assert await invariants.find_differences(desk.database) == []


async def test_who_stopped_cannot_confirm_under_another_account(desk, item):
    await desk.owner.execute("UPDATE accounts.people SET staff_number = '1001' WHERE name = 'zhou'")
    await add_person(desk.owner, "zhou2", "周宁（值班）", Role.GATEKEEPER, "a long password", staff_number="1001")
    await act(desk, stopping.stop, "zhou", item.item_id, 1, "W01", "内容有误")

    with pytest.raises(asyncpg.CheckViolationError, match="stopped by the same person"):
        await act(desk, stopping.confirm, "zhou2", item.item_id)


async def test_what_was_stopped_without_need_is_drafted_anew_and_goes_through_the_gate(desk, item):
    await act(desk, stopping.stop, "zhou", item.item_id, 1, "W01", "内容有误")

    again = await act(desk, stopping.reverse, "he", item.item_id)

    (draft,) = await desk.open_versions()
    assert (draft["item_id"], draft["version"], draft["state"]) == (again, 1, "draft")
    form = orjson.loads(draft["form"])
    assert (form["title"], form["content"]["complaints"], form["reason_code"], form["changes"]) == (item.title, 12, None, [])
    checks = {check["finding"]: check["detail"] for check in orjson.loads(draft["checks"])}
    assert checks["withdrawn_before"] == {"item": item.item_id}
    (released,) = await desk.review_and_release()
    assert (released.item_id, released.state, released.content["complaints"]) == (again, "released", 12)
    await desk.apply(figure(0, 13, version=2, was=12))
    (revision,) = await desk.open_versions()
    assert (revision["item_id"], revision["version"]) == (again, 2)


async def test_a_major_item_comes_back_with_its_complaint(desk):
    await desk.apply(complaint(1))
    (item,) = await desk.review_and_release("major")
    await act(desk, stopping.stop, "wu", item.item_id, 1, "W02", "先停止公示")

    again = await act(desk, stopping.reverse, "zhou", item.item_id)

    (released,) = await desk.review_and_release("major")
    assert (released.item_id, released.complaint_id) == (again, item.complaint_id)
    await desk.apply(complaint(1, revision=2, recovered="30000.00"))
    (revision,) = await desk.open_versions("major")
    assert (revision["item_id"], revision["version"]) == (again, 2)


async def test_a_stop_whose_figures_changed_has_its_new_item_already(desk, item):
    await desk.apply(figure(0, 11, version=2, was=12))
    await act(desk, stopping.stop, "zhou", item.item_id, 1, "W01", "内容有误")

    assert await act(desk, stopping.reverse, "he", item.item_id) is None

    (draft,) = await desk.open_versions()
    assert orjson.loads(draft["form"])["content"]["complaints"] == 11


async def test_a_reason_without_hurry_stops_nothing(desk, item):
    with pytest.raises(NotStoppable):
        await act(desk, stopping.stop, "zhou", item.item_id, 1, "W04", "重复")
    with pytest.raises(ContentChanged):
        await act(desk, stopping.stop, "zhou", item.item_id, 2, "W01", "旧版本")
    with pytest.raises(NotReleasable):
        await act(desk, stopping.stop, "zhou", item.item_id, 1, "W01", "请联系13800138000")

    assert len(await desk.releases()) == 1


async def test_the_service_itself_cannot_stop_without_a_person_or_a_reason_of_the_rules(desk, item):
    await act(desk, month_batches.propose_withdrawal, "zhou", MONTH, "W04", "同一争议重复公示")
    (row,) = await desk.open_versions()
    insert = (
        "INSERT INTO publisher.stops (item_id, version, digest, code, stopped_by, stopped_at, rules_version)"
        f" VALUES ('{row['item_id']}', 2, $1, $2, 'zhou', now(), '{row['rules_version']}')"
    )
    async with desk.database.pool.acquire() as connection:
        for person, code, message in (("zhou", "W04", "not enough"), ("zhou", "W01", "nothing withdraws")):
            with pytest.raises(asyncpg.CheckViolationError, match=message):
                async with connection.transaction():
                    await desk.act_as(connection, person)
                    await connection.execute(insert, row["digest"], code)
        for table in ("stops", "stop_decisions", "gate_stops"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(f"DELETE FROM publisher.{table}")


async def test_only_the_person_of_the_session_stops(desk, item):
    await act(desk, month_batches.propose_withdrawal, "zhou", MONTH, "W01", "统计口径有误")
    (row,) = await desk.open_versions()
    async with desk.database.pool.acquire() as connection:
        for person in (None, "he", "wu"):
            with pytest.raises(asyncpg.CheckViolationError, match="not for this person"):
                async with connection.transaction():
                    if person:
                        await desk.act_as(connection, person)
                    await connection.execute(
                        "INSERT INTO publisher.stops (item_id, version, digest, code, stopped_by, stopped_at, rules_version)"
                        " VALUES ($1, 2, $2, 'W01', 'zhou', now(), $3)", row["item_id"], row["digest"], row["rules_version"],
                    )  # fmt: skip


async def test_reasons_of_a_version_of_the_rules_that_is_in_use_cannot_be_added(desk):
    book = desk.bureau.rule_book
    wider = book.versions[-1].stops.model_copy(update={"at_once": {Board.BASIC: frozenset({"W01", "W02", "W03", "W04"})}})
    edited = book.model_copy(update={"versions": (*book.versions[:-1], book.versions[-1].model_copy(update={"stops": wider}))})

    async with desk.database.unit_of_work() as uow:
        with pytest.raises(RulesEdited):
            await gate.ensure_gate(uow.connection, edited)


async def test_rules_of_before_let_every_ruling_withdraw_at_once(desk, item):
    rules = desk.bureau.rule_book.versions[-1]
    old = rules.model_copy(update={"version": "old", "stops": rules.stops.model_copy(update={"at_once": None})})
    book = desk.bureau.rule_book.model_copy(update={"versions": (*desk.bureau.rule_book.versions[:-1], old)})
    async with desk.database.unit_of_work() as uow:
        await gate.ensure_gate(uow.connection, book)
    desk.use_rules(book)

    await desk.apply(ruling(item.item_id, "withdrawn").model_copy(update={"reason_code": "W04"}))

    assert [r["kind"] for r in await desk.releases()] == ["released", "withdrawn"]


async def test_the_withdrawal_of_a_month_is_confirmed_as_one_act_on_what_was_seen(desk):
    await desk.close_month(*[5] * 230)
    await desk.review_and_release()
    await act(desk, month_batches.propose_withdrawal, "zhou", MONTH, "W01", "统计口径有误")
    async with desk.database.snapshot() as connection:
        batch = await stored.fetch_withdrawals(connection, MONTH)
        (month,) = await stored.list_batches(connection, 1)
    assert (len(batch), month.withdrawing, month.approved) == (230, 230, 0)

    with pytest.raises(ContentChanged):
        await act(desk, month_batches.confirm_withdrawal, "wu", MONTH, month_batches.batch_digest(batch[1:]))
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await act(desk, month_batches.confirm_withdrawal, "zhou", MONTH, month_batches.batch_digest(batch))
    assert await act(desk, month_batches.confirm_withdrawal, "wu", MONTH, month_batches.batch_digest(batch)) == 230

    async with desk.database.snapshot() as connection:
        (month,) = await stored.list_batches(connection, 1)
    assert (month.public, month.withdrawing, month.withdrawn) == (0, 0, 230)


async def test_at_the_desk_an_item_is_stopped_and_confirmed_by_its_buttons(released):
    (item, *_) = await released.items()
    page = f"/desk/items/{item['item_id']}"
    async with released.person("zhou") as reviewer, released.person("wu") as gatekeeper:
        assert "紧急停止公示" in (await reviewer.get(page)).text
        form = {"version": item["version"], "code": "W02", "note": "含有不应公开的内容"}
        refused = await gatekeeper.post(f"{page}/stop", data=form | {"code": "W04"})
        nothing = await gatekeeper.post(f"{page}/stop", data=form | {"note": " "})
        assert (refused.status_code, nothing.status_code) == (409, 422)
        assert "不能以这个理由先行撤下" in refused.text

        stopped = await reviewer.post(f"{page}/stop", data=form)

        assert stopped.status_code == 200
        assert await released.gone(f"/api/items/{item['item_id']}")
        assert "须由他人确认" in (await reviewer.get("/desk/stops")).text
        assert (await reviewer.post(f"{page}/stop/confirm")).status_code == 409
        assert "已先行撤下，待事后确认" in (await gatekeeper.get(page)).text
        confirmed = await gatekeeper.post(f"{page}/stop/confirm")
        assert "已确认撤回。" in confirmed.text
        assert (await gatekeeper.post(f"{page}/stop/confirm")).status_code == 409


async def test_at_the_desk_a_month_is_withdrawn_in_one_act(released):
    async with released.person("zhou") as reviewer, released.person("wu") as gatekeeper:
        proposed = await reviewer.post(f"/desk/months/{MONTH}/withdraw", data={"code": "W01", "note": "统计口径有误"})
        assert proposed.status_code == 200
        dialog = (await gatekeeper.get(f"/desk/months?dialog={MONTH}")).text
        (seen,) = re.findall(r'name="seen" value="([0-9a-f]{64})"', dialog)
        act = f"/desk/months/{MONTH}/confirm"
        assert (await gatekeeper.post(act, data={"seen": seen})).status_code == 422
        assert (await gatekeeper.post(act, data={"seen": "0" * 64, "checked": "yes"})).status_code == 409
        assert (await reviewer.post(act, data={"seen": seen, "checked": "yes"})).status_code == 403

        assert "已整批撤回。" in (await gatekeeper.post(act, data={"seen": seen, "checked": "yes"})).text

    assert await released.items() == []
