"""A publisher with a released month for all tests of screens, a Chromium, and its database behind a relay."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright
from pydantic import SecretStr

from deploy.browser import find
from services.publisher.web.screens import events, page
from services.publisher.web.screens.lease import issue_lease
from services.publisher.web.screens.player import COOKIE
from tests.integration.conftest import fresh_system
from tests.integration.publisher.running_publisher import SECRET, release_month, run_publisher
from tests.integration.publisher.screens.panel import FULL_HD, Panel
from tests.integration.publisher.screens.relay import Relay


@asynccontextmanager
async def run_city(engines, template, home):
    """Run a publisher with a released month; its database is reached through `city.database_relay`."""
    async with fresh_system(engines, template, home) as settings:
        parts = urlsplit(settings.database_url.get_secret_value())
        relay = Relay(parts.hostname, parts.port)
        await relay.open()
        netloc = parts.netloc.rpartition(":")[0] + f":{relay.port}"
        url = SecretStr(parts._replace(netloc=netloc).geturl())
        async with run_publisher(settings.model_copy(update={"database_url": url})) as publisher:
            await release_month(publisher)
            publisher.database_relay = relay
            yield publisher
        await relay.close()


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def city(engines, template, tmp_path_factory):
    async with run_city(engines, template, tmp_path_factory.mktemp("screens")) as city:
        yield city


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def browser():
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=find(), args=["--no-sandbox"])
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def new_panel(browser, city):
    """Make a panel that is not opened yet; options are those of a browser context."""
    contexts = []

    async def make(screen="mall", *, context=None, is_paired=True, **options):
        if context is None:
            context = await browser.new_context(**{"viewport": FULL_HD, "locale": "zh-CN", **options})
            contexts.append(context)
        if is_paired:
            await context.add_cookies([{"name": COOKIE, "value": SECRET, "url": f"{city.url}/screens/mall"}])
        return Panel(await context.new_page(), f"{city.url}/screens/{screen}")

    yield make
    for context in contexts:
        await context.unroute_all(behavior="ignoreErrors")
        await context.close()


@pytest.fixture
def short_lease(monkeypatch):
    """Set the seconds of every lease, and of the refresh of a page without a script."""

    def shorten(seconds, refresh_s):
        def issue(*arguments):
            lease = issue_lease(*arguments)
            return replace(lease, until=lease.issued_at + timedelta(seconds=seconds), seconds=seconds)

        monkeypatch.setattr(page, "REFRESH_S", refresh_s)
        for module in (page, events):
            monkeypatch.setattr(module, "issue_lease", issue)

    return shorten
