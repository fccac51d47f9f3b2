"""The gate in the database: nothing becomes public but what the right persons approved, whatever the code does."""

from __future__ import annotations

import asyncpg
import orjson
import pytest

from services.publisher.releasing import ContentChanged
from services.publisher.store import gate
from services.publisher.store.gate import RulesEdited
from services.publisher.store.screens import Screen
from services.publisher.web.screens import MAX_CARDS, fetch_recent_items
from shared.accounts import Role, add_person
from shared.accounts.store import RoleImmutable
from shared.clock import now
from tests.integration.publisher.events import AT, figure, month_closed

ANOTHER_ROLE = "UPDATE accounts.people SET role = 'gatekeeper' WHERE name = 'zhou'"

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_version_approved_by_two_persons_is_released_and_emitted_once(desk):
    await desk.close_month(12)

    items = await desk.review_and_release()

    assert [item.version for item in items] == [1]
    assert [(r["kind"], r["released_by"], r["release_seq"]) for r in await desk.releases()] == [("released", "wu", 1)]
    assert len(await desk.outbox_values()) == 1


async def test_a_release_without_review_is_refused(desk):
    await desk.close_month(12)
    seen = await desk.seen()

    with pytest.raises(ContentChanged):
        await desk.release(seen)

    assert await desk.releases() == []


async def test_even_a_version_marked_as_approved_needs_its_review(desk):
    await desk.close_month(12)
    await desk.owner.execute("UPDATE publisher.versions SET state = 'approved'")
    seen = await desk.seen()

    with pytest.raises(asyncpg.CheckViolationError, match="lacks a review"):
        await desk.release(seen)


@pytest.mark.parametrize("person", ["zhou", "he"])
async def test_a_reviewer_cannot_release(desk, person):
    await desk.close_month(12)
    seen = await desk.seen()
    await desk.review(seen)

    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await desk.release(seen, person)


async def test_a_gatekeeper_cannot_review(desk):
    await desk.close_month(12)

    with pytest.raises(asyncpg.CheckViolationError, match="not for this person"):
        await desk.review(await desk.seen(), "wu")


async def test_an_approval_is_taken_from_the_person_of_the_session_only(desk):
    await desk.close_month(12)
    (draft,) = await desk.seen()
    content = [(draft.item_id, 1, bytes.fromhex(draft.digest))]

    async with desk.database.pool.acquire() as connection:
        for session in (None, "he", "wu"):
            with pytest.raises(asyncpg.CheckViolationError, match="not for this person"):
                async with connection.transaction():
                    if session:
                        await desk.act_as(connection, session)
                    await gate.insert_approvals(
                        connection, content, person="zhou", step="review", at=AT, rules_version="2018-01-01"
                    )


async def test_a_role_cannot_be_changed_and_who_got_another_one_past_that_cannot_take_both_steps(desk):
    await desk.close_month(12)
    seen = await desk.seen()
    await desk.review(seen)
    with pytest.raises(asyncpg.RestrictViolationError):
        await desk.owner.execute(ANOTHER_ROLE)
    await desk.owner.execute(f"SET session_replication_role = replica; {ANOTHER_ROLE}; RESET session_replication_role")

    with pytest.raises(asyncpg.UniqueViolationError):
        await desk.release(seen, "zhou")


async def test_who_drafted_cannot_review(desk):
    await desk.close_month(12)
    await desk.owner.execute("UPDATE publisher.versions SET drafted_by = 'zhou'")

    with pytest.raises(asyncpg.CheckViolationError, match="drafted by the same person"):
        await desk.review(await desk.seen())


async def test_content_that_changed_after_approval_is_refused(desk):
    await desk.close_month(12)
    await desk.review(await desk.seen())
    await desk.owner.execute("""UPDATE publisher.versions SET form = jsonb_set(form, '{title}', '"别的标题"')""")

    with pytest.raises(asyncpg.CheckViolationError, match="lacks a review"):
        await desk.release(await desk.seen())


async def test_a_public_form_that_is_not_the_approved_one_is_refused(desk):
    await desk.close_month(12)
    (version,) = await desk.open_versions()
    await desk.review(await desk.seen())
    async with desk.database.pool.acquire() as connection, connection.transaction():
        contents = [(version["item_id"], 1, version["digest"])]
        await desk.act_as(connection, "wu")
        await gate.insert_approvals(connection, contents, person="wu", step="release", at=AT, rules_version="2018-01-01")
        body = orjson.loads(version["form"])
        body["content"]["complaints"] = 999

        with pytest.raises(asyncpg.CheckViolationError, match="not what was approved"):
            await _insert(connection, version["item_id"], body)


async def test_the_service_itself_cannot_write_past_the_gate(desk):
    await desk.close_month(12)
    (version,) = await desk.open_versions()
    async with desk.database.pool.acquire() as connection:
        with pytest.raises(asyncpg.CheckViolationError, match="not approved"):
            await _insert(connection, version["item_id"], orjson.loads(version["form"]))


@pytest.mark.parametrize("table", ["releases", "approvals", "gate", "journal"])
async def test_the_service_cannot_change_what_is_recorded(desk, table):
    async with desk.database.pool.acquire() as connection:
        for statement in (f"DELETE FROM publisher.{table}", f"TRUNCATE publisher.{table}"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)


