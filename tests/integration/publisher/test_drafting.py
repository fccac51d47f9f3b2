"""Drafting from figures, complaints and rulings, without Kafka: the handlers on a real database."""

from __future__ import annotations

import orjson
import pytest

from services.publisher import drafting, releasing
from services.publisher.store import public_items
from shared.contracts import ComplaintEffect
from tests.integration.publisher.events import (
    application_accepted,
    application_withdrawn,
    city,
    complaint,
    figure,
    month_closed,
    ruling,
)

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_month_is_drafted_when_it_is_closed_and_complete(desk):
    await desk.apply(figure(0, 12), figure(1, 5), city(17))
    await desk.apply(month_closed(2, 17))

    drafts = await desk.open_versions()

    assert [orjson.loads(d["form"])["content"]["complaints"] for d in drafts] == [5, 12]
    assert all(d["failing"] == 0 for d in drafts)


async def test_a_close_waits_for_the_last_figure(desk):
    await desk.apply(figure(0, 12))
    await desk.apply(month_closed(2, 17))
    assert await desk.open_versions() == []

    await desk.apply(figure(1, 5))

    assert len(await desk.open_versions()) == 2


async def test_replayed_events_draft_nothing_twice(desk):
    await desk.close_month(12, 5)
    before = await desk.open_versions()

    await desk.close_month(12, 5)

    assert await desk.open_versions() == before
    assert await desk.owner.fetchval("SELECT count(*) FROM publisher.items") == 2


async def test_an_older_figure_changes_nothing(desk):
    await desk.apply(figure(0, 12, version=3))
    await desk.apply(figure(0, 9, version=2))

    assert await desk.owner.fetchval("SELECT complaints FROM publisher.figures") == 12


async def test_a_major_complaint_with_the_operator_and_amount_of_another_gets_a_warning(desk):
    await desk.apply(complaint(1))
    (first,) = await desk.open_versions("major")
    await desk.apply(complaint(2), complaint(3, amount="99999.00"))

    found = {}
    for draft in await desk.open_versions("major"):
        check = {each["name"]: each for each in orjson.loads(draft["checks"])}["duplicate"]
        found[draft["item_id"]] = (orjson.loads(draft["form"])["content"]["amount"], check["result"], check["detail"])
    assert found.pop(first["item_id"])[1] == "pass"
    assert sorted(found.values()) == [("68600.00", "warn", {"item": first["item_id"]}), ("99999.00", "pass", {})]


async def test_a_restated_figure_replaces_a_draft_that_is_not_public(desk):
    await desk.close_month(12)
    await desk.review(await desk.seen())

    await desk.apply(figure(0, 13, version=2, was=12))

    (draft,) = await desk.open_versions()
    assert (draft["version"], draft["state"]) == (1, "draft")
    assert orjson.loads(draft["form"])["content"]["complaints"] == 13


async def test_a_restated_figure_of_a_public_month_becomes_a_new_version_with_its_changes(desk):
    await desk.close_month(12)
    await desk.review_and_release()

    await desk.apply(figure(0, 13, version=2, was=12))

    (draft,) = await desk.open_versions()
    form = orjson.loads(draft["form"])
    assert (draft["version"], form["reason_code"]) == (2, "S01")
    assert ["complaints", "12", "13"] in form["changes"]


async def test_a_correction_supersedes_what_was_public(desk):
    await desk.close_month(12)
    await desk.review_and_release()
    await desk.apply(figure(0, 13, version=2, was=12))

    (item,) = await desk.review_and_release()

    assert (item.state, item.version, item.supersedes) == ("corrected", 2, 1)
    states = await desk.owner.fetch("SELECT state FROM publisher.versions ORDER BY version")
    assert [s["state"] for s in states] == ["superseded", "released"]


async def test_a_figure_that_returns_to_the_public_value_drops_the_draft(desk):
    await desk.close_month(12)
    await desk.review_and_release()
    await desk.apply(figure(0, 13, version=2, was=12))

    await desk.apply(figure(0, 12, version=3, was=12))

    assert await desk.open_versions() == []


async def test_a_figure_that_changes_to_and_fro_is_corrected_each_time(desk):
    await desk.close_month(12)
    await desk.review_and_release()
    for version, count in enumerate((13, 12, 13), 2):
        await desk.apply(figure(0, count, version=version, was=12))

    (draft,) = await desk.open_versions()

    assert (draft["version"], orjson.loads(draft["form"])["content"]["complaints"]) == (3, 13)


