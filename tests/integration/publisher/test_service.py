"""The publisher as it runs: events by Kafka, people at the desk, readers of pages, feeds, screens and the interface."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from html import unescape

import feedparser
import httpx2
import orjson
import pytest
from aiokafka import AIOKafkaConsumer

from services.publisher.store import screens
from services.publisher.verification import invariants, topic
from services.publisher.web.screens.player import COOKIE
from shared.clock import now
from shared.contracts.publications import PUBLICATIONS
from tests.integration.probes import wait_until
from tests.integration.publisher.events import (
    MONTH,
    NAMES,
    application_accepted,
    city,
    complaint,
    figure,
    month_closed,
    ruling,
    uscc,
)
from tests.integration.publisher.running_publisher import HTML, SECRET, SITE

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def read_topic(publisher):
    """The records of the topic so far, as (item, version, state)."""
    consumer = AIOKafkaConsumer(
        publisher.settings.topic_prefix + PUBLICATIONS,
        bootstrap_servers=publisher.settings.kafka_bootstrap_servers,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        batches = await consumer.getmany(timeout_ms=1500)
        items = [orjson.loads(r.value)["item"] for records in batches.values() for r in records]
        return sorted((i["item_id"], i["version"], i["state"]) for i in items)
    finally:
        await consumer.stop()


async def find_differences(publisher):
    """What differs from the record in the database and on the topic."""
    report = await topic.find_differences(publisher.database, publisher.settings)
    return await invariants.find_differences(publisher.database) + report.found


async def test_a_closed_month_reaches_portal_feed_interface_and_topic_through_two_persons(month):
    items = await month.items()

    assert sorted(i["content"]["complaints"] for i in items) == [7, 41, 64]
    page = (await month.public.get("/boards/basic", headers=HTML)).text
    assert uscc(0) in page
    feed = feedparser.parse((await month.public.get("/feeds/basic.atom")).text)
    assert (feed.bozo, len(feed.entries)) == (False, 3)
    found = await wait_until("three records", lambda: _of_length(read_topic(month), 3))
    assert found == sorted((i["item_id"], 1, "released") for i in items)
    assert await find_differences(month) == []


async def test_a_replayed_topic_publishes_nothing_again(released):
    before = await released.items()

    await released.produce(figure(0, 64), figure(1, 41), figure(2, 7), month_closed(3, 112))
    await released.produce(figure(3, 1, month="2026-08"))
    await wait_until("the last figure", lambda: _held(released, "2026-08"))

    assert await released.items() == before
    assert len(await read_topic(released)) == 3


async def test_every_page_answers_in_both_languages_and_states_its_coverage(month):
    item = (await month.items())[0]
    paths = [
        "/", "/boards/basic", "/boards/major", "/boards/analysis", "/boards/warnings", "/boards/penalties", "/boards/other",
        f"/items/{item['item_id']}", f"/operators/{item['operator']['uscc']}", f"/operators/{item['operator']['uscc']}?window=year",
        "/search", "/search?q=%E6%9C%A8%E6%A3%89", "/search?q=nothing-like-it", "/changes", "/about", "/screens/mall",
        "/screens/mall?orientation=portrait",
    ]  # fmt: skip
    for path in paths:
        for language, other in (("zh", "English"), ("en", "中文")):
            response = await month.public.get(path, params={"lang": language}, headers=HTML)
            assert response.status_code == 200, path
            if "/screens/" not in path:
                assert other in response.text, path
    complete = await month.json("/api/items")
    assert complete["coverage"]["months"] == [MONTH]
    assert complete["as_of"]


async def test_a_figure_that_is_not_released_is_on_no_page(publisher):
    await publisher.produce(figure(0, 6464), city(6464), month_closed(1, 6464))
    async with publisher.person("zhou") as reviewer:
        await wait_until("a draft", lambda: publisher.fetch_containing(reviewer, "/desk", 'name="seen"'))

    for path in (
        "/",
        "/screens/mall",
        "/boards/basic",
        f"/operators/{uscc(0)}",
        "/search?q=%E9%94%A6%E7%A8%8B",
        "/api/items",
        "/feeds/basic.atom",
    ):
        response = await publisher.public.get(path, headers=HTML)
        assert "6,464" not in response.text, path
        assert "6464" not in response.text, path
    assert (await publisher.public.get(f"/operators/{uscc(0)}")).status_code == 404


async def test_a_ruling_withdraws_from_page_interface_feed_and_screen(released):
    item = (await released.items())[0]
    async with following(released, "mall") as news:
        await released.produce(application_accepted(item["item_id"]), ruling(item["item_id"], "withdrawn"))
        event = await news("withdrawn")

    assert event["item_id"] == item["item_id"]
    page = await released.public.get(f"/items/{item['item_id']}", headers=HTML)
    assert page.status_code == 410
    assert item["operator"]["name"] not in page.text
    assert (await released.gone(f"/api/items/{item['item_id']}"))["state"] == "withdrawn"
    feed = (await released.public.get("/feeds/basic.atom")).text
    assert "deleted-entry" in feed
    assert item["operator"]["name"] not in feed
    assert await find_differences(released) == []


async def test_a_correction_shows_the_old_value_and_the_new(released):
    item = next(i for i in await released.items() if i["content"]["complaints"] == 64)
    await released.produce(figure(0, 66, version=2, was=64))
    await released.release_all()

    corrected = await released.json(f"/api/items/{item['item_id']}")
    assert (corrected["state"], corrected["version"], len(corrected["versions"])) == ("corrected", 2, 2)
    page = (await released.public.get(f"/items/{item['item_id']}", headers=HTML)).text
    assert re.search(r"<del>.*64.*</del>", page)


async def test_a_screen_that_reconnects_receives_the_releases_it_missed(month):
    items = await month.items()
    seqs = sorted(i["release_seq"] for i in items)

    async with following(month, "mall", {"last-event-id": str(seqs[0])}) as news:
        missed = [await news("released"), await news("released")]

    assert [m["seq"] for m in missed] == seqs[1:]


async def test_a_screen_acknowledges_with_its_lease_only(month):
    item = (await month.items())[0]
    page = (await month.player.get("/screens/mall", headers=HTML)).text
    lease = re.search(r'data-lease="([^"]+)"', page)[1]
    shown = [{"item_id": item["item_id"], "version": 1, "shown_at": datetime.now(UTC).isoformat()}]

    forged = await month.public.post("/screens/mall/acks", json={"lease": lease[:-2] + "xx", "shown": shown})
    other = await month.public.post("/screens/other/acks", json={"lease": lease, "shown": shown})
    right = await month.public.post("/screens/mall/acks", json={"lease": lease, "shown": shown})

    assert (forged.status_code, other.status_code, right.status_code) == (403, 403, 204)
    async with month.database.snapshot() as connection:
        assert await screens.count_acknowledgements(connection, [(item["item_id"], 1)]) == {(item["item_id"], 1): 1}


async def test_an_unknown_screen_shows_nothing(month):
    response = await month.public.get("/screens/nobody", headers=HTML)

    assert response.status_code == 404
    assert "12315" in response.text
    assert "data-view" not in response.text


async def test_a_decision_on_changed_content_answers_409(publisher):
    await publisher.produce(figure(0, 12), month_closed(1, 12))
    async with publisher.person("zhou") as first, publisher.person("he") as second:
        page = await wait_until("a draft", lambda: publisher.fetch_containing(first, "/desk", 'name="seen"'))
        seen = re.findall(r'name="seen" value="([^"]+)"', page)
        form = {"item": [s.split("=")[0] for s in seen], "seen": seen}

        assert (await first.post("/desk/approve", data=form)).status_code == 200
        late = await second.post("/desk/approve", data=form)

    assert late.status_code == 409
    assert "他人已处理" in late.text


async def test_the_desk_is_for_those_whose_step_it_is(month):
    assert (await month.public.get("/desk", headers=HTML)).status_code == 303
    async with month.person("wu") as gatekeeper:
        assert (await gatekeeper.post("/desk/approve", data={"item": "x", "seen": "x=y"})).status_code == 403
    async with month.person("zhou") as reviewer:
        assert (await reviewer.post("/desk/release", data={"item": "x", "seen": "x=y"})).status_code == 403


async def test_a_draft_is_returned_with_a_reason_and_a_withdrawal_takes_two(released):
    item = (await released.items())[0]
    async with released.person("zhou") as reviewer, released.person("wu") as gatekeeper:
        detail = f"/desk/items/{item['item_id']}"
        assert (await reviewer.get(detail + "?dialog=withdraw")).status_code == 200
        nothing = await reviewer.post(detail + "/withdraw", data={"version": 1, "code": "W01", "note": ""})
        assert nothing.status_code == 422
        form = {"version": 1, "code": "W01", "note": "与事实不符"}
        assert (await reviewer.post(detail + "/withdraw", data=form)).status_code == 200
        assert (await released.json(f"/api/items/{item['item_id']}"))["state"] == "released"

        dialog = (await gatekeeper.get(f"/desk/approved?item={item['item_id']}")).text
        seen = re.findall(r'name="seen" value="([^"]+)"', dialog)
        await gatekeeper.post("/desk/release", data={"item": item["item_id"], "seen": seen, "checked": "yes"})

    assert (await released.gone(f"/api/items/{item['item_id']}"))["state"] == "withdrawn"


async def test_a_major_complaint_of_the_topic_waits_at_the_desk(publisher):
    await publisher.produce(complaint(2, amount="12.00"), complaint(1))

    async with publisher.person("zhou") as reviewer:
        page = await wait_until("the draft", lambda: publisher.fetch_containing(reviewer, "/desk?board=major", "健身卡"))

    assert page.count('class="q-title"') == 1


async def test_what_a_source_takes_back_is_first_at_the_desk_and_goes_through_its_forms(released):
    await released.produce(complaint(1))
    await released.release_all()
    (item,) = await released.items("major")
    await released.produce(figure(1, 44, version=2, was=41))
    await released.produce(complaint(1, revision=2, kind="tip_off"))

    async with released.person("zhou") as reviewer:
        await wait_until("the figure", lambda: released.fetch_containing(reviewer, "/desk", NAMES[1]))
        page = await wait_until("the withdrawal", lambda: released.fetch_containing(reviewer, "/desk", "撤回：健身卡"))
        assert page.index("撤回：健身卡") < page.index(NAMES[1])
        assert page.count(">紧急</span>") == 1
        detail = (await reviewer.get(f"/desk/items/{item['item_id']}")).text
        assert "紧急" in detail
    await released.release_all()

    gone = await released.public.get(f"/items/{item['item_id']}", headers=HTML)
    assert gone.status_code == 410
    assert "经审核岗和归口把关单位确认后撤回" in gone.text
    assert await find_differences(released) == []


async def test_a_complaint_opened_again_says_so_on_its_page_and_its_trace_is_open(released):
    await released.produce(complaint(1))
    await released.release_all()
    (item,) = await released.items("major")
    path = f"/items/{item['item_id']}"
    assert "办结" in (await released.public.get(path, headers=HTML)).text

    await released.produce(complaint(1, revision=2, status="mediating", outcome=None, recovered=None))
    await released.release_all()

    page = (await released.public.get(path, headers=HTML)).text
    trace = page[page.index("处理过程") :]
    assert "投诉已重新处理，此前公示的处理结果不再有效。" in page
    assert "办结" not in trace
    assert "更正，发布第2版" in trace


async def test_a_mirror_follows_by_since(released):
    mirror = {}
    await released.produce(ruling((await released.items())[0]["item_id"], "withdrawn"))
    await wait_until("the withdrawal", lambda: _withdrawn(released))
    path = "/api/items?since=0&limit=2"
    while path:
        answer = await released.json(path)
        mirror |= {i["item_id"]: i for i in answer["items"]}
        path = f"/api/items?cursor={answer['next_cursor']}&limit=2" if answer["next_cursor"] else None

    assert sorted(i["state"] for i in mirror.values()) == ["released", "released", "withdrawn"]


async def test_an_unchanged_feed_is_not_sent_again(month):
    first = await month.public.get("/feeds/basic.atom")
    again = await month.public.get("/feeds/basic.atom", headers={"if-none-match": first.headers["etag"]})

    assert again.status_code == 304


async def _of_length(pending, length):
    found = await pending
    return found if len(found) >= length else None


async def _held(publisher, month):
    async with publisher.database.snapshot() as connection:
        return await connection.fetchval("SELECT count(*) FROM publisher.figures WHERE period = $1", month)


async def _withdrawn(publisher):
    return [i for i in (await publisher.json("/api/items?since=0"))["items"] if i["state"] == "withdrawn"]


@asynccontextmanager
async def following(publisher, screen, headers=None):
    """Follow a screen's events; the value waits for the next event of a name."""
    async with httpx2.AsyncClient(base_url=publisher.url, timeout=60, cookies={COOKIE: SECRET}) as client:
        seq = (await publisher.json("/api/items"))["release_seq"]
        async with client.stream("GET", f"/screens/{screen}/events?after={seq}", headers=headers or {}) as response:
            lines = response.aiter_lines()

            async def event(name):
                number, kind = None, None
                async for line in lines:
                    field, _, value = line.partition(": ")
                    number = int(value) if field == "id" else number
                    kind = value if field == "event" else kind
                    if field == "data" and kind == name:
                        return {**orjson.loads(value), "seq": number}
                raise AssertionError(f"the stream ended before {name}")

            await event("lease")
            yield event


