"""A real Chromium for the page tests: a page that reports its own faults, pictures of it, and its accessibility."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from deploy.browser import provide
from deploy.demo.stage import Stage
from tests.e2e import city
from tests.e2e.looks import Look
from tests.e2e.visits import Visits

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
        browser = await playwright.chromium.launch(executable_path=provide(), args=list(SWITCHES))
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def visits(browser: Browser) -> AsyncIterator[Visits]:
    """Visitors of this test; it fails when a script or the content policy of one of their pages complains."""
    visits = Visits(browser)
    yield visits
    await visits.close()
    assert visits.faults == []


@pytest_asyncio.fixture(loop_scope="session")
async def page(visits: Visits) -> Page:
    """A page of one visitor."""
    return await visits.page()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    """The city, with everything running."""
    async with city.built(tmp_path_factory.mktemp("city")) as stage:
        yield stage


@pytest.fixture(scope="session")
def look(tmp_path_factory: pytest.TempPathFactory) -> Look:
    """Take pictures: `await look(page, "portal")`."""
    return Look(tmp_path_factory.mktemp("look"))
