"""Which versions of an item a replay of the rules looks at."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from services.publisher.store import rule_replay
from tests.integration.publisher.events import complaint

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def decided(desk):
    async with desk.database.snapshot() as connection:
        return [
            (item.state.value, item.ground)
            async for item, _ in rule_replay.iterate_decided_items(connection, date(2026, 1, 1), ZoneInfo("Asia/Shanghai"))
        ]


async def test_a_public_item_is_looked_at_whatever_came_of_its_later_versions(desk):
    await desk.apply(complaint(1))
    await desk.review_and_release("major")
    assert await decided(desk) == [("released", None)]

    await desk.apply(complaint(1, revision=2, recovered="900.00"))
    assert await decided(desk) == [("released", None), ("draft", None)]

    await desk.apply(complaint(1, revision=3))
    assert await decided(desk) == [("released", None)]


async def test_a_decision_not_to_publish_is_looked_at_beside_what_is_public(desk):
    await desk.apply(complaint(1))
    await desk.review_and_release("major")
    await desk.apply(complaint(1, revision=2, recovered="900.00"))
    (seen,) = await desk.seen("major")
    await desk.decline(seen, "N05")

    assert await decided(desk) == [("released", None), ("rejected", "N05")]


async def test_an_item_that_was_never_public_is_looked_at_once(desk):
    await desk.apply(complaint(1))
    (seen,) = await desk.seen("major")
    await desk.decline(seen, "N05")
    await desk.apply(complaint(1, revision=2, recovered="900.00"))

    assert await decided(desk) == [("draft", None)]