async def test_what_was_decided_not_to_be_published_waits_for_news(desk):
    await desk.apply(complaint(1, status="mediating", outcome=None, closed_on=None))
    (seen,) = await desk.seen("major")
    await desk.decline(seen, "N07")

    await desk.apply(complaint(1, revision=2, status="mediating", outcome=None, closed_on=None))
    assert await desk.open_versions("major") == []

    await desk.apply(complaint(1, revision=3))
    (draft,) = await desk.open_versions("major")
    assert (draft["version"], draft["failing"]) == (2, 0)


async def test_a_major_complaint_becomes_a_draft_without_the_consumers_words(desk):
    await desk.apply(complaint(1), complaint(2, amount="120.00"))

    (draft,) = await desk.open_versions("major")
    form = orjson.loads(draft["form"])
    assert form["title"] == "健身卡预付式消费争议：云州锦程通讯器材有限公司"
    assert "搬迁" not in draft["form"]
    assert (form["content"]["amount"], draft["failing"]) == ("68600.00", 0)


async def test_harm_makes_a_small_complaint_a_major_one(desk):
    await desk.apply(complaint(3, amount="20.00", text="食用后住院两天。"))

    assert len(await desk.open_versions("major")) == 1


async def test_a_later_revision_updates_the_draft(desk):
    await desk.apply(complaint(1, status="mediating", outcome=None, closed_on=None))
    (draft,) = await desk.open_versions("major")
    assert draft["failing"] == 1

    await desk.apply(complaint(1, revision=2, amount="70000.00"))

    (draft,) = await desk.open_versions("major")
    assert (orjson.loads(draft["form"])["content"]["amount"], draft["failing"]) == ("70000.00", 0)


async def test_an_older_revision_does_not_come_back(desk):
    await desk.apply(complaint(1, revision=2))

    await desk.apply(complaint(1, revision=1, amount="99999.00"))

    (draft,) = await desk.open_versions("major")
    assert orjson.loads(draft["form"])["content"]["amount"] == "68600.00"


async def test_a_complaint_whose_redaction_failed_is_stopped_and_shows_no_text(desk):
    await desk.apply(complaint(1, redaction="withheld", title=None, text=None, consents_to_publish=True))

    (draft,) = await desk.open_versions("major")
    personal = [c for c in orjson.loads(draft["checks"]) if c["name"] == "personal"]
    assert (draft["failing"], personal[0]["finding"]) == (1, "withheld")


async def is_under_review(desk, item_id):
    async with desk.database.snapshot() as connection:
        return (await public_items.fetch_public_item(connection, item_id)).under_review


async def test_an_item_stays_under_review_until_what_a_ruling_corrects_is_released(desk):
    await desk.close_month(12)
    (item,) = await desk.review_and_release()
    await desk.apply(application_accepted(item.item_id))
    await desk.apply(application_accepted(item.item_id).model_copy(update={"due_on": "2026-11-13"}))
    due = "SELECT due_on FROM publisher.applications WHERE item_id = $1"
    assert str(await desk.owner.fetchval(due, item.item_id)) == "2026-11-13"

    await desk.apply(ruling(item.item_id, "corrected", corrections=[("operator.address", "解放东路120号")]))

    assert await is_under_review(desk, item.item_id)
    await desk.review_and_release()
    assert not await is_under_review(desk, item.item_id)


@pytest.mark.parametrize("figures_first", [False, True], ids=["after the ruling", "before the ruling"])
async def test_a_review_ends_when_the_figures_follow_a_ruling_and_nothing_of_the_item_changes(desk, figures_first):
    await desk.close_month(12)
    (item,) = await desk.review_and_release()
    await desk.apply(application_accepted(item.item_id))
    effect = ComplaintEffect(complaint_id=complaint(1).complaint_id, exclude=True)
    ruled = ruling(item.item_id, "corrected").model_copy(update={"effects": (effect,)})
    followed = figure(0, 12, version=2).model_copy(update={"rulings": (ruled.ruling_id,)})

    await desk.apply(followed if figures_first else ruled)
    assert await is_under_review(desk, item.item_id)
    await desk.apply(ruled if figures_first else followed)

    assert not await is_under_review(desk, item.item_id)


