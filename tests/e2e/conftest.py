"""A real Chromium for the page tests: a page that reports its own faults, pictures of it, and its accessibility."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright

from deploy.browser import provide
from tests.e2e.looks import DESKTOP, Look

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
# A 410 or 404 that a test asks for is written to the console too; a broken rule of the page's own policy never may be.
FAULTY_CONSOLE = ("Content Security Policy", "Uncaught", "SyntaxError")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for all page tests."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=provide(), args=list(SWITCHES))
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A page of a fresh visitor in Hangzhou; the test fails when a script or the content policy complains."""
    context = await browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", viewport=DESKTOP)
    page = await context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.extend(faults_of(message)))
    yield page
    await context.close()
    assert faults == []


def faults_of(message: ConsoleMessage) -> list[str]:
    """Return what a console message says of a fault of the page itself."""
    return [message.text] if any(mark in message.text for mark in FAULTY_CONSOLE) else []


@pytest.fixture(scope="session")
def look(tmp_path_factory: pytest.TempPathFactory) -> Look:
    """Take pictures: `await look(page, "portal")`."""
    return Look(tmp_path_factory.mktemp("look"))
