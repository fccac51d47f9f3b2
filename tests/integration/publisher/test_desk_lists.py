"""Work on lists at the desk: from one item to the next, and several returned for one reason."""

from __future__ import annotations

import re

import pytest

from services.publisher.store import desk as desk_store
from services.publisher.store.desk import VersionFilter
from tests.integration.probes import wait_until
from tests.integration.publisher.events import city, complaint, figure, month_closed

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
