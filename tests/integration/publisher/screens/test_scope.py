"""A screen shows the items that it is registered for, warnings before everything, and a new page when the day of the bureau ends."""

from __future__ import annotations

import re
from contextlib import asynccontextmanager

import asyncpg
import pytest
from playwright.async_api import expect

from services.publisher import desk_drafts, releasing
from services.publisher.kinds import KINDS
from services.publisher.store import screens
from services.publisher.store.screens import Screen
from tests.integration.probes import wait_until
from tests.integration.publisher.conftest import Desk
from tests.integration.publisher.events import NAMES, uscc
from tests.integration.publisher.running_publisher import HTML
from tests.integration.publisher.screens.panel import EVENTS
from tests.integration.publisher.screens.test_stream import RECALL_S, release, withdraw
from tests.unit.publisher.test_kinds import typed

WARNING = KINDS["consumer_warning"]


@asynccontextmanager
async def open_desk(city):
    owner = await asyncpg.connect(city.settings.database_url.get_secret_value())
    yield Desk(city.database, city.app.state.bureau, owner, city.app.state.name_search)
    await owner.close()


@pytest.fixture
async def warn(city):
    """Release a warning; in the end it is withdrawn, since it would stand in front of what other tests release."""
    released = []

    async def release_warning():
        async with open_desk(city) as desk:
            form = desk_drafts.to_form(WARNING, WARNING.read(typed(WARNING)), None)
            async with city.database.unit_of_work() as uow:
                item_id = await desk_drafts.create(uow, desk.bureau, "sun", WARNING, form)
            await desk.review_and_release("warnings")
        released.append(item_id)
        return item_id

    yield release_warning
    async with open_desk(city) as desk:
        for item_id in released:
            async with city.database.unit_of_work() as uow:
                await releasing.propose_withdrawal(uow, desk.bureau, "zhou", item_id, 1, "W01", "试验结束")
        await desk.release(await desk.seen("warnings"))


async def register(city, screen):
    async with city.database.unit_of_work() as uow:
        await screens.register_screen(uow.connection, screen)


async def test_a_screen_of_a_mall_shows_its_operators_their_totals_and_no_one_elses_news(city):
    await register(city, Screen("tenants", "云湖天地购物中心", None, is_open=True, spot="一层", operators=[uscc(1), uscc(2)]))
    before = int(re.search(r'data-seq="(\d+)"', (await city.public.get("/screens/tenants", headers=HTML)).text)[1])
    item_id = await release(city, 70)

    page = (await city.public.get("/screens/tenants", headers=HTML)).text.replace("<wbr>", "")

    assert NAMES[1][2:6] in page
    assert NAMES[0][2:6] not in page
    assert "48<small>" in page, "41 and 7 complaints"
    async with city.public.stream("GET", f"/screens/tenants/events?after={before}") as stream:
        async for line in stream.aiter_lines():
            assert item_id not in line
            if line.startswith("id: ") and int(line[4:]) > before:
                break
    await withdraw(city, item_id)


async def test_a_warning_stands_in_front_at_once_whatever_is_released_after_it(new_panel, city, warn):
    panel = await new_panel()
    await panel.page.clock.install()
    await panel.open()
    await panel.pass_time(2)
    warning = await warn()
    shown = panel.page.locator(f"[data-view]:visible [data-item='{warning}']")
    await expect(shown).to_have_count(1)

    later = await release(city, 71)

    await expect(panel.page.locator(f"[data-item='{later}']")).to_have_count(1)
    await expect(shown).to_have_count(1)
    await panel.pass_time(16)
    await expect(panel.page.locator(f"[data-view]:visible [data-item='{later}']")).to_have_count(1)
    await withdraw(city, later)


async def test_without_a_stream_a_warning_interrupts_with_the_next_page(new_panel, city, warn):
    panel = await new_panel()
    await panel.page.clock.install()
    await panel.hold(EVENTS)
    await panel.open()
    await expect(panel.items.first).to_be_visible()
    warning = await warn()

    await panel.pass_time(RECALL_S)

    await expect(panel.page.locator(f"[data-urgent] [data-item='{warning}']")).to_have_count(1)


async def test_what_left_a_screen_by_a_correction_is_taken_down(new_panel, city):
    panel = await new_panel()
    await panel.page.clock.install()
    await panel.open()
    await expect(panel.items.first).to_be_visible()
    item_id = await panel.items.first.get_attribute("data-item")

    await panel.page.evaluate("id => gongshiScreen.running.receive('left', { item_id: id }, 0)", item_id)

    assert await panel.page.locator(f"[data-item='{item_id}']").count() == 0
    assert await panel.page.evaluate("gongshiScreen.running.refreshAt <= gongshiScreen.running.clock.now()")


async def test_the_page_is_fetched_anew_when_the_day_of_the_bureau_ends(new_panel):
    panel = await new_panel()
    await panel.page.clock.install()
    await panel.open()
    await panel.pass_time(2)
    seconds = "Math.round((gongshiScreen.running.dayEndsAt - gongshiScreen.running.clock.now()) / 1000)"
    hours, minutes = (await panel.page.locator("[data-clock]").text_content()).split(":")
    to_midnight = (24 * 60 - int(hours) * 60 - int(minutes)) * 60
    assert -60 <= await panel.page.evaluate(seconds) - to_midnight <= 60
    before = panel.requests["page"]

    await panel.page.evaluate("gongshiScreen.running.dayEndsAt = gongshiScreen.running.clock.now()")
    await panel.pass_time(2)

    await wait_until("the page of the new day", lambda: panel.page.evaluate(f"{seconds} > 0"))
    assert panel.requests["page"] == before + 1
