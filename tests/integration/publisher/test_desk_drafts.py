"""What offices draft at the desk goes through the gate like everything else, whatever its kind; a kind is one declaration."""

from __future__ import annotations

import re

import asyncpg
import pytest

from services.publisher import desk_drafts, kinds, releasing
from services.publisher.desk_drafts import KeyFixed, NaturalKeyTaken, NothingChanged
from services.publisher.kinds import KINDS, Kind
from services.publisher.kinds.fields import Code, CreditCode, Prose
from services.publisher.releasing import ContentChanged
from services.publisher.store import listing, paging, public_items
from services.publisher.store.listing import ItemFilter
from services.publisher.verification import channels
from services.publisher.verification.channels import ProbeOptions
from shared.contracts import Board
from shared.rules import RuleBook
from tests.integration.publisher.events import DRAFTERS, application_accepted, complaint, ruling
from tests.integration.publisher.running_publisher import HTML
from tests.unit.publisher.test_kinds import typed

pytestmark = pytest.mark.asyncio(loop_scope="session")

MADE_UP = Kind(
    name="made_up_notice",
    board=Board.OTHER,
    label="试制公告",
    fields=(Code(name="made_up_number", label="试制编号"), Prose(name="made_up_text", label="试制正文")),
    title=lambda content: f"试制公告{content['made_up_number']}",
    summary=lambda content: str(content["made_up_text"]),
    natural_key=("made_up_number",),
    note="试制说明。",
)
PENALTY = KINDS["penalty"]
REASON = ("C02", "金额有误")


def form_of(kind, **changes):
    changes = ({"party_kind": "organisation", "penalty_kind": "fine"} if kind is PENALTY else {}) | changes
    filled = kind.read(typed(kind, **changes))
    assert filled.faults == {}
    return desk_drafts.to_form(kind, filled, None)


async def write(desk, action, *arguments, person="qian"):
    async with desk.database.unit_of_work() as uow:
        return await action(uow, desk.bureau, person, *arguments)


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
async def test_an_item_of_every_kind_is_released_by_two_others_corrected_and_withdrawn(desk, kind):
    item_id = await write(desk, desk_drafts.create, kind, form_of(kind))
    (item,) = await desk.review_and_release(kind.board)
    assert (item.item_id, item.kind, item.version, item.state) == (item_id, kind.name, 1, "released")

    changed = next(
        each for each in reversed(kind.fields) if each.name not in kind.natural_key and not isinstance(each, CreditCode)
    )
    value = {"day": "2026-10-10", "number": "13", "choice": "organisation"}.get(changed.widget, "另一写法。")
    if changed.name == "covers":
        value = "2025"
    await write(desk, desk_drafts.correct, item_id, 1, kind, form_of(kind, **{changed.name: value}), REASON)
    (corrected,) = await desk.review_and_release(kind.board)
    assert (corrected.version, corrected.state, corrected.reason_code) == (2, "corrected", "C02")
    assert changed.name in {name for name, _, _ in corrected.changes}

    async with desk.database.unit_of_work() as uow:
        await releasing.propose_withdrawal(uow, desk.bureau, "zhou", item_id, 2, "W01", "不应公示")
    (withdrawn,) = await desk.release(await desk.seen(kind.board))
    assert (withdrawn.state, withdrawn.title, withdrawn.content) == ("withdrawn", None, None)


async def test_who_drafted_cannot_review_and_the_gate_takes_no_draft(desk):
    await write(desk, desk_drafts.create, PENALTY, form_of(PENALTY), person="zhou")
    (seen,) = await desk.seen("penalties")

    with pytest.raises(asyncpg.CheckViolationError, match="drafted by the same person"):
        await desk.review([seen], "zhou")
    with pytest.raises(ContentChanged):
        await desk.release([seen])


