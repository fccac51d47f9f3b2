"""Not to publish takes two persons, whatever the code does; it is listed, and can be taken up again."""

from __future__ import annotations

from datetime import UTC, datetime

import asyncpg
import pytest

from services.publisher import declining, releasing
from services.publisher.declining import NotDeclinable
from services.publisher.releasing import ContentChanged, SeenVersion
from services.publisher.store import desk as desk_store
from services.publisher.store import non_publications, overview
from shared.accounts import Role, add_person
from tests.integration.publisher.events import complaint, figure, ruling

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.fixture
async def seen(desk) -> SeenVersion:
    await desk.apply(complaint(1))
    (found,) = await desk.seen("major")
    return found


async def act(desk, action, person, *arguments):
    async with desk.database.unit_of_work() as uow:
        await desk.act_as(uow.connection, person)
        await action(uow, desk.bureau, person, *arguments)


async def state_of(desk, item_id):
    row = await desk.owner.fetchrow(
        "SELECT state, return_code FROM publisher.versions WHERE item_id = $1 ORDER BY version DESC LIMIT 1", item_id
    )
    return tuple(row)


async def listed(desk):
    async with desk.database.snapshot() as connection:
        waiting = await non_publications.list_waiting(connection, 10)
        declined = await non_publications.list_declined(connection, None, 10)
        counts = await desk_store.count_by_state(connection)
    return [v.item_id for v in waiting], [v.item_id for v in declined], counts[desk_store.PROPOSED]


async def test_a_proposal_alone_changes_nothing_and_is_listed(desk, seen):
    await act(desk, declining.propose, "zhou", seen, "N05", "不属实")

    assert await state_of(desk, seen.item_id) == ("draft", None)
    assert await listed(desk) == ([seen.item_id], [], 1)


@pytest.mark.parametrize("confirmer", ["he", "wu"])
async def test_another_person_confirms_and_the_decision_is_listed(desk, seen, confirmer):
    await act(desk, declining.propose, "zhou", seen, "N05", "不属实")

    await act(desk, declining.confirm, confirmer, seen)

    assert await state_of(desk, seen.item_id) == ("rejected", "N05")
    assert await listed(desk) == ([], [seen.item_id], 0)


async def test_who_proposed_cannot_confirm_under_any_account(desk, seen):
    await add_person(desk.owner, "zhou2", "周宁", Role.REVIEWER, "a long password", "0417")
    await add_person(desk.owner, "zhou", "周宁", Role.REVIEWER, "a long password", "0417")
    await act(desk, declining.propose, "zhou", seen, "N05", "不属实")

    for person in ("zhou", "zhou2"):
        with pytest.raises(asyncpg.CheckViolationError, match="proposed by the same person"):
            await act(desk, declining.confirm, person, seen)
    assert await state_of(desk, seen.item_id) == ("draft", None)


async def test_who_has_no_session_or_another_role_decides_nothing(desk, seen):
    with pytest.raises(asyncpg.CheckViolationError, match="not for this person"):
        async with desk.database.unit_of_work() as uow:
            await declining.propose(uow, desk.bureau, "zhou", seen, "N05", "不属实")
    with pytest.raises(asyncpg.CheckViolationError, match="not for this person"):
        await act(desk, declining.propose, "wu", seen, "N05", "不属实")


async def test_the_service_cannot_decline_past_the_second_person(desk, seen):
    await act(desk, declining.propose, "zhou", seen, "N05", "不属实")

    async with desk.database.pool.acquire() as connection:
        with pytest.raises(asyncpg.CheckViolationError, match="not confirmed by a second person"):
            await connection.execute(
                "UPDATE publisher.versions SET state = 'rejected', return_code = 'N05' WHERE item_id = $1", seen.item_id
            )


FORGED = """
INSERT INTO publisher.non_publications
       (item_id, version, digest, code, note, proposed_by, proposed_at, confirmed_by, confirmed_at)
SELECT item_id, version, digest, 'N05', '不属实', 'zhou', now(), 'he', now()
  FROM publisher.versions
 WHERE item_id = $1
"""


async def refused(desk, person, statement, *arguments, match):
    with pytest.raises(asyncpg.CheckViolationError, match=match):
        async with desk.database.unit_of_work() as uow:
            await desk.act_as(uow.connection, person)
            await uow.connection.execute(statement, *arguments)


async def test_a_confirmation_without_a_proposal_before_it_is_refused(desk, seen):
    await refused(desk, "he", FORGED, seen.item_id, match="not proposed like this")


@pytest.mark.parametrize("change", ["proposed_by = 'wu'", "code = 'N06'", "note = '另一'", "digest = sha256('other')"])
async def test_who_confirms_cannot_change_what_was_proposed(desk, seen, change):
    await act(desk, declining.propose, "zhou", seen, "N05", "不属实")

    confirm = f"UPDATE publisher.non_publications SET confirmed_by = 'he', confirmed_at = now(), {change}"
    await refused(desk, "he", confirm, match="not proposed like this")


async def test_no_ground_is_set_on_a_version_that_was_rejected_without_one(desk, seen):
    async with desk.database.pool.acquire() as connection:
        await connection.execute("UPDATE publisher.versions SET state = 'rejected' WHERE item_id = $1", seen.item_id)
        with pytest.raises(asyncpg.CheckViolationError, match="not confirmed by a second person"):
            await connection.execute("UPDATE publisher.versions SET return_code = 'N05' WHERE item_id = $1", seen.item_id)


