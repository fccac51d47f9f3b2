"""An operator's response stands beside its item: through the gate, on every channel, with the item and gone with it."""

from __future__ import annotations

import orjson
import pytest

from tests.integration.probes import wait_until
from tests.integration.publisher.events import figure, ruling
from tests.integration.publisher.running_publisher import HTML

pytestmark = pytest.mark.asyncio(loop_scope="session")

WORDS = "退费标准已在店内公示"
RESPONSE = f"{WORDS}，\n余款已于9月28日退还。"


async def respond(desk, number=1, response=RESPONSE, decision="upheld", corrections=()):
    """Let the response to the only item be admitted and released; return the item and what was public then."""
    item_id = await desk.owner.fetchval("SELECT item_id FROM publisher.items")
    await desk.apply(ruling(item_id, decision, number, corrections, response))
    await desk.review_and_release()
    return item_id, await public_form(desk)


async def public_form(desk):
    return orjson.loads(await desk.owner.fetchval("SELECT body FROM publisher.public_items"))


@pytest.fixture
async def item(desk):
    await desk.close_month(20)
    await desk.review_and_release()
    return desk


async def test_a_response_is_a_version_of_its_own_that_waits_for_the_gate_and_names_nobody(item):
    item_id = await item.owner.fetchval("SELECT item_id FROM publisher.items")
    await item.apply(ruling(item_id, "upheld", response="唐女士（电话13987654321）当时同意不退。"))
    (version,) = await item.open_versions()
    assert version["failing"] == 1
    assert (await public_form(item))["response"] is None

    _, public = await respond(item, 2)

    assert (public["version"], public["response"], public["reason_code"]) == (2, RESPONSE, "S03")
    assert public["changes"] == [["response", None, RESPONSE]]


async def test_it_stays_beside_later_figures_and_goes_with_a_correction(item):
    item_id = await item.owner.fetchval("SELECT item_id FROM publisher.items")
    await item.apply(ruling(item_id, "upheld", response=RESPONSE))
    await item.apply(figure(0, 21, version=2))
    await item.review_and_release()
    waited = await public_form(item)
    assert (waited["content"]["complaints"], waited["response"], waited["version"]) == (21, RESPONSE, 2)
    await item.apply(figure(0, 22, version=3))
    await item.review_and_release()
    later = await public_form(item)
    assert (later["content"]["complaints"], later["response"], later["version"]) == (22, RESPONSE, 3)

    _, both = await respond(item, 2, "对更正无异议。", "corrected", [("operator.scope", "通讯器材零售")])
    assert (both["operator"]["scope"], both["response"]) == ("通讯器材零售", "对更正无异议。")
    _, corrected = await respond(item, 3, None, "corrected", [("operator.scope", "通讯器材批发")])

    assert corrected["response"] is None
    assert ["response", None, None] in corrected["changes"]
    assert "无异议" not in orjson.dumps(corrected).decode(), "what is gone is not quoted"


async def test_every_channel_has_it_with_the_item_and_without_the_item_not(released):
    item_id = (await released.items())[0]["item_id"]
    uscc = (await released.items())[0]["operator"]["uscc"]
    places = (
        f"/items/{item_id}",
        f"/operators/{uscc}",
        "/feeds/basic.atom",
        f"/feeds/operators/{uscc}.atom",
        f"/api/items/{item_id}",
    )

    async def telling():
        answers = [
            (path, await released.public.get(path, headers=HTML if "." not in path and "api" not in path else {}))
            for path in places
        ]
        return [path for path, answer in answers if WORDS in answer.text]

    assert await telling() == []
    await released.produce(ruling(item_id, "upheld", response=RESPONSE))
    await released.release_all()
    assert await telling() == list(places)
    page = (await released.public.get(f"/items/{item_id}", headers=HTML)).text
    assert "已更新" in page
    assert page.count(WORDS) == 1

    await released.produce(ruling(item_id, "withdrawn", 2))

    async def is_gone():
        return (await released.public.get(f"/api/items/{item_id}")).status_code == 410

    await wait_until("the withdrawal", is_gone)
    assert await telling() == []