async def test_a_failing_check_of_the_kind_blocks_the_review(desk):
    await write(desk, desk_drafts.create, PENALTY, form_of(PENALTY, party_kind="person"))

    with pytest.raises(asyncpg.CheckViolationError, match="fails a check"):
        await desk.review(await desk.seen("penalties"))


async def test_the_same_decision_is_published_once(desk):
    first = await write(desk, desk_drafts.create, PENALTY, form_of(PENALTY))
    other = await write(desk, desk_drafts.create, PENALTY, form_of(PENALTY, document_number="另一文号"))

    with pytest.raises(NaturalKeyTaken) as taken:
        await write(desk, desk_drafts.create, PENALTY, form_of(PENALTY))
    assert taken.value.item_id == first
    seen = next(each for each in await desk.seen("penalties") if each.item_id == other)
    with pytest.raises(NaturalKeyTaken):
        await write(desk, desk_drafts.edit, seen, PENALTY, form_of(PENALTY))


async def test_a_returned_draft_is_edited_and_comes_back_under_its_new_number(desk):
    item_id = await write(desk, desk_drafts.create, PENALTY, form_of(PENALTY))
    (seen,) = await desk.seen("penalties")
    async with desk.database.unit_of_work() as uow:
        await releasing.send_back(uow, desk.bureau, "zhou", seen, "R02", "文号有误")

    await write(desk, desk_drafts.edit, seen, PENALTY, form_of(PENALTY, document_number="云市监罚〔2026〕8号"))

    with pytest.raises(ContentChanged):
        await write(desk, desk_drafts.edit, seen, PENALTY, form_of(PENALTY))
    (item,) = await desk.review_and_release("penalties")
    assert (item.item_id, item.content["document_number"]) == (item_id, "云市监罚〔2026〕8号")
    assert await write(desk, desk_drafts.create, PENALTY, form_of(PENALTY)) != item_id


async def test_a_discarded_draft_frees_its_number_and_leaves_what_is_public(desk):
    item_id = await write(desk, desk_drafts.create, PENALTY, form_of(PENALTY))
    (seen,) = await desk.seen("penalties")
    await write(desk, desk_drafts.discard, seen)
    assert await write(desk, desk_drafts.create, PENALTY, form_of(PENALTY)) == item_id

    (item,) = await desk.review_and_release("penalties")
    await write(desk, desk_drafts.correct, item_id, item.version, PENALTY, form_of(PENALTY, fine="3"), REASON)
    (seen,) = await desk.seen("penalties")
    await write(desk, desk_drafts.discard, seen)

    assert await desk.open_versions("penalties") == []
    with pytest.raises(NothingChanged):
        await write(desk, desk_drafts.correct, item_id, item.version, PENALTY, form_of(PENALTY), REASON)


async def test_what_a_public_item_is_known_by_stays_until_it_is_withdrawn(desk):
    item_id = await write(desk, desk_drafts.create, PENALTY, form_of(PENALTY))
    await desk.review_and_release("penalties")

    with pytest.raises(KeyFixed):
        await write(desk, desk_drafts.correct, item_id, 1, PENALTY, form_of(PENALTY, document_number="另一文号"), REASON)
    with pytest.raises(NaturalKeyTaken):
        await write(desk, desk_drafts.create, PENALTY, form_of(PENALTY))


@pytest.mark.parametrize("written", ["云市监罚[2026] 7号", "云市监罚〔２０２６〕７号", "云市监罚〔2026〕7\u200b号"])
async def test_a_number_is_one_however_it_is_written(desk, written):
    await write(desk, desk_drafts.create, PENALTY, form_of(PENALTY, document_number="云市监罚〔2026〕7号"))

    with pytest.raises(NaturalKeyTaken):
        await write(desk, desk_drafts.create, PENALTY, form_of(PENALTY, document_number=written))


