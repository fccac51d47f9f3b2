"""The case summary of a major item: proposed from facts, edited by a person, approved by another one."""

from __future__ import annotations

import asyncpg
import orjson
import pytest

from services.publisher import editing, releasing
from services.publisher.domain.case_summary import BadSummary
from services.publisher.editing import NotEditable
from services.publisher.releasing import ContentChanged
from services.publisher.store import case_summaries
from services.publisher.text_search import search_all_texts
from shared.personal_data.second_stage.search import NameSearch
from shared.worker_process.process import WorkerProcess
from tests.integration.publisher.events import complaint

pytestmark = pytest.mark.asyncio(loop_scope="session")

STORY = "据市民唐女士反映，她在门店办卡后门店搬迁，要求退还余额。"
SUMMARY = "消费者购买健身卡后门店搬迁，要求退还余额。"


async def edit(desk, text, person="he", seen=None, search=None):
    """Let a reviewer write the summary of the draft."""
    if seen is None:
        (seen,) = await desk.seen("major")
    searched = await editing.search_summary(desk.database, seen, text, search or desk.name_search)
    async with desk.database.unit_of_work() as uow:
        await editing.edit_summary(uow, person, seen, searched)


async def draft_of(desk):
    (draft,) = await desk.open_versions("major")
    return draft, orjson.loads(draft["form"])


async def texts_of(desk, item_id):
    async with desk.database.snapshot() as connection:
        return await case_summaries.fetch_texts(connection, item_id)


async def test_the_callers_words_stand_beside_the_draft_and_in_no_form(desk):
    await desk.apply(complaint(1, consents_to_publish=True, text=STORY))

    draft, form = await draft_of(desk)
    assert "唐女士" not in draft["form"]
    assert form["content"]["issue"].startswith("消费者反映健身卡")
    assert await texts_of(desk, draft["item_id"]) == (None, None, True)
    await search_all_texts(desk.database, desk.name_search)
    assert (await texts_of(desk, draft["item_id"])).story == STORY.replace("唐女士", "[姓名]")


async def test_names_that_no_pattern_finds_are_gone_before_a_reviewer_reads_the_text(desk):
    await desk.apply(complaint(1, title="退卡", text="当时张晓梅带着孩子在店里，家住青山镇李家村三组15号。"))
    (seen,) = await desk.seen("major")

    await search_all_texts(desk.database, desk.name_search)

    assert await texts_of(desk, seen.item_id) == ("退卡", "当时[姓名]带着孩子在店里，家住[地址]。", False)


async def test_a_text_that_cannot_be_searched_is_withheld(desk):
    await desk.apply(complaint(1, title="退卡", text="当时张晓梅在场。"))
    (seen,) = await desk.seen("major")

    await search_all_texts(desk.database, NameSearch(WorkerProcess("tests.workers.dying")))

    assert await texts_of(desk, seen.item_id) == (None, None, False)


async def test_a_text_waits_while_the_model_cannot_be_started(desk):
    await desk.apply(complaint(1, title="退卡", text="当时张晓梅在场。"))
    (seen,) = await desk.seen("major")

    await search_all_texts(desk.database, NameSearch(WorkerProcess("tests.workers.absent")))

    assert await texts_of(desk, seen.item_id) == (None, None, True)


async def test_what_may_be_a_name_in_a_written_summary_is_told(desk):
    await desk.apply(complaint(1))

    await edit(desk, "消费者购买健身卡后，张晓梅要求退还余额。")

    draft, _ = await draft_of(desk)
    (check,) = [each for each in orjson.loads(draft["checks"]) if each["name"] == "personal"]
    assert (check["result"], check["finding"], check["detail"]) == ("warn", "possible", {"words": ["张晓梅"]})


async def test_who_edits_cannot_approve_and_another_one_can(desk):
    await desk.apply(complaint(1))

    await edit(desk, SUMMARY)

    draft, form = await draft_of(desk)
    assert (form["content"]["issue"], draft["drafted_by"], draft["state"]) == (SUMMARY, "he", "draft")
    with pytest.raises(asyncpg.CheckViolationError, match="drafted by the same person"):
        await desk.review(await desk.seen("major"), "he")
    (item,) = await desk.review_and_release("major")
    assert item.content["issue"] == SUMMARY


async def test_the_texts_go_when_the_item_is_released_or_declined(desk):
    await desk.apply(complaint(1), complaint(2))
    first, second = await desk.seen("major")
    await desk.review([first])
    await desk.release([first])
    await desk.decline(second, "N05")

    assert await texts_of(desk, first.item_id) is None
    assert await texts_of(desk, second.item_id) is None


