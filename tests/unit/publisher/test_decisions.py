"""What a new form means for an item, whatever state it is in."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.publisher.domain.drafting import (
    DropDraft,
    ItemVersions,
    NoChange,
    Purpose,
    State,
    VersionContent,
    WriteVersion,
    decide,
    decide_withdrawal,
    needs_new_item,
)
from services.publisher.domain.form import Form
from services.publisher.domain.urgency import COUNTS, contradicts
from shared.contracts import Board, PublicOperator

CODE, REASON = "S01", "重算"


def form(count: int) -> Form:
    return Form(title="标题", content={"complaints": count})


def of_operator(key: str, count: int = 1) -> Form:
    return form(count).model_copy(update={"operator": PublicOperator(key=key, name="n")})


def at_hand(version: int, state: State, count: int, purpose: Purpose = Purpose.PUBLISH) -> VersionContent:
    return VersionContent(version, state, purpose, form(count))


def item(opened: VersionContent | None = None, public: VersionContent | None = None, last: int = 1) -> ItemVersions:
    return ItemVersions("GS-2026-000001", Board.BASIC, opened, public, last)


def test_a_new_subject_gets_a_first_version():
    assert decide(None, form(1), CODE, REASON) == WriteVersion(1, form(1))


def test_a_draft_is_replaced_in_its_place():
    assert decide(item(at_hand(1, State.DRAFT, 1)), form(2), CODE, REASON) == WriteVersion(1, form(2))


def test_the_same_draft_again_changes_nothing():
    assert decide(item(at_hand(1, State.APPROVED, 1)), form(1), CODE, REASON) == NoChange()


def test_what_is_public_gets_a_new_version_with_changes_and_reason():
    outcome = decide(item(public=at_hand(1, State.RELEASED, 1)), form(2), CODE, REASON)

    assert outcome == WriteVersion(
        2, Form(**{**form(2).model_dump(), "changes": (("complaints", "1", "2"),), "reason_code": CODE, "reason": REASON})
    )


def test_a_draft_whose_content_is_public_already_is_dropped():
    existing = item(at_hand(2, State.DRAFT, 2), at_hand(1, State.RELEASED, 1), last=2)

    assert decide(existing, form(1), CODE, REASON) == DropDraft(2)


def test_a_withdrawn_item_stays_withdrawn():
    existing = item(public=at_hand(2, State.RELEASED, 0, Purpose.WITHDRAW), last=2)

    assert decide(existing, form(5), CODE, REASON) == NoChange()


def test_a_proposed_withdrawal_is_not_overwritten():
    proposed = replace(at_hand(2, State.APPROVED, 0, Purpose.WITHDRAW), drafted_by="zhou")
    existing = item(proposed, at_hand(1, State.RELEASED, 1), last=2)

    assert decide(existing, form(5), CODE, REASON) == NoChange()
    assert decide_withdrawal(existing, CODE, REASON) == NoChange()


def test_a_withdrawal_that_the_service_drafted_is_replaced_when_the_form_comes_back():
    existing = item(at_hand(2, State.APPROVED, 0, Purpose.WITHDRAW), at_hand(1, State.RELEASED, 1), last=2)

    assert decide(existing, form(1), CODE, REASON) == DropDraft(2)
    outcome = decide(existing, form(5), CODE, REASON)
    assert (outcome.version, outcome.purpose, outcome.replaces) == (3, Purpose.PUBLISH, 2)


def test_a_withdrawal_takes_the_place_of_a_draft_and_is_urgent():
    existing = item(at_hand(2, State.DRAFT, 2), at_hand(1, State.RELEASED, 1), last=2)

    outcome = decide_withdrawal(existing, CODE, REASON)

    assert (outcome.version, outcome.purpose, outcome.urgent, outcome.replaces) == (3, Purpose.WITHDRAW, True, 2)
    assert outcome.form == Form(reason_code=CODE, reason=REASON)


def test_what_is_not_public_is_dropped_and_what_is_withdrawn_stays_so():
    assert decide_withdrawal(item(at_hand(1, State.DRAFT, 1)), CODE, REASON) == DropDraft(1)
    assert decide_withdrawal(item(public=at_hand(2, State.RELEASED, 0, Purpose.WITHDRAW), last=2), CODE, REASON) == NoChange()


def test_a_withdrawal_that_was_sent_back_is_drafted_again():
    existing = item(at_hand(2, State.RETURNED, 0, Purpose.WITHDRAW), at_hand(1, State.RELEASED, 1), last=2)

    assert decide_withdrawal(existing, CODE, REASON).version == 2


@pytest.mark.parametrize(
    ("drafted_by", "operator_key", "is_new"),
    [("publisher", "a", True), ("publisher", "b", True), ("zhou", "a", False), ("zhou", "b", True), ("DF-2026-1", "a", False)],
)
def test_a_withdrawn_item_makes_room_for_another_operator_or_where_no_person_withdrew_it(drafted_by, operator_key, is_new):
    withdrawn = replace(at_hand(2, State.RELEASED, 0, Purpose.WITHDRAW), drafted_by=drafted_by)
    existing = replace(item(public=withdrawn, last=2), last_content=of_operator("a"))

    assert needs_new_item(existing, of_operator(operator_key)) is is_new


@pytest.mark.parametrize(("board", "count", "is_new"), [("basic", 1, False), ("basic", 2, True), ("major", 2, False)])
def test_a_month_that_a_person_withdrew_makes_room_for_other_figures_and_for_no_other_board(board, count, is_new):
    withdrawn = replace(at_hand(2, State.RELEASED, 0, Purpose.WITHDRAW), drafted_by="zhou")
    existing = replace(item(public=withdrawn, last=2), last_content=of_operator("a"), board=Board(board))

    assert needs_new_item(existing, of_operator("a", count)) is is_new


def test_the_reason_of_a_withdrawal_does_not_name_the_operator():
    named = form(1).model_copy(update={"operator": PublicOperator(key="k", name="云州某某公司", uscc="91990102MA9K000003")})
    public = replace(at_hand(1, State.RELEASED, 1), form=named)

    outcome = decide_withdrawal(item(public=public), "W03", "不属于云州某某公司（91990102MA9K000003）")

    assert outcome.form.reason == "不属于该经营者（该经营者）"


def test_an_old_value_that_is_concealed_is_not_quoted():
    revised = form(2).as_revision_of(form(1), CODE, REASON, frozenset({"complaints"}))

    assert revised.changes == (("complaints", None, "2"),)


@given(
    before=st.dictionaries(st.sampled_from(COUNTS), st.integers(0, 50)),
    after=st.dictionaries(st.sampled_from(COUNTS), st.integers(0, 50)),
)
def test_a_month_contradicts_if_and_only_if_a_count_falls(before, after):
    falls = any(after.get(name, 0) < before.get(name, 0) for name in COUNTS)

    assert contradicts(Form(content=before), Form(content=after)) is falls


def test_a_declined_version_is_drafted_again_only_with_other_content():
    declined = ItemVersions("GS-2026-000001", Board.BASIC, None, None, 1, at_hand(1, State.REJECTED, 5))

    assert decide(declined, form(5), CODE, REASON) == NoChange()
    assert decide(declined, form(6), CODE, REASON) == WriteVersion(2, form(6))


def test_a_correction_that_was_dropped_is_drafted_again_under_a_new_number():
    assert decide(item(public=at_hand(1, State.RELEASED, 1), last=2), form(2), CODE, REASON).version == 3


def test_a_ruling_gives_its_reason_to_a_draft_that_came_first():
    first = decide(item(public=at_hand(1, State.RELEASED, 1)), form(2), CODE, REASON)
    waiting = item(VersionContent(2, State.DRAFT, Purpose.PUBLISH, first.form), at_hand(1, State.RELEASED, 1), last=2)

    outcome = decide(waiting, form(2), "C02", "录入差错")

    assert (outcome.version, outcome.form.reason_code) == (2, "C02")


@settings(max_examples=200)
@given(st.lists(st.integers(0, 3), max_size=20), st.data())
def test_no_sequence_of_forms_and_releases_reuses_a_number_or_repeats_what_is_public(counts, data):
    opened, public, last = None, None, 0
    released = []
    for count in counts:
        match decide(item(opened, public, last) if last else None, form(count), CODE, REASON):
            case WriteVersion(version, drafted):
                assert version == (opened.version if opened else last + 1)
                opened, last = VersionContent(version, State.DRAFT, Purpose.PUBLISH, drafted), max(last, version)
            case DropDraft(version):
                assert opened.version == version
                opened = None
            case NoChange():
                pass
        if opened and data.draw(st.booleans()):
            assert public is None or opened.form.changes_from(public.form)
            released.append(opened.version)
            opened, public = None, VersionContent(opened.version, State.RELEASED, Purpose.PUBLISH, opened.form)
    assert released == sorted(set(released))