async def test_a_declined_version_keeps_its_ground_and_its_content(desk, seen):
    await desk.decline(seen, "N05")

    async with desk.database.pool.acquire() as connection:
        for change in ("return_code = 'N06'", "form = jsonb_set(form, '{title}', '\"别的\"')"):
            with pytest.raises(asyncpg.CheckViolationError, match="not confirmed by a second person"):
                await connection.execute(f"UPDATE publisher.versions SET {change} WHERE item_id = $1", seen.item_id)


async def test_the_content_cannot_change_with_the_decision(desk, seen):
    await act(desk, declining.propose, "zhou", seen, "N05", "不属实")

    async with desk.database.unit_of_work() as uow:
        await desk.act_as(uow.connection, "he")
        await uow.connection.execute("UPDATE publisher.non_publications SET confirmed_by = 'he', confirmed_at = now()")
    decline = """
    UPDATE publisher.versions
       SET state = 'rejected', return_code = 'N05', form = jsonb_set(form, '{title}', '"别的"')
     WHERE item_id = $1
    """
    async with desk.database.pool.acquire() as connection:
        with pytest.raises(asyncpg.CheckViolationError, match="not confirmed by a second person"):
            await connection.execute(decline, seen.item_id)


async def test_a_proposal_lapses_when_the_content_changes(desk, seen):
    await act(desk, declining.propose, "zhou", seen, "N05", "不属实")
    await desk.apply(complaint(1, revision=2, recovered="900.00"))
    (newer,) = await desk.seen("major")

    for version in (seen, newer):
        with pytest.raises(ContentChanged):
            await act(desk, declining.confirm, "he", version)
    assert await listed(desk) == ([], [], 0)


async def test_a_dismissed_proposal_is_gone_and_the_item_goes_on(desk, seen):
    await act(desk, declining.propose, "zhou", seen, "N05", "不属实")

    await act(desk, declining.dismiss, "he", seen)

    assert await listed(desk) == ([], [], 0)
    assert len(await desk.review_and_release("major")) == 1


async def test_what_was_declined_can_be_taken_up_again_and_declined_again(desk, seen):
    await desk.decline(seen, "N05")

    await act(desk, declining.reopen, "he", seen)

    assert await state_of(desk, seen.item_id) == ("draft", None)
    with pytest.raises(ContentChanged):
        await act(desk, declining.reopen, "he", seen)
    assert await listed(desk) == ([], [], 0)
    assert await counted(desk) == {}
    (again,) = await desk.seen("major")
    await desk.decline(again, "N06")
    assert await state_of(desk, seen.item_id) == ("rejected", "N06")
    assert await listed(desk) == ([], [seen.item_id], 0)
    assert await counted(desk) == {"N06": 1}


async def counted(desk):
    async with desk.database.snapshot() as connection:
        counts = await overview.count_non_publications(connection, datetime(2026, 1, 1, tzinfo=UTC))
    return {code: count.items for code, count in counts.items()}


async def test_reviews_of_before_do_not_count_for_what_is_taken_up_again(desk, seen):
    await desk.review([seen], "zhou")
    await desk.decline(seen, "N05", persons=("he", "wu"))
    await act(desk, declining.reopen, "he", seen)

    (again,) = await desk.seen("major")
    with pytest.raises(ContentChanged):
        await desk.release([again])
    await desk.review([again], "zhou")
    (item,) = await desk.release([again])
    assert item.version == 2


async def test_a_withdrawal_is_refused_by_returning_it_and_not_declined(desk):
    await desk.close_month(12)
    (item,) = await desk.review_and_release()
    await act(desk, releasing.propose_withdrawal, "zhou", item.item_id, 1, "W01", "统计口径有误")
    (withdrawal,) = await desk.seen()
    await desk.apply(figure(0, 14, version=2, was=12))

    with pytest.raises(NotDeclinable):
        await act(desk, declining.propose, "he", withdrawal, "N05", "不同意")
    await act(desk, releasing.send_back, "wu", withdrawal, "R02", "数字无误，不撤回")

    (corrected,) = await desk.review_and_release()
    assert (corrected.state, corrected.content["complaints"]) == ("corrected", 14)


async def test_what_follows_a_ruling_is_not_declined(desk):
    await desk.close_month(12)
    (item,) = await desk.review_and_release()
    await desk.apply(ruling(item.item_id, "corrected", corrections=[("operator.address", "解放东路120号")]))

    (corrected,) = await desk.seen()
    with pytest.raises(NotDeclinable):
        await act(desk, declining.propose, "zhou", corrected, "N05", "不同意")


async def test_a_ruling_that_comes_after_the_proposal_stops_it(desk):
    await desk.close_month(12)
    (item,) = await desk.review_and_release()
    await desk.apply(figure(0, 14, version=2, was=12))
    (draft,) = await desk.seen()
    await act(desk, declining.propose, "zhou", draft, "N05", "不属实")
    await desk.apply(ruling(item.item_id, "corrected", corrections=[("complaints", "14")]))

    (draft,) = await desk.seen()
    with pytest.raises((NotDeclinable, ContentChanged)):
        await act(desk, declining.confirm, "he", draft)