async def test_a_draft_takes_the_number_of_a_discarded_one(desk):
    await write(desk, desk_drafts.create, PENALTY, form_of(PENALTY))
    (seen,) = await desk.seen("penalties")
    await write(desk, desk_drafts.discard, seen)
    other = await write(desk, desk_drafts.create, PENALTY, form_of(PENALTY, document_number="另一文号"))
    (seen,) = await desk.seen("penalties")

    await write(desk, desk_drafts.edit, seen, PENALTY, form_of(PENALTY))

    assert [row["item_id"] for row in await desk.open_versions("penalties")] == [other]


async def test_an_edit_that_changes_nothing_is_refused(desk):
    item_id = await write(desk, desk_drafts.create, PENALTY, form_of(PENALTY))
    (seen,) = await desk.seen("penalties")
    with pytest.raises(NothingChanged):
        await write(desk, desk_drafts.edit, seen, PENALTY, form_of(PENALTY))
    await desk.review_and_release("penalties")
    await write(desk, desk_drafts.correct, item_id, 1, PENALTY, form_of(PENALTY, fine="3"), REASON)
    (seen,) = await desk.seen("penalties")
    with pytest.raises(NothingChanged):
        await write(desk, desk_drafts.edit, seen, PENALTY, form_of(PENALTY))


async def rule(desk, item_id, *corrections, number=1):
    await desk.apply(application_accepted(item_id, number))
    await desk.apply(ruling(item_id, "corrected", number, corrections=corrections))


async def test_a_ruling_is_composed_like_the_office_does_and_cannot_be_edited_away(desk):
    item_id = await write(desk, desk_drafts.create, PENALTY, form_of(PENALTY))
    await desk.review_and_release("penalties")

    await rule(desk, item_id, ("fine", "2"), ("offence", "价格违法"), ("operator.name", "云州新名称有限公司"))

    (seen,) = await desk.seen("penalties")
    with pytest.raises(ContentChanged):
        await write(desk, desk_drafts.edit, seen, PENALTY, form_of(PENALTY, fine="9"))
    (item,) = await desk.review_and_release("penalties")
    assert item.content["fine"] == "2.000000"
    assert "云州新名称有限公司" in item.title
    assert item.summary.startswith("价格违法")


@pytest.mark.parametrize("correction", [("fine", "3万"), ("penalty_kind", "xx"), ("document_number", "8号"), ("colour", "x")])
async def test_a_ruling_that_the_kind_does_not_take_is_a_dead_letter_and_ends_the_review(desk, correction):
    item_id = await write(desk, desk_drafts.create, PENALTY, form_of(PENALTY))
    await desk.review_and_release("penalties")

    await rule(desk, item_id, correction)

    assert await desk.open_versions("penalties") == []
    async with desk.database.snapshot() as connection:
        assert not (await public_items.fetch_public_item(connection, item_id)).under_review


async def test_after_a_ruling_without_effect_a_draft_can_be_thrown_away(desk):
    item_id = await write(desk, desk_drafts.create, PENALTY, form_of(PENALTY, fine="1"))
    await desk.review_and_release("penalties")
    await rule(desk, item_id, ("fine", "1"))

    await write(desk, desk_drafts.correct, item_id, 1, PENALTY, form_of(PENALTY, fine="3"), REASON)
    (seen,) = await desk.seen("penalties")
    await write(desk, desk_drafts.discard, seen)

    assert await desk.open_versions("penalties") == []


async def propose_and_refuse(desk, item_id, between=None, board="penalties"):
    """Propose to withdraw an item, let something come in between, refuse."""
    async with desk.database.unit_of_work() as uow:
        await releasing.propose_withdrawal(uow, desk.bureau, "zhou", item_id, 1, "W01", "不应公示")
    (seen,) = await desk.seen(board)
    if between:
        await between()
    async with desk.database.unit_of_work() as uow:
        await releasing.send_back(uow, desk.bureau, "wu", seen, "R02", "不撤回")


