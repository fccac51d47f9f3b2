"""What happens to the event stream: held back, refused, starved or flooded, a screen stays current, and its requests stay few."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest
from playwright.async_api import Error, expect

from services.publisher.store import gate, screens
from services.publisher.store.screens import Screen
from services.publisher.web.broadcast import Broadcaster, ScreenEvent
from services.publisher.web.dependencies import create_presenter
from services.publisher.web.screens import events
from services.publisher.web.screens.events import EventStream
from services.publisher.web.screens.player import Player
from tests.integration.probes import wait_until
from tests.integration.publisher.events import complaint, ruling
from tests.integration.publisher.running_publisher import SECRET
from tests.integration.publisher.screens.panel import EVENTS, PAGE

# A recall has to be on every screen within a minute.
RECALL_S = 50


async def release(city, number):
    """Release a major item and return its id."""
    before = {item["item_id"] for item in await city.items("major")}
    await city.produce(complaint(number))
    await city.release_all()
    (item_id,) = {item["item_id"] for item in await city.items("major")} - before
    return item_id


async def withdraw(city, item_id):
    await city.produce(ruling(item_id, "withdrawn", int(item_id.rpartition("-")[2])))

    async def gone():
        return item_id not in {item["item_id"] for item in await city.items("major")}

    await wait_until("the withdrawal", gone)


async def hold_headers(panel, _monkeypatch):
    await panel.hold(EVENTS)


async def refuse(panel, _monkeypatch):
    await panel.page.route(EVENTS, lambda route: route.fulfill(status=403, content_type="text/html", body="not allowed"))


async def hold_body(_panel, monkeypatch):
    """The answer begins, and a scanner waits for its end."""

    async def beginning_only(_stream, _after_seq):
        yield b"retry: 1000\n\n"
        await asyncio.Event().wait()

    monkeypatch.setattr(EventStream, "chunks", beginning_only)


@pytest.mark.parametrize("disturb", [hold_headers, hold_body, refuse])
async def test_without_a_stream_a_screen_fetches_its_page_and_carries_recalls_out(new_panel, city, monkeypatch, disturb):
    panel = await new_panel()
    await panel.page.clock.install()
    await disturb(panel, monkeypatch)
    await panel.open()
    item_id = await release(city, 20 + [hold_headers, hold_body, refuse].index(disturb))
    shown = panel.page.locator(f"[data-item='{item_id}']")
    await panel.pass_time(RECALL_S)
    await expect(shown).to_have_count(1)

    await withdraw(city, item_id)
    await panel.pass_time(RECALL_S)

    await expect(shown).to_have_count(0)
    await expect(panel.page.locator("body.screen-over")).to_have_count(0)

    async def acknowledged():
        await panel.pass_time(2)
        async with city.database.snapshot() as connection:
            return (await screens.count_acknowledgements(connection, [(item_id, 2)]))[item_id, 2]

    assert await wait_until("the acknowledgement of the recall", acknowledged) == 1


async def test_a_stream_that_falls_silent_is_noticed_and_later_opened_again(new_panel, city):
    panel = await new_panel()
    await panel.page.clock.install()
    await panel.open()

    async def live():
        await panel.pass_time(1)
        return await panel.page.evaluate("gongshiScreen.running.stream.isLive()")

    await wait_until("a live stream", live)
    fetched = panel.requests["page"]

    await panel.pass_time(300)

    assert panel.requests["page"] > fetched
    assert panel.requests["events"] > 1
    await wait_until("a live stream again", live)
    assert panel.most_open["events"] == 1


async def test_while_the_server_hangs_a_screen_has_one_request_under_way(new_panel):
    panel = await new_panel()
    await panel.page.clock.install()
    await panel.open()
    await panel.hold(EVENTS)
    await panel.hold(PAGE)
    before = panel.requests["page"]

    for _ in range(10):
        await panel.pass_time(60)

    assert panel.most_open["page"] == 1
    assert 1 <= panel.requests["page"] - before <= 10 * 60 / 15


async def test_seven_windows_of_one_browser_leave_connections_for_pages(new_panel, browser, city):
    context = await browser.new_context(locale="zh-CN")
    await context.clock.install()
    panels = [await new_panel(context=context) for _ in range(7)]
    for panel in panels:
        await panel.open()
        await expect(panel.items.first).to_be_visible()
    item_id = None

    async def streams():
        await panels[0].pass_time(1)
        return sum(panel.open_requests["events"] for panel in panels) == 3

    await wait_until("three streams", streams)
    item_id = await release(city, 30)
    await panels[0].pass_time(RECALL_S)
    for panel in panels:
        await expect(panel.page.locator(f"[data-item='{item_id}']")).to_have_count(1)
    await withdraw(city, item_id)
    await panels[0].pass_time(RECALL_S)
    for panel in panels:
        await expect(panel.page.locator(f"[data-item='{item_id}']")).to_have_count(0)

    await panels.pop(0).page.close()
    await wait_until("another window to take the place", streams)
    await context.close()


async def test_releases_without_end_neither_grow_the_page_nor_put_its_refresh_off(new_panel):
    panel = await new_panel()
    await panel.page.clock.install()
    await panel.open()
    await panel.pass_time(2)
    card = "<div class='sc-item' data-item='GS-X-%d' data-version='1'><article class='sc-card'><h2>x</h2></article></div>"
    before = panel.requests["page"]

    for number in range(60):
        await panel.page.evaluate(
            "release => gongshiScreen.running.receive('released', release)",
            {"item_id": f"GS-X-{number}", "card": card % number},
        )
        await panel.pass_time(1)

    assert await panel.page.locator(".is-news").count() <= 4
    assert panel.requests["page"] > before


async def test_a_page_that_was_under_way_while_a_recall_came_does_not_bring_the_item_back(new_panel, city):
    panel = await new_panel()
    await panel.page.clock.install()
    await panel.open()
    item_id = await release(city, 40)
    shown = panel.page.locator(f"[data-item='{item_id}']")
    await expect(shown).to_have_count(1)
    answered = asyncio.Event()

    async def late(route):
        response = await route.fetch()
        await answered.wait()
        await route.fulfill(response=response)

    await panel.page.route(PAGE, late, times=1)
    await panel.page.evaluate("gongshiScreen.running.refreshSoon(0)")
    await panel.pass_time(2)
    await wait_until("the page under way", lambda: panel.page.evaluate("gongshiScreen.running.sender.request !== null"))
    await withdraw(city, item_id)
    await expect(shown).to_have_count(0)

    answered.set()
    await wait_until("its arrival", lambda: panel.page.evaluate("gongshiScreen.running.sender.request === null"))

    await expect(shown).to_have_count(0)
    await panel.pass_time(2)
    await wait_until("a newer page", lambda: panel.page.evaluate("gongshiScreen.running.refreshAt === Infinity"))


async def test_a_fault_of_the_script_ends_in_a_fresh_page(new_panel):
    panel = await new_panel()
    await panel.page.clock.install()
    await panel.open()
    await expect(panel.items.first).to_be_visible()

    await panel.page.evaluate("gongshiScreen.running.stream = null")
    for _ in range(9):
        # What the timers throw comes out here.
        with suppress(Error):
            await panel.pass_time(10)

    await wait_until("a fresh page", lambda: panel.page.evaluate("gongshiScreen.running.stream !== null"))
    await expect(panel.items.first).to_be_visible()


async def test_pages_that_replace_each_other_are_not_held_in_memory(new_panel):
    panel = await new_panel()
    await panel.page.clock.install()
    await panel.open()
    protocol = await panel.page.context.new_cdp_session(panel.page)
    replace = """async () => {
      const screen = gongshiScreen.running;
      const page = await (await fetch(screen.address)).text();
      for (let round = 0; round < 50; round++) {
        const parsed = new DOMParser().parseFromString(page.replace("sc-views", "sc-views round" + round), "text/html");
        screen.views.replace(parsed, true);
      }
    }"""

    async def nodes():
        await panel.page.evaluate(replace)
        await protocol.send("HeapProfiler.collectGarbage")
        return (await protocol.send("Memory.getDOMCounters"))["nodes"]

    first = await nodes()

    assert await nodes() < first * 1.5


class Unread:
    """A broadcaster that hands an event to its subscriber as soon as the last one was read."""

    def __init__(self):
        self.real = Broadcaster()
        self.is_listening = True
        self.leased = self.real.leased

    def subscribe(self):
        self.subscriber = self.real.subscribe()
        return self.subscriber

    def unsubscribe(self, subscriber):
        self.real.unsubscribe(subscriber)

    async def find_missed(self, *arguments):
        return await self.real.find_missed(*arguments)


@pytest.mark.parametrize(("listening", "expected"), [(True, True), (False, False)])
async def test_a_lease_is_renewed_among_events_without_pause_but_only_while_recalls_can_be_read(
    city, monkeypatch, listening, expected
):
    monkeypatch.setattr(events, "LEASE_RENEWAL_S", 0.1)
    broadcaster = Unread()
    broadcaster.is_listening = listening
    pages = city.app.state.pages
    player = Player(Screen("mall", "商场", None), SECRET, "credential", "", in_address=False)
    stream = EventStream(broadcaster, city.database, city.app.state.bureau, pages, create_presenter(pages, "zh"), player)
    leases, others = 0, 0
    with suppress(TimeoutError):
        async with asyncio.timeout(10):
            async for chunk in stream.chunks(2**62):
                leases += b"event: lease" in chunk
                others += chunk == events.COMMENT
                if leases == 2 or others == 2:
                    break
                broadcaster.subscriber.offer(ScreenEvent(0, None))
                await asyncio.sleep(0)

    assert (leases == 2) is expected
    assert (others == 2) is not expected
    assert broadcaster.leased == {"mall"}, "a screen with a lease was seen"


async def test_what_screens_have_missed_is_read_once_and_nothing_of_more_than_they_are_sent(city, monkeypatch):
    await release(city, 41)
    broadcaster = Broadcaster()
    async with city.database.snapshot() as connection:
        first = await broadcaster.find_missed(connection, 0, 500)
        monkeypatch.setattr(gate, "RELEASES", "SELECT 1 / 0 FROM unnest($1::bigint[])")
        again = await broadcaster.find_missed(connection, 0, 500)
        too_many = await Broadcaster().find_missed(connection, 0, len(first) - 1)

    assert first
    assert again == first
    assert too_many is None
