"""Work on lists at the desk: from one item to the next, and several returned for one reason."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest

from services.publisher.store import desk as desk_store
from services.publisher.store.desk import VersionFilter
from tests.integration.plans import explain_plans
from tests.integration.probes import wait_until
from tests.integration.publisher.events import city, complaint, figure, month_closed, uscc

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_neighbours_are_those_of_the_list_from_its_first_to_its_last(desk):
    await desk.apply(complaint(1))
    await desk.review_and_release("major")
    await desk.apply(complaint(1, revision=2, kind="tip_off"), complaint(2), complaint(3, status="mediating", outcome=None))
    await desk.close_month(12, 5)

    async with desk.database.snapshot() as connection:
        rows = await desk_store.fetch_open_versions(connection, VersionFilter("draft"), limit=10)
        neighbours = [await desk_store.fetch_neighbours(connection, row) for row in rows]

    ids = [row.item_id for row in rows]
    assert len(ids) == 5
    assert rows[0].urgent
    assert rows[-1].failing
    assert neighbours == list(zip([None, *ids[:-1]], [*ids[1:], None], strict=True))


async def test_several_drafts_are_returned_for_one_reason_after_it_was_asked_for(publisher):
    await publisher.produce(figure(0, 64), figure(1, 41), figure(2, 7), city(112), month_closed(3, 112))
    async with publisher.person("zhou") as reviewer:
        page = await wait_until("drafts", lambda: publisher.fetch_containing(reviewer, "/desk", 'name="seen"'))
        seen = re.findall(r'name="seen" value="([^"]+)"', page)
        chosen = {"item": [each.split("=")[0] for each in seen[:2]], "seen": seen}

        first_page = await reviewer.post("/desk/return", data=chosen)
        none = await reviewer.post("/desk/return", data={"seen": seen})
        nothing = await reviewer.post("/desk/return", data={**chosen, "code": "R02", "note": " "})
        stale = await reviewer.post("/desk/return", data={"item": chosen["item"], "seen": "x=y", "code": "R02", "note": "核对"})
        assert "退回2条信息" in re.sub("<[^>]+>", "", first_page.text)
        assert (none.status_code, nothing.status_code, stale.status_code) == (422, 422, 409)
        assert (await reviewer.get("/desk/returned")).text.count('class="q-title"') == 0

        done = await reviewer.post("/desk/return", data={**chosen, "code": "R02", "note": "主体名称请核对"})

        assert done.status_code == 200
        assert (await reviewer.get("/desk/returned")).text.count("主体名称请核对") == 2
        (left,) = re.findall(r'class="q-title" href="(/desk/items/[^"]+)"', (await reviewer.get("/desk")).text)
        assert 'rel="next"' not in (await reviewer.get(left)).text


async def ids(desk, state="draft", **conditions):
    async with desk.database.snapshot() as connection:
        criteria = VersionFilter(state, **conditions)
        rows = await desk_store.fetch_open_versions(connection, criteria, limit=10)
        assert await desk_store.count_open_versions(connection, criteria) == len(rows)
        around = [await desk_store.fetch_neighbours(connection, row, criteria) for row in rows]
    found = [row.item_id for row in rows]
    assert around == list(zip([None, *found[:-1]], [*found[1:], None], strict=True)) if found else not around
    return set(found)


async def test_lists_are_narrowed_by_month_region_kind_operator_and_age(desk):
    await desk.close_month(12, 5)
    await desk.apply(figure(2, 9, month="2026-08"), month_closed(1, 9, "2026-08"))
    await desk.apply(complaint(1))
    basic = {row["item_id"]: row for row in await desk.open_versions()}
    (major,) = (row["item_id"] for row in await desk.open_versions("major"))
    (august,) = await ids(desk, month="2026-08")

    assert await ids(desk, month="2026-09") == basic.keys() - {august}
    assert await ids(desk, kind="operator_month") == basic.keys()
    assert await ids(desk, kind="major_complaint") == {major}
    assert await ids(desk, region="990102") == {*basic, major}
    assert await ids(desk, region="990101") == set()
    assert await ids(desk, q="锦程通讯") == {major} | {i for i, row in basic.items() if uscc(0) in row["form"]}
    assert await ids(desk, q=uscc(1).lower()) == {i for i, row in basic.items() if uscc(1) in row["form"]}
    assert await ids(desk, drafted_until=datetime.now(UTC) - timedelta(days=1)) == set()
    assert await ids(desk, "approved", month="2026-09") == set()


@pytest.mark.parametrize("narrow", [{}, {"month": "2026-09", "kind": "operator_month"}], ids=["all", "narrowed"])
async def test_the_lists_read_no_draft_before_their_page(desk, narrow):
    position = (False, False, datetime(2026, 10, 9, tzinfo=UTC), "GS-2026-000001")
    arguments = VersionFilter("draft", **narrow).arguments()
    async with desk.database.pool.acquire() as connection:
        plans = [
            *await explain_plans(connection, desk_store.OPEN_VERSIONS, *arguments, *position, 200),
            *await explain_again(connection, desk_store.NEXT_OPEN, *arguments, *position),
            *await explain_again(connection, desk_store.PREVIOUS_OPEN, *arguments, *position),
        ]

    for plan in plans:
        assert "versions_one_by_one" in plan
        assert "Seq Scan on versions" not in plan
        assert "Sort" not in plan


async def explain_again(connection, statement, *arguments):
    await connection.execute("DEALLOCATE explained; RESET plan_cache_mode")
    return await explain_plans(connection, statement, *arguments)


async def test_a_list_stays_narrowed_after_a_decision_and_links_to_what_a_figure_counts(publisher):
    await publisher.produce(figure(0, 64), figure(1, 41), figure(2, 7), city(112), month_closed(3, 112))
    async with publisher.person("zhou") as reviewer:
        await wait_until("drafts", lambda: publisher.fetch_containing(reviewer, "/desk", 'name="seen"'))
        page = (await reviewer.get("/desk", params={"month": "2026-09", "q": "锦程", "age": "99", "region": "x"})).text
        (address,) = re.findall(r'class="q-title" href="(/desk/items/[^"]+)"', page)
        assert address.endswith("?month=2026-09&amp;q=%E9%94%A6%E7%A8%8B")
        (seen,) = re.findall(r'name="seen" value="([^"]+)"', page)
        item = (await reviewer.get(address.replace("&amp;", "&"))).text
        assert f"/corrections/desk/complaints?operator={uscc(0)}&amp;month=2026-09" in item
        assert 'rel="next"' not in item

        form = {"item": seen.split("=")[0], "seen": seen, "back": "month=2026-09&q=锦程&evil=//x"}
        done = await reviewer.post("/desk/approve", data=form, follow_redirects=False)

        assert done.headers["location"] == "/desk?month=2026-09&q=%E9%94%A6%E7%A8%8B&done=approved"
    async with publisher.person("wu") as gatekeeper:
        assert "锦程" in (await gatekeeper.get("/desk/approved?month=2026-09")).text
        assert "没有符合条件的公示信息" in (await gatekeeper.get("/desk/approved?month=2026-08")).text
