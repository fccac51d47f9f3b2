"""A month's items as a batch: discarded before release, withdrawn after it by two persons."""

from __future__ import annotations

import asyncpg
import pytest

from services.publisher import drafting, month_batches
from services.publisher.batches import SampleUndecided
from services.publisher.releasing import ContentChanged
from services.publisher.store import month_batches as stored
from services.publisher.store import public_items
from tests.integration.publisher import test_records as records
from tests.integration.publisher.events import application_accepted, complaint, figure, month_closed, ruling, uscc

pytestmark = pytest.mark.asyncio(loop_scope="session")

MONTH = "2026-09"


async def act(desk, action, person, *arguments):
    async with desk.database.unit_of_work() as uow:
        await desk.act_as(uow.connection, person)
        return await action(uow, desk.bureau, person, *arguments)


async def batch(desk):
    async with desk.database.snapshot() as connection:
        (found,) = await stored.list_batches(connection, 10)
    return found


async def test_a_discarded_month_is_empty_and_can_be_drafted_again(desk):
    await desk.close_month(12, 5)
    await desk.apply(complaint(1))

    assert await act(desk, month_batches.discard, "zhou", MONTH) == 2

    assert await desk.open_versions() == []
    assert len(await desk.open_versions("major")) == 1
    async with desk.database.unit_of_work() as uow:
        assert await drafting.draft_month(uow, desk.bureau, MONTH) == 2
    assert [row["version"] for row in await desk.open_versions()] == [2, 2]


async def test_what_is_public_of_a_month_stays_when_its_drafts_are_discarded(desk):
    await desk.close_month(12, 5)
    await desk.review_and_release()
    await desk.apply(figure(0, 14, version=2, was=12))

    assert await act(desk, month_batches.discard, "zhou", MONTH) == 1

    found = await batch(desk)
    assert (found.month, found.drafts, found.public) == (MONTH, 0, 2)


async def test_what_a_ruling_corrects_is_not_discarded_and_stays_under_review(desk):
    await desk.close_month(12, 5)
    first, second = await desk.review_and_release()
    await desk.apply(application_accepted(first.item_id))
    await desk.apply(ruling(first.item_id, "corrected", corrections=[("operator.address", "解放东路120号")]))
    other = 0 if second.operator.key == uscc(0) else 1
    await desk.apply(figure(other, 14, version=2, was=12))

    assert await act(desk, month_batches.discard, "zhou", MONTH) == 1

    assert [row["item_id"] for row in await desk.open_versions()] == [first.item_id]
    async with desk.database.snapshot() as connection:
        assert (await public_items.fetch_public_item(connection, first.item_id)).under_review


async def test_months_come_by_pages_the_latest_first(desk):
    for month in ("2026-06", "2026-08", "2026-09"):
        await desk.apply(figure(0, 12, month=month))
        await desk.apply(month_closed(1, 12, month))

    async with desk.database.snapshot() as connection:
        first = await stored.list_batches(connection, 2)
        second = await stored.list_batches(connection, 2, first[-1].month)

    assert [each.month for each in (*first, *second)] == ["2026-09", "2026-08", "2026-06"]


async def test_a_month_is_withdrawn_as_a_whole_by_two_persons_each_item_once(desk):
    await desk.close_month(12, 5, 7)
    await desk.review_and_release()

    assert await act(desk, month_batches.propose_withdrawal, "zhou", MONTH, "W01", "统计口径有误") == 3
    assert await act(desk, month_batches.propose_withdrawal, "he", MONTH, "W01", "再次提出") == 0
    assert (await batch(desk)).public == 3
    withdrawn = await desk.release(await desk.seen())

    assert [item.state for item in withdrawn] == ["withdrawn"] * 3
    assert len({item.item_id for item in withdrawn}) == 3
    found = await batch(desk)
    assert (found.public, found.withdrawn) == (0, 3)


async def test_who_proposed_the_withdrawal_cannot_confirm_it(desk):
    await desk.close_month(12)
    await desk.review_and_release()
    await act(desk, month_batches.propose_withdrawal, "zhou", MONTH, "W01", "统计口径有误")

    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await desk.release(await desk.seen(), "zhou")


async def test_a_month_of_nothing_is_no_fault(desk):
    assert await act(desk, month_batches.discard, "zhou", "2020-01") == 0
    assert await act(desk, month_batches.propose_withdrawal, "zhou", "2020-01", "W01", "无") == 0


async def test_a_month_is_reviewed_by_its_sample_and_released_together_but_for_what_a_check_warns_of(desk):
    await desk.close_month(12, 5, 7)
    (warned, *others) = await desk.open_versions()
    await desk.owner.execute("UPDATE publisher.versions SET warning = 1 WHERE item_id = $1", warned["item_id"])

    batch_id = await act(desk, month_batches.gather, "zhou", MONTH)
    with pytest.raises(ContentChanged):
        await act(desk, month_batches.gather, "zhou", MONTH)
    with pytest.raises(SampleUndecided):
        await records.approve(desk, await records.the_batch(desk))
    gathered = await records.the_batch(desk)
    seen = await records.look_at_all(desk, gathered)
    await records.approve(desk, gathered)
    items = await records.release(desk, gathered)

    assert (gathered.batch_id, gathered.kind, gathered.drafts, len(seen)) == (batch_id, "operator_month", 2, 2)
    assert sorted(item.item_id for item in items) == sorted(row["item_id"] for row in others)