async def test_a_cached_page_is_rendered_anew_after_a_release_or_an_application(released):
    item = next(i for i in await released.items() if i["content"]["complaints"] == 64)
    path = f"/items/{item['item_id']}"
    first = await released.public.get(path, headers=HTML)
    assert first.text == (await released.public.get(path, headers=HTML)).text
    assert "复核中" not in first.text

    await released.produce(application_accepted(item["item_id"]))

    await wait_until("the mark of a review", lambda: released.fetch_containing(released.public, path, "复核中"))
    english = await released.public.get(path, params={"lang": "en"}, headers=HTML)
    assert "Under review" in english.text


async def test_a_board_is_paged_forth_and_back(publisher):
    await publisher.produce(*(figure(i, 3 + i) for i in range(45)), month_closed(45, sum(3 + i for i in range(45))))
    async with publisher.person("zhou") as reviewer:
        await wait_until("all drafts", lambda: publisher.fetch_containing(reviewer, "/desk", "45</span>"))
    await publisher.release_all()

    async def page(path):
        text = (await publisher.public.get(path, headers=HTML)).text
        links = dict(re.findall(r'<a href="([^"]+)" rel="(prev|next)"', text))
        return re.findall(r'/items/(GS-[0-9-]+)"><span', text), {rel: unescape(url) for url, rel in links.items()}

    first, onward = await page("/boards/basic")
    second, both = await page(onward["next"])
    third, back = await page(both["next"])

    assert [len(set(first)), len(set(second)), len(set(third))] == [20, 20, 5]
    assert not set(first) & set(second)
    assert (await page(back["prev"]))[0] == second
    assert (await page(both["prev"]))[0] == first


