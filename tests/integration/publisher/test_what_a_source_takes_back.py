"""What a source takes back of a complaint is taken back in public: a version or a withdrawal, urgent at the desk and releasable."""

from __future__ import annotations

import asyncpg
import orjson
import pytest

from services.publisher import editing
from services.publisher.domain.drafting import State
from services.publisher.domain.major import REOPENED
from services.publisher.projection import public_history
from services.publisher.store import desk as desk_store
from services.publisher.store import gate
from services.publisher.store.desk import VersionFilter
from tests.integration.publisher.events import complaint, figure, operator, uscc

pytestmark = pytest.mark.asyncio(loop_scope="session")

OPEN = {"status": "mediating", "outcome": None, "recovered": None}


async def publish(desk, **changes):
    """Release the item of a complaint that was closed."""
    await desk.apply(complaint(1, **changes))
    (item,) = await desk.review_and_release("major")
    return item


async def edit(desk, summary):
    """Let the second reviewer write the summary of the draft."""
    (seen,) = await desk.seen("major")
    searched = await editing.search_summary(desk.database, seen, summary, desk.name_search)
    async with desk.database.unit_of_work() as uow:
        await editing.edit_summary(uow, "he", seen, searched)


async def open_forms(desk, board="major"):
    return [(row, orjson.loads(row["form"])) for row in await desk.open_versions(board)]


async def test_a_complaint_opened_again_takes_its_result_back_within_a_release(desk):
    first = await publish(desk)

    # A source may keep the day of the earlier closing.
    await desk.apply(complaint(1, revision=2, **OPEN))

    ((draft, form),) = await open_forms(desk)
    assert (draft["item_id"], draft["version"], draft["urgent"], draft["failing"]) == (first.item_id, 2, True, 0)
    (item,) = await desk.review_and_release("major")
    content = item.content
    assert (item.state, content["status"], content["outcome"]) == ("corrected", "mediating", None)
    assert (content["closed_on"], content["recovered"]) == (None, None)
    assert content["result"].startswith(REOPENED)
    assert REOPENED in item.summary
    assert form["reason_code"] == "S02"


async def test_a_complaint_opened_again_stays_so_with_every_step_until_it_is_closed(desk):
    await publish(desk)
    await desk.apply(complaint(1, revision=2, **OPEN))
    await desk.review_and_release("major")

    await desk.apply(complaint(1, revision=3, **{**OPEN, "status": "received"}))
    (item,) = await desk.review_and_release("major")
    assert item.content["result"].startswith(REOPENED)

    await desk.apply(complaint(1, revision=4, outcome="failed", recovered=None))
    ((draft, form),) = await open_forms(desk)
    assert (draft["urgent"], draft["failing"], form["content"]["outcome"]) == (True, 0, "failed")
    assert REOPENED not in form["content"]["result"] + form["summary"]


async def test_another_outcome_is_urgent_and_another_category_is_not(desk):
    await publish(desk)

    await desk.apply(complaint(1, revision=2, office="990107000"))
    ((draft, _),) = await open_forms(desk)
    assert not draft["urgent"]

    await desk.apply(complaint(1, revision=3, outcome="failed", recovered=None))
    ((draft, _),) = await open_forms(desk)
    assert draft["urgent"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kind": "tip_off"}, "W02"),
        ({"status": "rejected", "outcome": None}, "W02"),
        ({"duplicate_of": complaint(9).complaint_id}, "W04"),
        ({"amount": "6860.00"}, "W02"),
        ({"amount": None}, "W02"),
    ],
    ids=["tip-off", "rejected", "duplicate", "below the threshold", "no amount"],
)
async def test_what_can_no_longer_be_an_item_is_withdrawn_after_review_and_release(desk, changes, code):
    first = await publish(desk)

    await desk.apply(complaint(1, revision=2, **changes))

    ((draft, form),) = await open_forms(desk)
    assert (draft["purpose"], draft["state"], draft["urgent"], draft["failing"]) == ("withdraw", "draft", True, 0)
    (item,) = await desk.review_and_release("major")
    assert (item.item_id, item.state, item.reason_code, item.operator) == (first.item_id, "withdrawn", code, None)
    assert form["operator"] is None


async def test_a_withdrawal_that_the_service_drafted_needs_its_review(desk):
    await publish(desk)
    await desk.apply(complaint(1, revision=2, kind="tip_off"))
    await desk.owner.execute("UPDATE publisher.versions SET state = 'approved' WHERE state = 'draft'")

    with pytest.raises(asyncpg.CheckViolationError, match="lacks a review"):
        await desk.release(await desk.seen("major"))


