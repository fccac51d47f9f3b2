"""The record and the topic: nothing differs where all is well, and each kind of tampering is found, the negative control."""

from __future__ import annotations

from uuid import uuid4

import asyncpg
import pytest

from deploy.erasure import NotWithdrawn, erase
from services.publisher.store.erasure import erase_item
from services.publisher.verification import invariants, journal
from shared import clock
from tests.integration.publisher.events import complaint, figure, ruling

pytestmark = pytest.mark.asyncio(loop_scope="session")

ERASE = "UPDATE publisher.releases SET body = publisher.without_content(body), erased_at = now() WHERE release_seq = 1"
TAMPERING = {
    "a public form edited in the record": "UPDATE publisher.releases SET body = jsonb_set(body, '{title}', '\"x\"')",
    "an approval removed": "DELETE FROM publisher.approvals WHERE step = 'review'",
    "a release approved by nobody": "DELETE FROM publisher.approvals WHERE step = 'release'",
    "a shown form edited": "UPDATE publisher.public_items SET body = jsonb_set(body, '{title}', '\"x\"')",
    "an edit that is called an erasure": "UPDATE publisher.releases SET body = jsonb_set(body, '{title}', '\"x\"'), erased_at = now()"
    " WHERE release_seq = 1",
    "an erasure of what is public": ERASE.replace("release_seq = 1", "release_seq = 2"),
    "a shown item dropped": "DELETE FROM publisher.public_items",
    "a gap in the record": "UPDATE publisher.releases SET release_seq = release_seq + 10 WHERE release_seq = 4",
    "a ruling that was not": "UPDATE publisher.rulings SET decision = 'upheld'",
    "a withdrawal recorded as something else": "UPDATE publisher.releases SET kind = 'released' WHERE kind = 'withdrawn'",
    "a shown item filed under another month": "UPDATE publisher.public_items SET period = '2020-01' WHERE period IS NOT NULL",
    "a shown item found by other words": "UPDATE publisher.public_items SET words = 'x'",
    "a shown item that ends earlier": "UPDATE publisher.public_items SET expires_on = '2020-01-01'",
    "a shown item with another operator": "UPDATE publisher.public_items SET operator_key = 'x' WHERE state <> 'withdrawn'",
    "an operator of another name": "UPDATE publisher.public_operators SET name = 'x'",
    "an operator that no release names": "INSERT INTO publisher.public_operators (key, name) VALUES ('x', 'x')",
    "an operator dropped": "DELETE FROM publisher.public_operators",
}


EDITS_OF_THE_JOURNAL = {
    "an erasure that the journal does not tell of": ERASE,
    "a release that the journal does not tell of": "DELETE FROM publisher.journal WHERE action = 'withdrawn'",
    "a release that is not in the record": "UPDATE publisher.releases SET version = version + 7 WHERE release_seq = 1",
    "a release with other words": "UPDATE publisher.releases SET body = jsonb_set(body, '{title}', '\"x\"') WHERE release_seq = 1",
    "a release by somebody else": "UPDATE publisher.releases SET released_by = 'zhou'",
    "an approval that the journal does not tell of": "UPDATE publisher.journal SET action = 'seen' WHERE action = 'approved'",
    "an approval that is not there": "DELETE FROM publisher.approvals WHERE step = 'review'",
    "an approval of other content": "UPDATE publisher.approvals SET digest = sha256('x') WHERE step = 'review'",
}


@pytest.fixture
async def released(desk):
    """Releases of every kind: first versions, a correction, a withdrawal by ruling."""
    await desk.close_month(12, 5)
    first, _ = await desk.review_and_release()
    await desk.apply(complaint(1))
    await desk.review_and_release("major")
    await desk.apply(ruling(first.item_id, "withdrawn"))
    await desk.apply(figure(0, 14, version=2, was=12))
    await desk.review_and_release()
    return desk


async def test_nothing_differs_after_releases_of_every_kind(released):
    assert await invariants.find_differences(released.database) == []
    async with released.database.snapshot() as connection:
        assert await journal.find_differences(connection) == []


@pytest.mark.parametrize("statement", EDITS_OF_THE_JOURNAL.values(), ids=EDITS_OF_THE_JOURNAL)
async def test_record_and_journal_that_tell_different_things_are_found(released, statement):
    await released.owner.execute("SET session_replication_role = replica")
    await released.owner.execute(statement)

    async with released.database.snapshot() as connection:
        assert await journal.find_differences(connection)


@pytest.mark.parametrize("statement", TAMPERING.values(), ids=TAMPERING)
async def test_tampering_is_found(released, statement):
    await released.owner.execute("SET session_replication_role = replica")
    await released.owner.execute(statement)

    assert await invariants.find_differences(released.database)


async def test_of_an_erased_item_the_digests_are_left_and_verification_knows(released):
    item_id = await released.owner.fetchval("SELECT item_id FROM publisher.releases WHERE kind = 'withdrawn'")
    digests = "SELECT version, digest FROM publisher.{} WHERE item_id = $1 ORDER BY version"
    before = [await released.owner.fetch(digests.format(table), item_id) for table in ("releases", "versions")]
    named = "SELECT body #>> '{operator,name}' FROM publisher.releases WHERE item_id = $1 AND kind = 'released'"
    name = await released.owner.fetchval(named, item_id)

    complaint = uuid4()
    await released.owner.execute(
        "UPDATE publisher.items SET natural_key = $2 WHERE item_id = $1", item_id, f"record/{complaint}"
    )
    await released.owner.execute("INSERT INTO publisher.complaint_texts VALUES ($1, 'title', 'story')", str(complaint))

    versions = await erase(released.owner, item_id, actor="root", reason="个人信息", now=clock.now())
    again = await erase(released.owner, item_id, actor="root", reason="个人信息", now=clock.now())

    assert (versions, again) == ([1], [])
    assert [await released.owner.fetch(digests.format(table), item_id) for table in ("releases", "versions")] == before
    assert await released.owner.fetchval("SELECT count(*) FROM publisher.complaint_texts") == 0
    for table in ("releases", "versions", "public_items"):
        rows = await released.owner.fetch(f"SELECT t::text AS row FROM publisher.{table} AS t WHERE item_id = $1", item_id)
        assert rows
        assert name
        assert not any(name in row["row"] for row in rows), table
    assert await invariants.find_differences(released.database) == []
    async with released.database.snapshot() as connection:
        assert await journal.find_differences(connection) == []


async def test_what_is_public_is_not_erased_and_no_service_erases_anything(released):
    public = await released.owner.fetchval("SELECT item_id FROM publisher.public_items WHERE state <> 'withdrawn' LIMIT 1")
    gone = await released.owner.fetchval("SELECT item_id FROM publisher.public_items WHERE state = 'withdrawn'")

    with pytest.raises(NotWithdrawn):
        await erase(released.owner, public, actor="root", reason="x", now=clock.now())
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with released.database.unit_of_work() as uow:
            await erase_item(uow.connection, gone, clock.now())
    for statement in (
        "UPDATE publisher.versions SET form = publisher.without_content(form), erased_at = now() WHERE item_id = $1",
        "UPDATE publisher.versions SET form = '{}', erased_at = now() WHERE item_id = $1",
    ):
        with pytest.raises(asyncpg.CheckViolationError):
            async with released.database.unit_of_work() as uow:
                await uow.connection.execute(statement, gone)