@pytest.mark.parametrize(
    ("name", "wanted", "shown"),
    [("zhou", "/desk", "/desk"), ("wu", "/desk", "/desk/approved"), ("wu", "/desk/changes", "/desk/changes")],
)
async def test_signing_in_leads_where_a_person_was_going_or_else_to_the_work_of_the_role(month, name, wanted, shown):
    form = {"name": name, "password": "a long password", "next": wanted}

    async with httpx2.AsyncClient(base_url=month.url, headers={**HTML, **SITE}, timeout=60) as client:
        answer = await client.post("/desk/sign-in", data=form)

    assert (answer.status_code, answer.headers["location"]) == (303, shown)


async def test_a_running_month_is_refused_at_the_desk_with_the_day_from_which_it_can_be_drafted(month):
    async with month.person("zhou") as reviewer:
        running = await reviewer.post("/desk/months", data={"month": f"{now():%Y-%m}"}, headers={**HTML, **SITE})
        invented = await reviewer.post("/desk/months", data={"month": "1999-01"}, headers={**HTML, **SITE})

    assert (running.status_code, invented.status_code) == (422, 422)
    assert re.search(r"的统计尚未完成，\d+年\d+月\d+日起可以起草。", running.text)
    assert "1999年1月没有已完成统计的数据，不能起草。" in invented.text