async def test_the_texts_are_those_of_the_newest_revision_though_the_item_stays_as_it_is(desk):
    await desk.apply(complaint(1, text=STORY))
    (before,) = await desk.seen("major")

    await desk.apply(complaint(1, revision=2, title="退卡", text="门店搬迁，要求退还余额。"))

    assert await desk.seen("major") == [before]
    await search_all_texts(desk.database, desk.name_search)
    assert await texts_of(desk, before.item_id) == ("退卡", "门店搬迁，要求退还余额。", False)


async def test_the_texts_go_when_the_draft_goes(desk):
    await desk.apply(complaint(1))
    (seen,) = await desk.seen("major")

    await desk.apply(complaint(1, revision=2, duplicate_of=complaint(2).complaint_id))

    assert await desk.open_versions("major") == []
    assert await texts_of(desk, seen.item_id) is None


async def test_the_texts_go_when_the_draft_says_what_is_public_already(desk):
    await desk.apply(complaint(1))
    (item,) = await desk.review_and_release("major")
    await desk.apply(complaint(1, revision=2, recovered="900.00"))
    assert await texts_of(desk, item.item_id) is not None

    await desk.apply(complaint(1, revision=3))

    assert await desk.open_versions("major") == []
    assert await texts_of(desk, item.item_id) is None


@pytest.mark.parametrize(
    "found", ["据唐女士反映，门店搬迁。", "家住解放东路12号3单元401室。", "请打13800138000。", "本人[姓名]。"]
)
async def test_what_the_check_finds_in_a_summary_blocks_review(desk, found):
    await desk.apply(complaint(1))

    await edit(desk, found)

    draft, _ = await draft_of(desk)
    assert draft["failing"] == 1
    with pytest.raises(asyncpg.CheckViolationError, match="fails a check"):
        await desk.review(await desk.seen("major"))


async def test_a_summary_stays_when_the_complaint_moves_on_and_its_writer_still_cannot_approve(desk):
    await desk.apply(complaint(1))
    await edit(desk, SUMMARY)

    await desk.apply(complaint(1, revision=2, recovered="900.00"))

    draft, form = await draft_of(desk)
    assert (form["content"]["issue"], form["content"]["recovered"]) == (SUMMARY, "900.00")
    assert draft["drafted_by"] == "he"


async def test_a_returned_draft_comes_back_by_editing(desk):
    await desk.apply(complaint(1))
    (seen,) = await desk.seen("major")
    async with desk.database.unit_of_work() as uow:
        await releasing.send_back(uow, desk.bureau, "zhou", seen, "R04", "请写明诉求")

    await edit(desk, SUMMARY)

    draft, _ = await draft_of(desk)
    assert (draft["state"], draft["return_code"]) == ("draft", None)


async def test_two_editors_do_not_overwrite_each_other(desk):
    await desk.apply(complaint(1))
    (seen,) = await desk.seen("major")
    await edit(desk, SUMMARY, seen=seen)

    with pytest.raises(ContentChanged):
        await edit(desk, "另一种写法。", "zhou", seen)

    _, form = await draft_of(desk)
    assert form["content"]["issue"] == SUMMARY


async def test_while_the_model_is_asked_nobody_waits_for_the_draft(desk):
    await desk.apply(complaint(1))
    (seen,) = await desk.seen("major")

    class SlowSearch(NameSearch):
        async def find_spans(self, *texts):
            await edit(desk, SUMMARY, "zhou", seen)
            return await desk.name_search.find_spans(*texts)

    with pytest.raises(ContentChanged):
        await edit(desk, "另一种写法。", seen=seen, search=SlowSearch())

    draft, form = await draft_of(desk)
    assert (form["content"]["issue"], draft["drafted_by"]) == (SUMMARY, "zhou")


async def test_a_summary_edited_after_approval_needs_it_again(desk):
    await desk.apply(complaint(1))
    await desk.review(await desk.seen("major"))

    with pytest.raises(ContentChanged):
        await edit(desk, SUMMARY)


async def test_only_a_major_item_has_a_summary_and_it_is_a_text(desk):
    await desk.close_month(12)
    (month,) = await desk.seen()
    await desk.apply(complaint(1))

    with pytest.raises(NotEditable):
        await edit(desk, SUMMARY, seen=month)
    with pytest.raises(BadSummary):
        await edit(desk, "  ")


async def test_a_complaint_whose_redaction_failed_stays_withheld(desk):
    await desk.apply(complaint(1, redaction="withheld", title=None, text=None))

    await edit(desk, SUMMARY)

    draft, _ = await draft_of(desk)
    assert draft["failing"] == 1