async def test_a_review_goes_on_while_a_version_that_follows_the_ruling_waits(desk):
    await desk.close_month(12)
    (item,) = await desk.review_and_release()
    await desk.apply(application_accepted(item.item_id))
    effect = ComplaintEffect(complaint_id=complaint(1).complaint_id, exclude=True)
    ruled = ruling(item.item_id, "corrected").model_copy(update={"effects": (effect,)})
    await desk.apply(ruled)

    await desk.apply(figure(0, 11, version=2, was=12).model_copy(update={"rulings": (ruled.ruling_id,)}))

    assert await is_under_review(desk, item.item_id)
    await desk.review_and_release()
    assert not await is_under_review(desk, item.item_id)


@pytest.mark.parametrize("corrections", [[("colour", "x")], [("complaints", "12")]], ids=["unknown field", "nothing new"])
async def test_a_ruling_from_which_nothing_follows_ends_the_review(desk, corrections):
    await desk.close_month(12)
    (item,) = await desk.review_and_release()
    await desk.apply(application_accepted(item.item_id))

    await desk.apply(ruling(item.item_id, "corrected", corrections=corrections))

    assert not await is_under_review(desk, item.item_id)


@pytest.mark.parametrize("ending", [lambda item: ruling(item, "upheld"), application_withdrawn], ids=["decided", "taken back"])
async def test_an_application_puts_the_item_under_review_until_it_ends(desk, ending):
    await desk.close_month(12)
    (item,) = await desk.review_and_release()

    await desk.apply(application_accepted(item.item_id))
    assert await is_under_review(desk, item.item_id)

    await desk.apply(ending(item.item_id))
    assert not await is_under_review(desk, item.item_id)
    assert await desk.open_versions() == []


async def test_a_ruling_corrects_a_field_through_the_gate(desk):
    await desk.close_month(12)
    (item,) = await desk.review_and_release()

    await desk.apply(ruling(item.item_id, "corrected", corrections=[("complaints", "11")]))

    (draft,) = await desk.open_versions()
    assert orjson.loads(draft["form"])["reason_code"] == "C02"
    (corrected,) = await desk.review_and_release()
    assert (corrected.content["complaints"], corrected.state) == (11, "corrected")
    assert ("complaints", "12", "11") in corrected.changes


async def test_figures_that_follow_a_ruling_carry_its_reason(desk):
    await desk.close_month(12)
    (item,) = await desk.review_and_release()
    await desk.apply(ruling(item.item_id, "corrected"))
    assert await desk.open_versions() == []

    await desk.apply(figure(0, 11, version=2, was=12))

    (draft,) = await desk.open_versions()
    assert orjson.loads(draft["form"])["reason_code"] == "C02"


async def test_a_ruling_that_comes_after_its_figures_gives_them_its_reason(desk):
    await desk.close_month(12)
    (item,) = await desk.review_and_release()
    await desk.apply(figure(0, 11, version=2, was=12))

    await desk.apply(ruling(item.item_id, "corrected"))

    (draft,) = await desk.open_versions()
    assert orjson.loads(draft["form"])["reason_code"] == "C02"


async def test_a_ruling_withdraws_at_once_and_once(desk):
    await desk.close_month(12)
    (item,) = await desk.review_and_release()
    event = ruling(item.item_id, "withdrawn")

    await desk.apply(event)
    await desk.apply(event)

    _, withdrawn = await desk.releases()
    body = orjson.loads(withdrawn["body"])
    assert (withdrawn["kind"], body["version"], body["title"], body["content"]) == ("withdrawn", 2, None, None)
    assert body["operator"] is None
    assert withdrawn["released_by"] == "DF-2026-000001"


async def test_a_withdrawn_month_comes_back_with_other_figures_as_a_new_item_through_the_gate(desk):
    await desk.close_month(12)
    (item,) = await desk.review_and_release()
    await desk.apply(ruling(item.item_id, "withdrawn"))

    await desk.apply(figure(0, 12, version=2, was=12))
    assert await desk.open_versions() == []
    await desk.apply(figure(0, 11, version=3, was=12))

    (draft,) = await desk.open_versions()
    assert (draft["version"], draft["state"], draft["warning"]) == (1, "draft", 1)
    # The warning of the earlier withdrawal stays with every later figure.
    await desk.apply(figure(0, 10, version=4, was=12))
    (draft,) = await desk.open_versions()
    checks = {check["finding"]: check["detail"] for check in orjson.loads(draft["checks"])}
    assert checks["withdrawn_before"] == {"item": item.item_id}
    (again,) = await desk.review_and_release()
    assert (again.state, again.content["complaints"]) == ("released", 10)
    assert again.item_id != item.item_id


