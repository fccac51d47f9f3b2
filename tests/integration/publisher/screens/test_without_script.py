"""A player whose engine cannot run the script: the page lives by refreshes, and its style sheet covers it at the end of the lease."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.integration.probes import wait_until
from tests.integration.publisher.screens.panel import PAGE, SCRIPTS

FRAME = "<!doctype html><title>around</title><body style='margin: 0'><iframe src='{}' width=1920 height=1080></iframe>"
COVER = """() => {
  const page = document.querySelector("iframe").contentDocument;
  const cover = page.querySelector(".sc-lapse");
  return cover && [page.defaultView.getComputedStyle(cover).visibility, cover.offsetWidth, cover.offsetHeight, cover.textContent];
}"""

# What engines before Chromium 75 and 80 make of numeric separators and of optional chaining.
UNPARSABLE = "const STEP_MS = 15_000; document?.body ?? (;"


@pytest.fixture(params=["script off", "script does not parse", "script does not load", "script fails at once"])
async def panel(request, new_panel, short_lease):
    """A panel without a working script; its leases last 6 seconds, it refreshes itself every 2."""
    short_lease(6, refresh_s=2)
    panel = await new_panel(java_script_enabled=request.param != "script off")
    if request.param == "script does not parse":
        await panel.page.route(SCRIPTS, lambda route: route.fulfill(content_type="text/javascript", body=UNPARSABLE))
    elif request.param == "script does not load":
        await panel.page.route(SCRIPTS, lambda route: route.abort())
    elif request.param == "script fails at once":
        await panel.page.add_init_script("delete Intl.DateTimeFormat")
    return panel


async def test_the_page_is_fetched_anew_before_its_lease_expires(panel):
    await panel.open()

    async def fetched_anew():
        return panel.requests["page"] >= 4

    await wait_until("four pages", fetched_anew)
    await expect(panel.items.first).to_be_visible()


async def test_while_the_server_hangs_the_page_is_covered_at_the_end_of_its_lease(panel, city):
    # Seen from a page around it: what asks a page whose navigation never ends waits for that navigation.
    around = f"{city.url}/around"
    await panel.page.route(around, lambda route: route.fulfill(content_type="text/html", body=FRAME.format(panel.url)))
    await panel.page.goto(around)
    await expect(panel.page.frame_locator("iframe").locator("[data-item]:visible").first).to_be_visible()
    await panel.hold(PAGE)

    async def covered():
        visibility, *rest = await panel.page.evaluate(COVER) or ["loading"]
        return visibility == "visible" and rest

    width, height, text = await wait_until("the cover", covered)

    assert (width, height) == (1920, 1080)
    assert "12315" in text
    assert panel.open_requests["page"] == 1
