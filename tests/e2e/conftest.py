"""A real Chromium for the page tests: a page that reports its own faults, pictures of it, and its accessibility."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright, expect

from deploy.browser import ensure_browser
from deploy.demo.system import DemoSystem
from tests.e2e import city
from tests.e2e.looks import Look
from tests.e2e.visitors import Visitors
from tests.pages import PAGE_TIMEOUT_S

expect.set_options(timeout=PAGE_TIMEOUT_S * 1000)

SWITCHES = (
    "--no-sandbox",  # root has no sandbox, and containers no user namespaces
    "--disable-gpu",
    "--disable-dev-shm-usage",
    # It would look for updates and safe-browsing lists at its maker's.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--force-color-profile=srgb",
)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for all page tests."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=ensure_browser(), args=list(SWITCHES))
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def visitors(browser: Browser) -> AsyncIterator[Visitors]:
    """Visitors of this test; it fails when a script or the content policy of one of their pages complains."""
    visitors = Visitors(browser)
    yield visitors
    await visitors.close()
    assert visitors.faults == []


@pytest_asyncio.fixture(loop_scope="session")
async def page(visitors: Visitors) -> Page:
    """A page of one visitor."""
    return await visitors.page()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[DemoSystem]:
    """The city, with everything running."""
    async with city.build(tmp_path_factory.mktemp("city")) as system:
        yield system


@pytest.fixture(scope="session")
def look(tmp_path_factory: pytest.TempPathFactory) -> Look:
    """Take pictures: `await look(page, "portal")`."""
    return Look(tmp_path_factory.mktemp("look"))
