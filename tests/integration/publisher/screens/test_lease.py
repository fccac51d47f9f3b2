"""Whatever a player's clocks, standby and network do: nothing stands longer than the lease, and a lease that holds is not lost."""

from __future__ import annotations

import asyncio
import time

import pytest
from playwright.async_api import expect

from tests.integration.probes import wait_until
from tests.integration.publisher.screens.panel import EVENTS, PAGE

LEASE_S = 4 * 3600
STANDSTILL_LEASE_S = 3
# A wall clock that can be set; the monotonic one runs on, as in standby of many systems.
SETTABLE_WALL = """
  window.aheadMs = 0;
  const now = Date.now.bind(Date);
  Date.now = () => now() + window.aheadMs;
"""


@pytest.fixture
async def panel(new_panel):
    """A panel with a clock that tests move on."""
    panel = await new_panel()
    await panel.page.clock.install()
    await panel.open()
    await expect(panel.items.first).to_be_visible()
    return panel


async def test_a_screen_without_a_server_blanks_at_the_end_of_its_lease_and_not_before(panel):
    await panel.page.route(PAGE, lambda route: route.abort())
    await panel.page.route(EVENTS, lambda route: route.abort())

    await panel.page.clock.fast_forward((LEASE_S - 600) * 1000)
    await panel.pass_time(2)
    assert await panel.items.count() == 3
    await panel.page.clock.fast_forward(700 * 1000)

    await panel.is_blank()
    assert "云州锦程" not in await panel.page.content()


async def test_a_blank_screen_shows_items_again_as_soon_as_its_page_can_be_fetched(panel):
    await panel.page.route(PAGE, lambda route: route.abort())
    await panel.page.route(EVENTS, lambda route: route.abort())
    await panel.page.clock.fast_forward((LEASE_S + 100) * 1000)
    await panel.is_blank()

    await panel.allow(PAGE)
    await panel.pass_time(40)

    await expect(panel.items).to_have_count(3)
    await expect(panel.page.locator("header")).to_be_visible()
    await expect(panel.page.locator(".screen-over")).to_have_count(0)


async def test_the_lease_of_a_page_counts_from_when_the_page_was_asked_for(new_panel):
    panel = await new_panel()
    await panel.open()
    await expect(panel.items).to_have_count(3)

    expires_ms = await panel.page.evaluate("gongshiScreen.running.lease.expiresAt")

    assert expires_ms <= LEASE_S * 1000 < expires_ms + 1


async def test_a_player_that_wakes_up_after_its_lease_shows_nothing_of_it(new_panel):
    panel = await new_panel()
    await panel.page.add_init_script(SETTABLE_WALL)
    await panel.open()
    await expect(panel.items).to_have_count(3)
    await panel.hold(PAGE)
    await panel.page.context.set_offline(True)

    await panel.page.evaluate(f"window.aheadMs = {LEASE_S + 60} * 1000")

    await panel.is_blank()


@pytest.mark.parametrize("ahead_s", [-365 * 86400, -600, 3600])
async def test_a_wall_clock_that_is_set_does_not_blank_a_screen_within_its_lease(new_panel, ahead_s):
    panel = await new_panel()
    await panel.page.add_init_script(SETTABLE_WALL)
    await panel.open()
    await expect(panel.items).to_have_count(3)
    blanks = await panel.page.evaluate_handle(
        "() => { const seen = { blanks: 0 }; new MutationObserver(() => { seen.blanks += document.body.matches('.screen-over') })"
        ".observe(document.body, { attributes: true }); return seen }"
    )
    seconds = await panel.page.evaluate_handle(
        "() => { const seen = {}; setTimeout(() => { seen.done = true }, 2500); return seen }"
    )

    await panel.page.evaluate(f"window.aheadMs = {ahead_s} * 1000")

    async def ticked():
        return await seconds.evaluate("seen => seen.done === true")

    await wait_until("two ticks", ticked)
    assert await blanks.evaluate("seen => seen.blanks") == 0
    await expect(panel.items).to_have_count(3)


async def test_the_time_on_a_screen_is_the_servers_whatever_the_players_clock_says(new_panel, city):
    right, wrong = await new_panel(), await new_panel()
    await wrong.page.clock.install(time="2009-01-01T03:00:00Z")
    for panel in (right, wrong):
        await panel.open()

    async def equal():
        times = [await panel.page.locator("[data-clock]").inner_text() for panel in (right, wrong)]
        return times[0] == times[1]

    await wait_until("the same time on both", equal)
    await expect(wrong.items).to_have_count(3)


LEASE_RULES = """(held_s) => {
  const lease = new gongshiScreen.Lease();
  const server = Date.parse("2026-10-09T02:00:00Z");
  const iso = (seconds) => new Date(server + seconds * 1000).toISOString();
  lease.renew({ token: "first", seconds: 60, now: iso(0) }, 0);
  const issuedAt = lease.renewFromEvent({ token: "second", seconds: 60, now: iso(30) }, (30 + held_s) * 1000);
  return [issuedAt / 1000, lease.expiresAt / 1000, lease.token];
}"""


@pytest.mark.parametrize("held_s", [0, 20, 3000])
async def test_a_lease_event_that_was_held_back_counts_from_when_it_was_issued(panel, held_s):
    assert await panel.page.evaluate(LEASE_RULES, held_s) == [30, 90, "second"]


async def test_an_older_lease_never_shortens_a_newer_one(panel):
    result = await panel.page.evaluate("""() => {
      const lease = new gongshiScreen.Lease();
      lease.renew({ token: "page", seconds: 60, now: "2026-10-09T02:00:00Z" }, 5000);
      lease.renewFromEvent({ token: "clock of the server set back", seconds: 60, now: "2026-10-09T01:00:00Z" }, 9000);
      return [lease.expiresAt, lease.token];
    }""")

    assert result == [65_000, "page"]


async def test_a_lease_never_lasts_longer_than_its_seconds_from_when_it_came(panel):
    result = await panel.page.evaluate("""() => {
      const lease = new gongshiScreen.Lease();
      lease.renew({ token: "page", seconds: 60, now: "2026-10-09T02:00:00Z" }, 0);
      lease.renewFromEvent({ token: "clock of the server set forward", seconds: 60, now: "2026-10-09T09:00:00Z" }, 10000);
      return lease.expiresAt;
    }""")

    assert result == 70_000


async def test_a_tab_whose_script_stood_still_past_its_lease_shows_nothing_of_it_when_it_goes_on(new_panel, short_lease):
    short_lease(STANDSTILL_LEASE_S, 3600)
    panel = await new_panel()
    await panel.open()
    await expect(panel.items).to_have_count(3)
    loaded = time.monotonic()
    await panel.hold(PAGE)
    await panel.page.context.set_offline(True)
    tab, stands_still = await panel.page.context.new_cdp_session(panel.page), asyncio.Event()
    tab.on("Debugger.paused", lambda _: stands_still.set())
    await tab.send("Debugger.enable")
    await tab.send("Debugger.pause")
    await stands_still.wait()

    async def is_over():
        return time.monotonic() > loaded + STANDSTILL_LEASE_S

    await wait_until("the end of the lease", is_over)
    await tab.send("Debugger.resume")

    await panel.is_blank()