@pytest.mark.parametrize("first", [True, False], ids=["before the proposal", "during it"])
async def test_a_ruling_outlives_a_refused_withdrawal(desk, first):
    item_id = await write(desk, desk_drafts.create, PENALTY, form_of(PENALTY, fine="1"))
    await desk.review_and_release("penalties")
    if first:
        await rule(desk, item_id, ("fine", "2"))

    await propose_and_refuse(desk, item_id, None if first else lambda: rule(desk, item_id, ("fine", "2")))

    async with desk.database.snapshot() as connection:
        assert (await public_items.fetch_public_item(connection, item_id)).under_review
    (item,) = await desk.review_and_release("penalties")
    assert (item.content["fine"], item.reason_code) == ("2.000000", "C02")


async def test_a_revision_outlives_a_refused_withdrawal(desk):
    await desk.apply(complaint(1))
    (item,) = await desk.review_and_release("major")

    await propose_and_refuse(desk, item.item_id, lambda: desk.apply(complaint(1, revision=2, recovered="900.00")), "major")

    (corrected,) = await desk.review_and_release("major")
    assert corrected.content["recovered"] == "900.00"


async def test_a_discarded_correction_does_not_come_back_with_a_refused_withdrawal(desk):
    item_id = await write(desk, desk_drafts.create, PENALTY, form_of(PENALTY))
    await desk.review_and_release("penalties")
    await write(desk, desk_drafts.correct, item_id, 1, PENALTY, form_of(PENALTY, fine="3"), REASON)
    (seen,) = await desk.seen("penalties")
    await write(desk, desk_drafts.discard, seen)

    await propose_and_refuse(desk, item_id)

    assert await desk.open_versions("penalties") == []


async def test_a_withdrawn_item_makes_room_for_a_new_one_that_follows_it(desk):
    item_id = await write(desk, desk_drafts.create, PENALTY, form_of(PENALTY))
    await desk.review_and_release("penalties")
    async with desk.database.unit_of_work() as uow:
        await releasing.propose_withdrawal(uow, desk.bureau, "zhou", item_id, 1, "W01", "不应公示")
    await desk.release(await desk.seen("penalties"))

    again = await write(desk, desk_drafts.create, PENALTY, form_of(PENALTY))

    assert again != item_id
    assert await desk.owner.fetchval("SELECT follows FROM publisher.items WHERE item_id = $1", again) == item_id


async def test_a_board_is_listed_by_kind_page_by_page(desk):
    for number in range(3):
        await write(desk, desk_drafts.create, KINDS["consumer_tip"], form_of(KINDS["consumer_tip"], headline=f"提示{number}"))
        await write(desk, desk_drafts.create, KINDS["hot_spot"], form_of(KINDS["hot_spot"], headline=f"热点{number}"))
    await desk.review_and_release("warnings")
    tips = ItemFilter(kind="consumer_tip", region="990102")

    async with desk.database.snapshot() as connection:
        first = await listing.fetch_board_items(connection, Board.WARNINGS, tips, limit=2)
        last = await listing.fetch_board_items(connection, Board.WARNINGS, tips, before=first[-1].release_seq, limit=2)
        total = await listing.count_board_items(connection, Board.WARNINGS, tips)
        back = await paging.previous_page_seq(connection, Board.WARNINGS, tips, first[-1].release_seq, 2)

    assert [row.item.kind for row in (*first, *last)] == ["consumer_tip"] * 3
    assert (total, back) == (3, None)


def fields_of(page):
    """The names of a form's fields, and its hidden values."""
    names = set(re.findall(r'<(?:input|textarea|select)[^>]* name="([^"]+)"', page))
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    return names, seen.group(1) if seen else ""


@pytest.fixture
def made_up(monkeypatch):
    """A kind that is declared in this file and nowhere else."""
    monkeypatch.setitem(kinds._kinds, MADE_UP.name, MADE_UP)
    for each in MADE_UP.fields:
        monkeypatch.setitem(kinds._fields, each.name, each)
    return MADE_UP