async def test_what_has_been_public_cannot_be_rewritten(desk):
    await desk.close_month(12)
    await desk.review_and_release()

    with pytest.raises(asyncpg.CheckViolationError, match="cannot change"):
        await desk.owner.execute("UPDATE publisher.versions SET form = '{}'")


async def test_a_failing_check_stops_the_review(desk):
    nameless = figure(0, 12).operator.model_copy(update={"uscc": None})
    await desk.apply(figure(0, 12).model_copy(update={"operator": nameless}))
    await desk.apply(month_closed(1, 12))

    with pytest.raises(asyncpg.CheckViolationError, match="fails a check"):
        await desk.review(await desk.seen())


async def test_two_releases_of_the_same_version_end_in_one(desk):
    await desk.close_month(12)
    seen = await desk.seen()
    await desk.review(seen)
    await desk.release(seen)

    with pytest.raises(ContentChanged):
        await desk.release(seen)

    assert len(await desk.releases()) == 1


async def test_rules_that_were_used_cannot_be_edited(desk):
    rules = desk.bureau.rule_book.versions[0]
    board = rules.boards["basic"].model_copy(update={"reviewers": 2})
    edited = rules.model_copy(update={"boards": {**rules.boards, "basic": board}})
    rule_book = desk.bureau.rule_book.model_copy(update={"versions": (edited,)})

    with pytest.raises(RulesEdited):
        async with desk.database.unit_of_work() as uow:
            await gate.ensure_gate(uow.connection, rule_book)


async def _insert(connection, item_id, body):
    await connection.execute(
        "INSERT INTO publisher.releases VALUES (1, $1, 1, 'released', $2, '', 'wu', $3, '2018-01-01')",
        item_id, orjson.dumps(body).decode(), AT,
    )  # fmt: skip


async def test_the_public_projection_accepts_released_bodies_only(desk):
    await desk.close_month(12)
    await desk.review_and_release()

    async with desk.database.pool.acquire() as connection:
        for statement in (
            "UPDATE publisher.public_items SET body = jsonb_set(body, '{title}', '\"x\"')",
            "UPDATE publisher.public_items SET release_seq = 99",
        ):
            with pytest.raises(asyncpg.CheckViolationError, match="is not that of release"):
                await connection.execute(statement)


async def test_a_service_cannot_make_a_gatekeeper(desk):
    async with desk.database.pool.acquire() as connection:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("UPDATE accounts.people SET role = 'gatekeeper'")


async def test_a_correction_stays_among_the_news_of_screens_when_a_later_month_is_released(desk):
    await desk.close_month(12)
    await desk.review_and_release()
    await desk.apply(figure(0, 14, version=2, was=12))
    (corrected,) = await desk.review_and_release()
    later = [figure(place, 5, month="2026-10") for place in range(MAX_CARDS + 2)]
    await desk.apply(*later)
    await desk.apply(month_closed(len(later), 5 * len(later), month="2026-10"))
    await desk.review_and_release()

    async with desk.database.snapshot() as connection:
        found = await fetch_recent_items(connection, Screen("mall", "商场", None), desk.bureau, now())

    assert [item.item.item_id for item in found] == [corrected.item_id]


async def add_account(desk, name, role, staff_number):
    await add_person(desk.owner, name, name, role, "a long password", staff_number)


async def test_two_accounts_of_one_person_cannot_take_two_steps(desk):
    await add_account(desk, "zhou2", Role.GATEKEEPER, "0417")
    await add_account(desk, "zhou", Role.REVIEWER, "0417")
    await desk.close_month(12)
    seen = await desk.seen()
    await desk.review(seen)

    with pytest.raises(asyncpg.CheckViolationError, match="approved by the same person in another account"):
        await desk.release(seen, "zhou2")
    assert len(await desk.release(seen)) == 1


async def test_a_person_cannot_review_twice_nor_what_another_account_of_theirs_drafted(desk):
    await add_account(desk, "zhou2", Role.REVIEWER, "0417")
    await add_account(desk, "zhou", Role.REVIEWER, "0417")
    await desk.close_month(12)
    seen = await desk.seen()
    board = desk.bureau.rules(now()).boards["basic"].model_copy(update={"reviewers": 2})
    rules = desk.bureau.rules(now())
    two = rules.model_copy(update={"version": "2026-two", "boards": {**rules.boards, "basic": board}})
    desk.use_rules(desk.bureau.rule_book.model_copy(update={"versions": (two,)}))
    async with desk.database.unit_of_work() as uow:
        await gate.ensure_gate(uow.connection, desk.bureau.rule_book)
    await desk.review(seen)

    with pytest.raises(asyncpg.CheckViolationError, match="approved by the same person in another account"):
        await desk.review(seen, "zhou2")
    await desk.owner.execute("UPDATE publisher.versions SET drafted_by = 'zhou2'; DELETE FROM publisher.approvals")
    with pytest.raises(asyncpg.CheckViolationError, match="drafted by the same person"):
        await desk.review(seen)


async def test_an_account_does_not_become_another_persons(desk):
    await add_account(desk, "zhou", Role.REVIEWER, "0417")

    with pytest.raises(RoleImmutable):
        await add_account(desk, "zhou", Role.REVIEWER, "0418")
    with pytest.raises(asyncpg.RestrictViolationError):
        await desk.owner.execute("UPDATE accounts.people SET staff_number = NULL WHERE name = 'zhou'")