async def test_a_complaint_that_moves_to_another_operator_leaves_the_first_and_becomes_an_item_of_the_second(desk):
    first = await publish(desk)

    await desk.apply(complaint(1, revision=2, operator=operator(1)))

    forms = await open_forms(desk)
    by_purpose = {draft["purpose"]: (draft, form) for draft, form in forms}
    assert len(forms) == 2
    assert by_purpose["withdraw"][0]["item_id"] == first.item_id
    assert by_purpose["withdraw"][1]["reason_code"] == "W03"
    assert by_purpose["publish"][1]["operator"]["uscc"] == uscc(1)
    assert uscc(0) not in by_purpose["publish"][0]["form"]
    released = {item.state: item for item in await desk.review_and_release("major")}
    assert released["withdrawn"].item_id == first.item_id
    assert released["released"].operator.uscc == uscc(1)
    assert await desk.owner.fetchval("SELECT array_agg(key) FROM publisher.public_operators") == [uscc(1)]


async def test_an_open_complaint_that_moves_is_a_first_version_of_its_new_operator_and_waits_until_it_is_closed(desk):
    await publish(desk)

    await desk.apply(complaint(1, revision=2, operator=operator(1), **OPEN))

    (new,) = [draft for draft, _ in await open_forms(desk) if draft["purpose"] == "publish"]
    assert (new["version"], new["failing"], new["urgent"]) == (1, 1, False)
    assert REOPENED not in new["form"]


async def test_an_item_withdrawn_for_its_operator_comes_back_under_the_right_one_only(desk):
    from tests.integration.publisher.events import ruling

    first = await publish(desk)
    await desk.apply(ruling(first.item_id, "withdrawn"))

    await desk.apply(complaint(1, revision=2, outcome="failed"))
    assert await desk.open_versions("major") == []

    await desk.apply(complaint(1, revision=3, operator=operator(1)))
    ((draft, form),) = await open_forms(desk)
    assert draft["item_id"] != first.item_id
    assert form["operator"]["uscc"] == uscc(1)


async def test_a_withdrawal_is_void_when_the_source_stands_by_the_item_again(desk):
    first = await publish(desk)
    await desk.apply(complaint(1, revision=2, amount="600.00"))

    await desk.apply(complaint(1, revision=3, amount="70000.00"))

    ((draft, form),) = await open_forms(desk)
    assert (draft["item_id"], draft["purpose"], form["content"]["amount"]) == (first.item_id, "publish", "70000.00")


async def test_what_the_source_withdrew_is_a_new_item_when_the_source_stands_by_it_again(desk):
    first = await publish(desk)
    await desk.apply(complaint(1, revision=2, amount="600.00"))
    await desk.review_and_release("major")

    await desk.apply(complaint(1, revision=3, amount="70000.00"))

    ((draft, _),) = await open_forms(desk)
    assert draft["item_id"] != first.item_id
    assert draft["version"] == 1


async def test_a_draft_that_was_never_public_is_dropped(desk):
    await desk.apply(complaint(1))

    await desk.apply(complaint(1, revision=2, amount="300.00"))

    assert await desk.open_versions("major") == []
    assert await desk.releases() == []


async def test_a_complaint_lowered_within_one_batch_is_no_item(desk):
    await desk.apply(complaint(1), complaint(1, revision=2, amount="300.00"))

    assert await desk.open_versions("major") == []


async def test_a_written_summary_that_goes_is_in_no_later_version_and_in_no_history(desk):
    words = "消费者因门店搬迁后距离较远，要求退还余额。"
    await desk.apply(complaint(1))
    await edit(desk, words)
    await desk.review_and_release("major")
    await desk.apply(complaint(1, revision=2, recovered="900.00"))
    await edit(desk, "消费者要求退还余额。")

    ((draft, _),) = await open_forms(desk)
    assert (draft["urgent"], draft["failing"]) == (True, 0)
    assert "搬迁" not in draft["form"]
    (item,) = await desk.review_and_release("major")
    async with desk.database.snapshot() as connection:
        history = await gate.fetch_history(connection, item.item_id)
    assert "搬迁" in history[1].item.model_dump_json()
    shown = public_history([entry.item for entry in history])
    assert all("搬迁" not in str(version.changes) for version in shown)