async def test_a_made_up_kind_goes_from_its_form_to_every_channel_and_back(publisher, made_up):
    async with publisher.person("kong") as drafter:
        names, _ = fields_of((await drafter.get(f"/desk/drafts/new/{made_up.name}")).text)
        assert {"made_up_number", "made_up_text"} <= names
        form = {"made_up_number": "甲号", "made_up_text": "第一段。\n第二段。"}
        assert "试制公告甲号" in (await drafter.post(f"/desk/drafts/new/{made_up.name}", data=form)).text
    await publisher.release_all()

    (item,) = await publisher.items("other")
    path = f"/items/{item['item_id']}"
    assert (item["kind"], item["content"]) == (made_up.name, {"made_up_number": "甲号", "made_up_text": "第一段。\n第二段。"})
    for address, words in (
        (path, ("试制公告甲号", "试制编号", "<p>第二段。</p>", "试制说明。")),
        ("/boards/other", ("试制公告甲号",)),
        ("/search?q=试制公告", ("<mark>试制公告</mark>甲号",)),
        ("/feeds/other.atom", ("试制公告甲号",)),
        ("/", ("试制公告甲号",)),
    ):
        page = (await publisher.public.get(address, headers=HTML)).text
        assert all(each in page for each in words), address
    assert item["item_id"] in (await publisher.player.get("/screens/mall")).text
    assert await find_differences(publisher) == []

    async with publisher.person("zhou") as reviewer:
        await reviewer.post(f"/desk{path}/withdraw", data={"version": 1, "code": "W01", "note": "不应公示"})
    await release_withdrawal(publisher, item["item_id"])
    assert (await publisher.public.get(path, headers=HTML)).status_code == 410
    assert "试制公告甲号" not in (await publisher.public.get("/boards/other", headers=HTML)).text
    assert await find_differences(publisher) == []


async def release_withdrawal(publisher, item_id):
    async with publisher.person("wu") as gatekeeper:
        dialog = (await gatekeeper.get(f"/desk/approved?item={item_id}")).text
        seen = re.findall(r'name="seen" value="([^"]+)"', dialog)
        await gatekeeper.post("/desk/release", data={"item": item_id, "seen": seen, "checked": "yes"})


async def find_differences(publisher):
    served = await channels.find_differences(publisher.database, publisher.url, publisher.settings.zone, ProbeOptions())
    return served.found


@pytest.mark.parametrize(("name", "office"), [(name, office) for name, _, office in DRAFTERS])
async def test_an_office_has_the_forms_of_its_own_kinds_and_no_others(month, name, office):
    boards = RuleBook.load(month.settings.rules).versions[-1].boards
    of_office = [kind for kind in KINDS.values() if boards[kind.board].drafted_by == office]
    own = {kind.name for kind in of_office if not kind.is_drafted_by_program}
    async with month.person(name) as drafter:
        for kind in KINDS.values():
            answer = await drafter.get(f"/desk/drafts/new/{kind.name}")
            assert answer.status_code == (200 if kind.name in own else 404), kind.name
            if kind.name in own:
                assert {each.name for each in kind.typed_fields()} <= fields_of(answer.text)[0]
        assert (await drafter.get("/desk")).status_code == 403
        item = (await month.items())[0]
        assert (await drafter.get(f"/desk/items/{item['item_id']}")).status_code == 404
    assert own


async def test_a_form_with_faults_keeps_what_was_typed_and_names_each(publisher):
    values = typed(PENALTY, party_kind="organisation", fine="一万", decided_on="", **{"operator.uscc": "91990102MA9K000000"})
    async with publisher.person("qian") as drafter:
        answer = await drafter.post("/desk/drafts/new/penalty", data=values)

        assert answer.status_code == 422
        assert all(words in answer.text for words in ("请填写数字", "请填写处罚决定日期", "信用代码校验不通过", 'value="一万"'))
        assert values["offence_facts"].splitlines()[0] in answer.text
        assert (await drafter.get("/desk/drafts")).text.count('class="q-title"') == 0


