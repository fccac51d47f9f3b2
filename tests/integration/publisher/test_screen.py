"""A display screen in a real browser: it shows releases and recalls at once, acknowledges them, and blanks when its lease expires."""

from __future__ import annotations

import re

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright, expect

from deploy.browser import find
from services.publisher.store import screens
from services.publisher.web.screens.player import COOKIE
from tests.integration.probes import wait_until
from tests.integration.publisher.events import complaint, ruling
from tests.integration.publisher.running_publisher import SECRET

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAST_THE_LEASE = "04:00:30"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def chromium():
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=find(), args=["--no-sandbox"])
        yield chromium
        await chromium.close()


@pytest.fixture
async def browser(chromium):
    """A browser whose windows are closed after the test."""
    yield chromium
    for context in chromium.contexts:
        await context.close()


async def new_player(browser, publisher):
    """A page of a browser that has the secret of the screen."""
    page = await browser.new_page(viewport={"width": 1920, "height": 1080}, locale="zh-CN")
    await page.context.add_cookies([{"name": COOKIE, "value": SECRET, "url": f"{publisher.url}/screens/mall"}])
    return page


@pytest.fixture
async def panel(browser, released):
    """A landscape panel that shows the released month."""
    page = await new_player(browser, released)
    async with page.expect_request(lambda request: "/events" in request.url):
        await page.goto(f"{released.url}/screens/mall")
    await expect(page.locator("[data-view]:visible [data-item]")).to_have_count(3)
    return page


async def test_a_screen_does_not_scroll(panel):
    for selector in ("html", "body", "main"):
        overflow = await panel.evaluate(
            "s => { const e = document.querySelector(s); return [e.scrollWidth - e.clientWidth, e.scrollHeight - e.clientHeight] }",
            selector,
        )
        assert max(overflow) <= 1, selector


async def test_a_release_appears_at_once_and_a_recall_removes_it(panel, released):
    await released.produce(complaint(1))
    await released.release_all()
    card = panel.locator("[data-view]:visible article")
    await expect(card).to_contain_text("健身卡")
    (item,) = await released.items("major")

    await released.produce(ruling(item["item_id"], "withdrawn", 7))

    await expect(panel.locator(f'[data-item="{item["item_id"]}"]')).to_have_count(0)
    await expect(panel.locator("[data-view]:visible [data-item]").first).to_be_visible()


async def test_a_screen_acknowledges_every_version_it_has_shown(panel, released):
    wanted = [(i["item_id"], 1) for i in await released.items()]

    async def all_acknowledged():
        async with released.database.snapshot() as connection:
            return set((await screens.count_acknowledgements(connection, wanted)).values()) == {1}

    await wait_until("three acknowledgements", all_acknowledged)
    assert not panel.is_closed()


async def test_a_screen_with_an_expired_lease_shows_the_bureau_and_nothing_else(browser, released):
    page = await new_player(browser, released)
    await page.clock.install()
    await page.route(re.compile("/events"), lambda route: route.abort())
    await page.goto(f"{released.url}/screens/mall")
    await expect(page.locator("[data-view]:visible")).to_have_count(1)
    # A blank screen fetches its page at once; one that it got would fill it again.
    await page.route(re.compile("/screens/mall"), lambda route: route.abort())

    await page.clock.fast_forward(PAST_THE_LEASE)

    await expect(page.locator("body")).to_contain_text("12315")
    await expect(page.locator("[data-item]")).to_have_count(0)
    assert "云州锦程" not in await page.content()


async def test_without_script_a_screen_advances_its_pages_by_refresh(browser, released):
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{released.url}/screens/mall?orientation=portrait")

    assert 'http-equiv="refresh"' in await page.content()
    await expect(page.locator("table")).to_be_visible()
