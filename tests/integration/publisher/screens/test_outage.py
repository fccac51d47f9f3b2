"""A screen that is switched on while something is away: a browser does not reload an error page, so the page does it itself."""

from __future__ import annotations

import gc
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from playwright.async_api import expect

from services.publisher.store import screens
from services.publisher.store.screens import Screen
from services.publisher.web.screens import failures
from tests.integration.probes import wait_until
from tests.integration.publisher.screens.conftest import run_city

REFRESH = "meta[http-equiv=refresh]"


# Connections that the database drops are closed by the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def city(engines, template, tmp_path_factory):
    """A publisher for these tests only: what depends on its database is disturbed."""
    async with run_city(engines, template, tmp_path_factory.mktemp("outage")) as city:
        yield city
    gc.collect()


@pytest.fixture(autouse=True)
def quick_retry(monkeypatch):
    monkeypatch.setattr(failures, "RETRY_S", 1)
    monkeypatch.setattr(failures, "PAGE_TIMEOUT_S", 2.0)


@asynccontextmanager
async def database_gone(city):
    await city.database_relay.cut()
    yield
    await city.database_relay.open()


@asynccontextmanager
async def database_hangs(city):
    city.database_relay.freeze()
    yield
    city.database_relay.thaw()


@pytest.mark.parametrize("outage", [database_gone, database_hangs])
async def test_a_screen_opened_while_the_database_is_away_shows_its_items_once_it_is_back(new_panel, city, outage):
    panel = await new_panel()

    async with outage(city):
        response = await panel.page.goto(panel.url)
        status, text = response.status, await panel.page.locator("body").inner_text()

    assert status == 503
    assert "恢复后自动显示" in text
    await expect(panel.items).to_have_count(3, timeout=60_000)


async def test_a_mistyped_id_is_named_and_told_apart_from_an_expired_lease(new_panel, city):
    panel = await new_panel("mal")
    response = await panel.page.goto(panel.url)

    assert response.status == 404
    await expect(panel.page.locator("main")).to_contain_text("没有登记编号为“mal”的公示屏")

    async with city.database.unit_of_work() as uow:
        await screens.register_screen(uow.connection, Screen("mal", "新屏", None))
    await expect(panel.items.first).to_be_visible(timeout=30_000)


@pytest.mark.parametrize("query", ["?orientation=diagonal", "?view=first", "?after=x", "?view=99999999999999999999"])
async def test_a_wrong_parameter_does_not_leave_a_dead_page(new_panel, query):
    panel = await new_panel(f"mall{query}", java_script_enabled=False)
    await panel.page.goto(panel.url)

    assert await panel.page.locator(REFRESH).count() == 1


async def test_a_running_screen_survives_an_outage_and_follows_again(new_panel, city):
    panel = await new_panel()
    await panel.page.clock.install()
    await panel.open()
    await panel.page.evaluate("window.neverReloaded = true")

    async with database_gone(city):
        await panel.pass_time(120)
        await expect(panel.items.first).to_be_visible()

    async def live():
        await panel.pass_time(10)
        return await panel.page.evaluate("gongshiScreen.running.stream.isLive()")

    await wait_until("a live stream", live, within_s=60)
    assert await panel.page.evaluate("window.neverReloaded")