async def test_words_that_can_no_longer_be_redacted_are_taken_away_and_block_nothing(desk):
    await publish(desk, goods="手机")

    await desk.apply(complaint(1, revision=2, redaction="withheld", title=None, text=None, goods="张三的手机", **OPEN))

    ((draft, _),) = await open_forms(desk)
    assert draft["failing"] == 0
    assert "张三" not in draft["form"]
    assert len(await desk.review_and_release("major")) == 1


async def test_personal_data_in_new_words_does_not_block_what_is_taken_back(desk):
    await publish(desk)

    await desk.apply(complaint(1, revision=2, goods="13800138000", text="请打13800138000。", **OPEN))

    ((draft, form),) = await open_forms(desk)
    assert draft["failing"] == 0
    assert "13800138000" not in draft["form"]
    assert form["content"]["status"] == "mediating"


async def test_an_older_revision_that_arrives_late_takes_nothing_back(desk):
    await publish(desk)
    # The complaint moved to another operator and back; the way back is on another partition and arrives first.
    await desk.apply(complaint(1, revision=3))

    await desk.apply(complaint(1, revision=2, operator=operator(1)))

    assert await desk.open_versions("major") == []


async def test_an_item_is_judged_by_the_threshold_of_the_rules_it_was_released_under(desk):
    await publish(desk)
    rules = desk.bureau.rule_book.versions[-1]
    stricter = rules.model_copy(
        update={"version": "2", "effective_from": rules.effective_from.replace(year=rules.effective_from.year + 1),
                "major": rules.major.model_copy(update={"amount_from": rules.major.amount_from * 10})}
    )  # fmt: skip
    rule_book = desk.bureau.rule_book.model_copy(update={"versions": (*desk.bureau.rule_book.versions, stricter)})
    async with desk.database.unit_of_work() as uow:
        await gate.ensure_gate(uow.connection, rule_book)
    desk.use_rules(rule_book)

    await desk.apply(complaint(1, revision=2, outcome="failed"))

    ((draft, _),) = await open_forms(desk)
    assert draft["purpose"] == "publish"


async def test_urgent_versions_are_first_at_the_desk_whatever_came_before(desk):
    await publish(desk)
    await desk.close_month(12, 5)
    await desk.apply(complaint(1, revision=2, **OPEN))

    async with desk.database.snapshot() as connection:
        rows = await desk_store.fetch_open_versions(connection, VersionFilter(State.DRAFT), limit=10)
        first = rows[0]
        place = (not first.urgent, first.failing > 0, first.drafted_at, first.item_id)
        behind = await desk_store.fetch_open_versions(connection, VersionFilter(State.DRAFT), after=place, limit=10)
        urgent = await desk_store.count_urgent(connection, State.DRAFT)

    assert [row.urgent for row in rows] == [True, False, False]
    assert [row.item_id for row in behind] == [row.item_id for row in rows[1:]]
    assert urgent == 1


async def test_a_month_with_fewer_resolved_complaints_is_urgent_and_one_with_more_is_not(desk):
    await desk.close_month(12, 5)
    await desk.review_and_release()

    await desk.apply(figure(0, 11, version=2, was=12), figure(1, 6, version=2, was=5))

    urgent = {orjson.loads(row["form"])["operator"]["uscc"]: row["urgent"] for row in await desk.open_versions()}
    assert urgent == {uscc(0): True, uscc(1): False}


async def test_an_address_with_a_telephone_number_does_not_block_what_a_month_takes_back(desk):
    await desk.close_month(12)
    await desk.review_and_release()
    restated = figure(0, 11, version=2, was=12)
    with_number = restated.operator.model_copy(update={"address": "解放东路118号，电话13800138000"})

    await desk.apply(restated.model_copy(update={"operator": with_number}))

    ((draft, form),) = await open_forms(desk, "basic")
    assert (draft["failing"], form["content"]["complaints"]) == (0, 11)
    assert form["operator"]["address"] == "云州市湖东区解放东路118号"


async def test_an_operator_whose_month_has_no_complaint_left_is_named_no_more(desk):
    await desk.close_month(12, 5)
    await desk.review_and_release()

    await desk.apply(figure(0, 0, version=2, was=12))

    ((draft, form),) = await open_forms(desk, "basic")
    assert (draft["purpose"], draft["urgent"], form["reason_code"]) == ("withdraw", True, "S01")
    await desk.review_and_release()
    await desk.apply(figure(0, 3, version=3, was=12))
    ((draft, form),) = await open_forms(desk, "basic")
    assert (draft["version"], form["content"]["complaints"]) == (1, 3)
