"""The publication plan at the desk: what is due, to each office its own, and the measure of what is late."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.publisher import desk_drafts, releasing
from services.publisher.domain.plan import DutyState
from services.publisher.planning import fetch_duties
from services.publisher.watch import PublisherWatch
from shared.metrics import PLAN_LATE
from shared.stream import Database
from tests.integration.publisher.test_desk_drafts import PENALTY, form_of, write

pytestmark = pytest.mark.asyncio(loop_scope="session")

LATER = datetime(2027, 3, 1, tzinfo=UTC)


async def states(desk, at):
    async with desk.database.snapshot() as connection:
        duties = await fetch_duties(connection, desk.bureau, at)
    return {(duty.code, duty.period): duty.state for duty in duties}


async def test_a_month_moves_on_from_closed_to_public_and_is_late_where_nobody_releases_it(desk):
    await desk.close_month(40, 30)
    watch = PublisherWatch(Database(desk.database.pool, lambda: LATER, "/test"), set(), "", desk.bureau)

    assert (await states(desk, LATER))["monthly_basic", "2026-09"] is DutyState.AT_WORK
    await watch.check()
    late = PLAN_LATE.labels("monthly_basic")._value.get()
    await desk.review_and_release()
    assert (await states(desk, LATER))["monthly_basic", "2026-09"] is DutyState.PUBLIC
    await watch.check()

    assert PLAN_LATE.labels("monthly_basic")._value.get() == late - 1


async def test_each_office_sees_its_own_part_and_the_desk_all_of_it(month):
    pages = {}
    for name in ("bao", "sun", "zhou"):
        async with month.person(name) as person:
            answer = await person.get("/desk/plan")
            assert answer.status_code == 200
            pages[name] = answer.text

    assert ("每月基本投诉" in pages["bao"], "每月基本投诉" in pages["sun"]) == (True, False)
    assert all('aria-current="page"' in page and "公示计划" in page for page in pages.values())
    assert "每月基本投诉" in pages["zhou"]
    async with month.person("bao") as drafter:
        form = (await drafter.get("/desk/reports/new?kind=quarter&period=2026-Q3")).text
        assert 'value="2026-Q3"' in form


async def test_a_penalty_that_nobody_releases_is_late_by_itself_and_so_is_its_withdrawal(desk):
    await write(desk, desk_drafts.create, PENALTY, form_of(PENALTY))
    watch = PublisherWatch(Database(desk.database.pool, lambda: LATER, "/test"), set(), "", desk.bureau)
    late = {}

    await watch.check()
    late["draft"] = [PLAN_LATE.labels(name)._value.get() for name in ("publish_within", "withdraw_within")]
    (item,) = await desk.review_and_release("penalties")
    async with desk.database.unit_of_work() as uow:
        await releasing.propose_withdrawal(uow, desk.bureau, "zhou", item.item_id, 1, "W01", "不应公示")
    await watch.check()
    late["withdrawal"] = [PLAN_LATE.labels(name)._value.get() for name in ("publish_within", "withdraw_within")]

    assert late == {"draft": [1, 0], "withdrawal": [0, 1]}
