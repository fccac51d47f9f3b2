"""A decision is made once, on what the officer saw, with a reason, a reply and fitting effects."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from services.corrections.domain import (
    AlreadyClosed,
    ItemChanged,
    Proposal,
    ProposalFault,
    ProposalRefused,
    PublishedItem,
    Sound,
    State,
    complete,
    judge,
    make_ruling,
)
from shared.contracts import ApplicationKind, ComplaintEffect, Decision, FieldCorrection, Outcome, Status
from tests.unit.corrections.samples import AT, COMPLAINT, RULES, TODAY, application, complaint, filing, item

REPLY = "经核对，47份押金单合计8,460.00元。原公示金额多计1份已退还的押金，予以更正。"
SOUND = Proposal(
    2, Decision.CORRECTED, "C02", "涉及金额录入有误。", REPLY,
    corrections=(FieldCorrection(field="amount", value="8460.00"),),
)  # fmt: skip
COMPLAINTS = {COMPLAINT: complaint()}


def test_a_sound_decision_can_be_made() -> None:
    assert judge(application(), item(), COMPLAINTS, SOUND, RULES) == Sound()


@pytest.mark.parametrize("state", [State.DECIDED, State.WITHDRAWN_BY_OPERATOR])
def test_a_closed_application_is_not_decided_again(state: State) -> None:
    assert judge(replace(application(), state=state), item(), COMPLAINTS, SOUND, RULES) == AlreadyClosed()


def test_a_decision_on_an_item_that_changed_meanwhile_is_sent_back() -> None:
    assert judge(application(), item(version=3), COMPLAINTS, SOUND, RULES) == ItemChanged(3)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"reason_code": "W01"}, ProposalFault.REASON_CODE),
        ({"public_reason": ""}, ProposalFault.PUBLIC_REASON),
        ({"public_reason": "联系人１３９ ０００００００１"}, ProposalFault.PUBLIC_REASON_PERSONAL),
        ({"public_reason": "证件11010519491231002x"}, ProposalFault.PUBLIC_REASON_PERSONAL),
        ({"reply": "同意"}, ProposalFault.REPLY),
        ({"corrections": ()}, ProposalFault.NO_EFFECT),
        ({"decision": Decision.UPHELD, "reason_code": "K01"}, ProposalFault.DECISION),
        ({"corrections": (FieldCorrection(field="secret", value="1"),)}, ProposalFault.FIELD),
        ({"corrections": (FieldCorrection(field="amount", value="三千"),)}, ProposalFault.FIELD),
        ({"effects": (ComplaintEffect(complaint_id=UUID(int=99), exclude=True),)}, ProposalFault.COMPLAINT),
        ({"effects": (ComplaintEffect(complaint_id=COMPLAINT, amount="-1"),)}, ProposalFault.AMOUNT),
        (
            {"effects": (ComplaintEffect(complaint_id=COMPLAINT, status=Status.MEDIATING),)},
            ProposalFault.OUTCOME,
        ),
    ],
)
def test_each_fault_is_named(changes: dict[str, Any], fault: ProposalFault) -> None:
    verdict = judge(application(), item(), COMPLAINTS, replace(SOUND, **changes), RULES)

    assert verdict == ProposalRefused((fault,))


def test_an_open_complaint_can_be_closed_with_an_outcome_only() -> None:
    opened = {COMPLAINT: complaint(Status.MEDIATING, None)}
    outcome_only = replace(SOUND, effects=(ComplaintEffect(complaint_id=COMPLAINT, outcome=Outcome.MEDIATED),))
    closed = replace(SOUND, effects=(ComplaintEffect(complaint_id=COMPLAINT, status=Status.CLOSED, outcome=Outcome.MEDIATED),))

    assert judge(application(), item(), opened, outcome_only, RULES) == ProposalRefused((ProposalFault.OUTCOME,))
    assert judge(application(), item(), opened, closed, RULES) == Sound()


def test_a_query_is_answered_and_changes_nothing() -> None:
    query = application(filing(kind=ApplicationKind.QUERY))
    answered = replace(SOUND, decision=Decision.UPHELD, reason_code="K03", corrections=())

    assert judge(query, item(), COMPLAINTS, answered, RULES) == Sound()
    assert judge(query, item(), COMPLAINTS, SOUND, RULES) == ProposalRefused((ProposalFault.DECISION,))


def test_the_event_of_a_ruling_tells_its_effects_and_no_person() -> None:
    decided = application()
    ruling = make_ruling(decided, item(), SOUND, RULES, ruling_id=UUID(int=5), number=45, officer="shen", at=AT, today=TODAY)

    made = ruling.made(decided, item())

    assert made.corrections == SOUND.corrections
    assert [(effect.complaint_id, effect.amount) for effect in made.effects] == [(COMPLAINT, "8460.00")]
    assert made.reply_number == "公示答复〔2026〕45号"
    assert (made.rules_version, made.item_version) == ("2018-01-01", 2)
    assert not any(secret in made.model_dump_json() for secret in ("林嘉", "139", "shen", "47份"))


def test_an_outcome_of_the_complaint_is_one_of_the_item_too() -> None:
    closed = replace(
        SOUND,
        corrections=(),
        effects=(ComplaintEffect(complaint_id=COMPLAINT, status=Status.CLOSED, outcome=Outcome.MEDIATED),),
    )

    whole = complete(closed, item())

    assert {each.field: each.value for each in whole.corrections} == {"outcome": "mediated"}
    assert whole.effects == closed.effects


def test_a_complaint_that_no_longer_counts_keeps_its_amount() -> None:
    excluded = replace(SOUND, effects=(ComplaintEffect(complaint_id=COMPLAINT, exclude=True),))

    assert complete(excluded, item()).effects == excluded.effects


def test_a_basic_item_is_put_right_by_its_complaints_alone() -> None:
    basic = PublishedItem(item(period="2026-09").public.model_copy(update={"complaint_id": None}))

    assert complete(SOUND, basic) == SOUND
