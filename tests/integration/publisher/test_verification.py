"""`differences` finds nothing where all is well, and finds each kind of tampering: the negative control."""

from __future__ import annotations

import pytest

from services.publisher.verification import differences_held, topic_differences
from tests.integration.publisher.given import complaint, figure, ruling

pytestmark = pytest.mark.asyncio(loop_scope="session")

TAMPERING = {
    "a public form edited in the record": "UPDATE publisher.releases SET body = jsonb_set(body, '{title}', '\"x\"')",
    "an approval removed": "DELETE FROM publisher.approvals WHERE step = 'review'",
    "a release approved by nobody": "DELETE FROM publisher.approvals WHERE step = 'release'",
    "a shown form edited": "UPDATE publisher.public_items SET body = jsonb_set(body, '{title}', '\"x\"')",
    "a shown item dropped": "DELETE FROM publisher.public_items",
    "a gap in the record": "UPDATE publisher.releases SET release_seq = release_seq + 10 WHERE release_seq = 4",
    "a ruling that was not": "UPDATE publisher.rulings SET decision = 'upheld'",
}


@pytest.fixture
async def released(desk):
    """Releases of every kind: first versions, a correction, a withdrawal by ruling."""
    await desk.close_month(12, 5)
    first, _ = await desk.through_the_gate()
    await desk.hear(complaint(1))
    await desk.through_the_gate("major")
    await desk.hear(ruling(first.item_id, "withdrawn"))
    await desk.hear(figure(0, 14, version=2, was=12))
    await desk.through_the_gate()
    return desk


async def test_nothing_differs_after_releases_of_every_kind(released):
    async with released.store.reading() as connection:
        assert await differences_held(connection) == []


@pytest.mark.parametrize("statement", TAMPERING.values(), ids=TAMPERING)
async def test_tampering_is_found(released, statement):
    await released.owner.execute("SET session_replication_role = replica")
    await released.owner.execute(statement)

    async with released.store.reading() as connection:
        assert await differences_held(connection)


def body(item, version, state="released"):
    return {"item_id": item, "version": version, "state": state}


async def test_the_topic_may_repeat_but_not_miss_or_reorder():
    one, two = body("A", 1), body("A", 2, "corrected")
    releases = [("A", one), ("A", two)]

    assert topic_differences(releases, [one, one, two, two]) == []
    assert topic_differences(releases, [one]) == ["A: the topic tells v1 released, released were v1 released, v2 corrected"]
    assert topic_differences(releases, [two, one]) != []
    assert topic_differences([], [one]) == ["A: the topic tells v1 released, released were nothing"]