async def test_figures_that_changed_before_the_ruling_that_withdraws_are_not_lost(desk):
    await desk.close_month(12)
    (item,) = await desk.review_and_release()
    await desk.apply(figure(0, 11, version=2, was=12))

    await desk.apply(ruling(item.item_id, "withdrawn"))

    (draft,) = await desk.open_versions()
    assert (draft["version"], orjson.loads(draft["form"])["content"]["complaints"]) == (1, 11)
    assert draft["item_id"] != item.item_id


async def test_a_ruling_on_a_field_that_is_not_there_is_refused_for_good(desk):
    await desk.close_month(12)
    (item,) = await desk.review_and_release()

    await desk.apply(ruling(item.item_id, "corrected", corrections=[("colour", "blue")]))

    assert await desk.owner.fetchval("SELECT reason FROM publisher.dead_letters") == "invalid"


async def test_a_withdrawal_at_the_desk_takes_two_persons(desk):
    await desk.close_month(12)
    (item,) = await desk.review_and_release()
    async with desk.database.unit_of_work() as uow:
        await releasing.propose_withdrawal(uow, desk.bureau, "zhou", item.item_id, 1, "W01", "内容与事实不符")

    (withdrawn,) = await desk.release(await desk.seen())

    assert (withdrawn.state, withdrawn.reason_code, withdrawn.first_released_at) == ("withdrawn", "W01", item.first_released_at)
    assert await desk.open_versions() == []


async def test_figures_that_change_while_a_withdrawal_waits_are_drafted_once_it_is_released(desk):
    await desk.close_month(12)
    (item,) = await desk.review_and_release()
    async with desk.database.unit_of_work() as uow:
        await releasing.propose_withdrawal(uow, desk.bureau, "zhou", item.item_id, 1, "W01", "内容与事实不符")
    await desk.apply(figure(0, 11, version=2, was=12))

    await desk.release(await desk.seen())

    (draft,) = await desk.open_versions()
    assert (draft["version"], orjson.loads(draft["form"])["content"]["complaints"]) == (1, 11)


async def test_three_hundred_operators_are_drafted_and_released_together(desk):
    await desk.apply(*(figure(i, 3 + i % 40) for i in range(300)))
    await desk.apply(month_closed(300, sum(3 + i % 40 for i in range(300))))

    items = await desk.review_and_release()

    assert len(items) == 300
    assert [r["release_seq"] for r in await desk.releases()] == list(range(1, 301))
    assert len(await desk.outbox_values()) == 300


@pytest.mark.parametrize("month", ["2026-09", "2030-01", "1999-01", "9999-12"])
async def test_only_a_closed_month_can_be_drafted(desk, month):
    await desk.apply(figure(0, 12, month=month))

    with pytest.raises(drafting.MonthNotClosed):
        async with desk.database.unit_of_work() as uow:
            await drafting.draft_month(uow, desk.bureau, month)

    assert await desk.open_versions() == []
    assert await desk.owner.fetch("SELECT * FROM publisher.closings") == []


async def test_a_month_that_is_not_over_is_refused_with_the_day_on_which_it_closes(desk):
    today = desk.bureau.today(desk.database.clock())
    month = f"{today:%Y-%m}"

    with pytest.raises(drafting.MonthNotClosed) as refused:
        async with desk.database.unit_of_work() as uow:
            await drafting.draft_month(uow, desk.bureau, month)

    assert refused.value.draftable_from == desk.bureau.closing_day(month, desk.database.clock())
    assert refused.value.draftable_from > today


async def test_drafting_a_month_does_not_close_it(desk):
    await desk.apply(figure(0, 12))
    await desk.apply(month_closed(2, 17))
    closed = await desk.owner.fetchrow("SELECT operators, complaints, closed_at FROM publisher.closings")
    async with desk.database.unit_of_work() as uow:
        await drafting.draft_month(uow, desk.bureau, "2026-09")

    after = await desk.owner.fetchrow("SELECT * FROM publisher.closings")

    assert (after["operators"], after["complaints"], after["closed_at"]) == tuple(closed)
    assert after["drafted_at"] is not None
    assert len(await desk.open_versions()) == 1
