"""A trace follows an item to the one that was drafted in its place, and back."""

from __future__ import annotations

import pytest

from services.publisher.store import trace
from tests.integration.publisher.events import complaint, operator

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_an_item_and_the_one_in_its_place_are_found_by_each_number(desk):
    first = complaint(1)
    await desk.apply(first)
    (item,) = await desk.review_and_release("major")
    await desk.apply(complaint(1, revision=2, operator=operator(1)))
    later = next(row["item_id"] for row in await desk.open_versions("major") if row["item_id"] != item.item_id)

    async with desk.database.snapshot() as connection:
        found = [
            await trace.find_items(connection, *numbers)
            for numbers in ((item.item_id, [], []), (later, [], []), ("", [str(first.complaint_id)], []))
        ]

    for items in found:
        assert {each.item_id for each in items} == {item.item_id, later}
        assert {each.key for each in items} == {str(first.complaint_id)}
