"""The wall of all screens: who has not taken down what was withdrawn stands first; what a screen showed is proved by its record."""

from __future__ import annotations

import pytest

from services.publisher.store import screen_wall
from tests.integration.publisher.running_publisher import HTML
from tests.integration.publisher.test_recalls import show
from tests.integration.publisher.test_webhooks import release_month, withdraw

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_what_is_not_taken_down_stands_first_and_each_display_is_recorded(desk):
    first, second = await release_month(desk, 9, 7)
    await show(desk, "a", second.item_id, 1)
    await show(desk, "b", first.item_id, 1)
    await withdraw(desk, first.item_id)

    async with desk.database.snapshot() as connection:
        wall = await screen_wall.fetch_wall(connection)
    assert [(screen.screen_id, screen.missing) for screen in wall] == [("b", 1), ("a", 0)]

    await show(desk, "b", first.item_id, 2)
    async with desk.database.snapshot() as connection:
        wall = await screen_wall.fetch_wall(connection)
        displays = await screen_wall.fetch_displays(connection, "b", 10)
    assert {screen.missing for screen in wall} == {0}
    assert [(each.version, each.is_withdrawal) for each in displays] == [(2, True), (1, False)]


async def test_pages_for_who_runs_the_screens(month):
    async with month.person("wu") as keeper:
        wall = await keeper.get("/desk/screens/wall")
        displays = await keeper.get("/desk/screens/mall/shown")
        none = await keeper.get("/desk/screens/none/shown")

    assert "云湖天地购物中心" in wall.text
    assert (displays.status_code, none.status_code) == (200, 404)
    assert (await month.public.get("/desk/screens/wall", headers=HTML)).status_code in {303, 401}