async def test_a_form_that_was_overtaken_stays_so_through_its_faults_and_a_file_is_no_text(publisher):
    values = typed(PENALTY, party_kind="organisation", penalty_kind="fine", fine="1")
    async with publisher.person("qian") as drafter:
        await drafter.post("/desk/drafts/new/penalty", data=values)
        (item_id,) = re.findall(r'href="/desk/items/([^"]+)"', (await drafter.get("/desk/drafts")).text)
        _, first = fields_of((await drafter.get(f"/desk/items/{item_id}/edit")).text)
        await drafter.post(f"/desk/items/{item_id}/edit", data={**values, "seen": first, "fine": "2"})

        faulty = await drafter.post(f"/desk/items/{item_id}/edit", data={**values, "seen": first, "decided_on": "x"})
        _, seen = fields_of(faulty.text)
        mended = await drafter.post(f"/desk/items/{item_id}/edit", data={**values, "seen": seen})
        assert (faulty.status_code, mended.status_code) == (422, 409)

        await publisher.release_all()
        correction = {**values, "fine": "3", "code": "C02", "note": "金额有误"}
        overtaken = await drafter.post(f"/desk/items/{item_id}/correct", data={**correction, "version": "9"})
        unexplained = await drafter.post(f"/desk/items/{item_id}/correct", data={**correction, "version": "1", "note": ""})
        upload = await drafter.post(
            "/desk/drafts/new/penalty",
            data={name: value for name, value in values.items() if name != "offence"},
            files={"offence": ("a.txt", b"x")},
        )
        assert (overtaken.status_code, unexplained.status_code, upload.status_code) == (409, 422, 422)
        assert values["offence_facts"].splitlines()[0] in unexplained.text


async def test_a_draft_is_edited_corrected_and_discarded_by_its_forms(publisher):
    values = typed(PENALTY, party_kind="organisation", penalty_kind="fine", fine="1.5")
    async with publisher.person("qian") as drafter, publisher.person("kong") as other:
        await drafter.post("/desk/drafts/new/penalty", data=values)
        twice = await drafter.post("/desk/drafts/new/penalty", data=values)
        assert (twice.status_code, "已有同样的公示信息" in twice.text) == (409, True)
        (item_id,) = re.findall(r'href="/desk/items/([^"]+)"', (await drafter.get("/desk/drafts")).text)
        assert (await other.get(f"/desk/items/{item_id}/edit")).status_code == 404

        _, seen = fields_of((await drafter.get(f"/desk/items/{item_id}/edit")).text)
        edited = await drafter.post(f"/desk/items/{item_id}/edit", data={**values, "seen": seen, "fine": "2.25"})
        assert "2.25" in edited.text
        stale = await drafter.post(f"/desk/items/{item_id}/edit", data={**values, "seen": seen})
        assert stale.status_code == 409
        await publisher.release_all()
        assert (await publisher.items("penalties"))[0]["content"]["fine"] == "2.250000"

        correction = {**values, "version": "1", "fine": "3", "code": "C02", "note": "金额有误"}
        assert (await drafter.post(f"/desk/items/{item_id}/correct", data=correction)).status_code == 200
        _, seen = fields_of((await drafter.get(f"/desk/items/{item_id}/edit")).text)
        await drafter.post(f"/desk/items/{item_id}/discard", data={"seen": seen})
        page = (await drafter.get(f"/desk/items/{item_id}")).text
        assert "起草更正版" in page
        unchanged = await drafter.post(f"/desk/items/{item_id}/correct", data={**correction, "fine": "2.25"})
        assert (unchanged.status_code, "内容没有改动" in unchanged.text) == (409, True)
