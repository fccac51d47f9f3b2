"""A decision is made once, on what the officer saw, with a reason, a reply and fitting effects."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from services.corrections.domain import (
    AlreadyClosed,
    ApplicationState,
    ItemChanged,
    Proposal,
    ProposalAccepted,
    ProposalFault,
    ProposalRejected,
    PublishedItem,
    check_proposal,
    make_ruling,
    mirror_corrections,
)
from shared.contracts import ApplicationKind, ComplaintEffect, Decision, FieldCorrection, Outcome, Status
from tests.unit.corrections.samples import AT, COMPLAINT, RULES, TODAY, application, complaint, filing, item

REPLY = "经核对，47份押金单合计8,460.00元。原公示金额多计1份已退还的押金，予以更正。"
VALID = Proposal(
    2, Decision.CORRECTED, "C02", "涉及金额录入有误。", REPLY,
    corrections=(FieldCorrection(field="amount", value="8460.00"),),
)  # fmt: skip
COMPLAINTS = {COMPLAINT: complaint()}


def test_a_valid_proposal_is_accepted() -> None:
    assert check_proposal(application(), item(), COMPLAINTS, VALID, RULES) == ProposalAccepted()


@pytest.mark.parametrize("state", [ApplicationState.DECIDED, ApplicationState.WITHDRAWN_BY_OPERATOR])
def test_a_closed_application_is_not_decided_again(state: ApplicationState) -> None:
    assert check_proposal(replace(application(), state=state), item(), COMPLAINTS, VALID, RULES) == AlreadyClosed()


def test_a_proposal_on_an_older_item_version_is_a_conflict() -> None:
    assert check_proposal(application(), item(version=3), COMPLAINTS, VALID, RULES) == ItemChanged(3)


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
    verdict = check_proposal(application(), item(), COMPLAINTS, replace(VALID, **changes), RULES)

    assert verdict == ProposalRejected((fault,))


def test_only_a_closed_complaint_has_an_outcome() -> None:
    open_complaints = {COMPLAINT: complaint(Status.MEDIATING, None)}
    outcome_only = replace(VALID, effects=(ComplaintEffect(complaint_id=COMPLAINT, outcome=Outcome.MEDIATED),))
    closed = replace(VALID, effects=(ComplaintEffect(complaint_id=COMPLAINT, status=Status.CLOSED, outcome=Outcome.MEDIATED),))

    assert check_proposal(application(), item(), open_complaints, outcome_only, RULES) == ProposalRejected(
        (ProposalFault.OUTCOME,)
    )
    assert check_proposal(application(), item(), open_complaints, closed, RULES) == ProposalAccepted()


def test_a_query_is_answered_and_changes_nothing() -> None:
    query = application(filing(kind=ApplicationKind.QUERY))
    answered = replace(VALID, decision=Decision.UPHELD, reason_code="K03", corrections=())

    assert check_proposal(query, item(), COMPLAINTS, answered, RULES) == ProposalAccepted()
    assert check_proposal(query, item(), COMPLAINTS, VALID, RULES) == ProposalRejected((ProposalFault.DECISION,))


def test_the_event_of_a_ruling_has_its_effects_and_no_personal_data() -> None:
    decided = application()
    ruling = make_ruling(decided, item(), VALID, RULES, ruling_id=UUID(int=5), number=45, officer="shen", at=AT, today=TODAY)

    made = ruling.to_event(decided, item())

    assert made.corrections == VALID.corrections
    assert [(effect.complaint_id, effect.amount) for effect in made.effects] == [(COMPLAINT, "8460.00")]
    assert made.reply_number == "公示答复〔2026〕45号"
    assert (made.rules_version, made.item_version) == ("2026-04-15", 2)
    assert not any(secret in made.model_dump_json() for secret in ("林嘉", "139", "shen", "47份"))


def test_an_outcome_of_the_complaint_is_mirrored_in_the_item() -> None:
    closed = replace(
        VALID,
        corrections=(),
        effects=(ComplaintEffect(complaint_id=COMPLAINT, status=Status.CLOSED, outcome=Outcome.MEDIATED),),
    )

    mirrored = mirror_corrections(closed, item())

    assert {each.field: each.value for each in mirrored.corrections} == {"outcome": "mediated"}
    assert mirrored.effects == closed.effects


def test_a_complaint_that_no_longer_counts_keeps_its_amount() -> None:
    excluded = replace(VALID, effects=(ComplaintEffect(complaint_id=COMPLAINT, exclude=True),))

    assert mirror_corrections(excluded, item()).effects == excluded.effects


def test_a_basic_item_is_corrected_by_its_complaints_only() -> None:
    basic = PublishedItem(item(period="2026-09").public.model_copy(update={"complaint_id": None}))

    assert mirror_corrections(VALID, basic) == VALID
