"""What stays of a withdrawn item: number, day and reason; nothing of it leads to the operator, or says what it said."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from services.publisher.verification import channels, invariants
from services.publisher.verification.channels import ProbeOptions
from tests.integration.probes import wait_until
from tests.integration.publisher.events import NAMES, complaint, figure, ruling, uscc
from tests.integration.publisher.running_publisher import HTML

pytestmark = pytest.mark.asyncio(loop_scope="session")

# The third operator of the released month has this item only, the first one a major item beside its month.
LONE, OTHER = 2, 0


async def withdraw(released, item, number=1, **changes):
    """Withdraw an item by a ruling and wait until it is gone."""
    await released.produce(ruling(item["item_id"], "withdrawn", number).model_copy(update=changes))

    async def is_gone():
        return (await released.public.get(f"/api/items/{item['item_id']}")).status_code == 410

    await wait_until("the withdrawal", is_gone)


async def item_of(released, place, board="basic"):
    return next(item for item in await released.items(board) if item["operator"]["uscc"] == uscc(place))


async def test_of_an_operator_of_whom_everything_was_withdrawn_nothing_is_found(released):
    item = await item_of(released, LONE)
    name, code = item["operator"]["name"], item["operator"]["uscc"]

    await withdraw(released, item)

    for path in (f"/operators/{code}", f"/api/operators/{code}"):
        assert (await released.public.get(path, headers=HTML)).status_code == 404, path
    for words in (name, name[2:6], code):
        found = await released.json(f"/api/search?q={quote(words)}")
        assert [operator for operator in found["operators"] if operator["uscc"] == code] == []
        assert (await released.public.get(f"/search?q={quote(words)}", headers=HTML)).text.count(f"/operators/{code}") == 0
    for path in (
        "/",
        "/items",
        "/boards/basic",
        "/changes",
        "/feeds/basic.atom",
        "/api/items?since=0",
        "/screens/mall",
        "/api/delta",
        "/api/recalls",
        "/recalls",
        "/feeds/regions/990102.atom",
        "/embed/boards/basic",
        "/regions/990102",
        "/industries/F5273",
    ):
        text = (await released.public.get(path, headers=HTML)).text
        assert name not in text.replace("<wbr>", ""), path
        assert code not in text, path


async def test_the_record_keeps_number_day_and_reason(released):
    item = await item_of(released, LONE)
    name, code = item["operator"]["name"], item["operator"]["uscc"]

    await withdraw(released, item, public_reason=f"该投诉不属于{name}（{code}）")

    page = await released.public.get(f"/items/{item['item_id']}", headers=HTML)
    gone = await released.public.get(f"/api/items/{item['item_id']}")
    assert (page.status_code, gone.status_code) == (410, 410)
    for text in (page.text, gone.text):
        assert item["item_id"] in text
        assert "W03" in text
        assert "该投诉不属于该经营者" in text
        assert name not in text.replace("<wbr>", "")
        assert code not in text
    assert gone.json()["released_at"]
    assert item["item_id"] in (await released.public.get("/changes", headers=HTML)).text


async def test_no_version_of_a_withdrawn_item_says_what_it_said(released):
    item = await item_of(released, OTHER)
    await released.produce(figure(OTHER, 66, version=2, was=64))
    await released.release_all()

    await withdraw(released, item)

    gone = await released.gone(f"/api/items/{item['item_id']}")
    newest, corrected, first = gone["versions"]
    assert (newest["state"], corrected["state"], first["state"]) == ("withdrawn", "corrected", "released")
    assert corrected["changes"] == first["changes"] == []
    assert (corrected["reason_code"], corrected["reason"]) == (None, None)
    assert "64" not in (await released.public.get("/changes", headers=HTML)).text


async def test_an_operator_with_other_items_keeps_its_page_without_the_withdrawn_one(released):
    month = await item_of(released, OTHER)
    await released.produce(complaint(1))
    await released.release_all()
    major = await item_of(released, OTHER, "major")

    await withdraw(released, major)

    answer = await released.json(f"/api/operators/{uscc(OTHER)}")
    assert [item["item_id"] for item in answer["items"]] == [month["item_id"]]
    page = (await released.public.get(f"/operators/{uscc(OTHER)}", headers=HTML)).text
    assert major["item_id"] not in page


async def test_a_screen_that_reconnects_receives_nothing_of_what_was_withdrawn(released):
    item = await item_of(released, LONE)
    await withdraw(released, item)

    async with released.database.snapshot() as connection:
        seqs = await connection.fetch("SELECT release_seq FROM publisher.releases WHERE item_id = $1", item["item_id"])
    stream = released.public.stream("GET", "/screens/mall/events?after=0")
    received = []
    async with stream as response:
        async for line in response.aiter_lines():
            received.append(line)
            if line == f"id: {max(row['release_seq'] for row in seqs)}":
                break

    assert NAMES[LONE] not in "\n".join(received)
    assert f"id: {min(row['release_seq'] for row in seqs)}" not in received


async def test_the_verification_holds_with_withdrawn_items_and_finds_an_operator_that_came_back(released):
    item = await item_of(released, LONE)
    await withdraw(released, item)
    options = ProbeOptions(patience_s=0.1)
    well = await channels.find_differences(released.database, released.url, released.settings.zone, options)
    assert await invariants.find_differences(released.database) == []

    async with released.database.unit_of_work() as uow:
        await uow.connection.execute(
            "INSERT INTO publisher.public_operators (key, name, uscc) VALUES ($1, $2, $1)", uscc(LONE), NAMES[LONE]
        )

    assert well.found == []
    assert "1 operators without public items" in well.compared
    assert any(uscc(LONE) in what for what in await invariants.find_differences(released.database))
