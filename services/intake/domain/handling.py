"""The handling of a complaint that was entered at the desk: which step may follow, and what a step makes of the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from shared.contracts import ComplaintRevised, Outcome, Status


class Step(StrEnum):
    """A step of the handling that a clerk records."""

    ACCEPT = "accept"
    REJECT = "reject"
    MEDIATE = "mediate"
    CLOSE = "close"
    REOPEN = "reopen"


STEPS: Mapping[Status, tuple[Step, ...]] = {
    Status.RECEIVED: (Step.ACCEPT, Step.REJECT, Step.CLOSE),
    Status.ACCEPTED: (Step.MEDIATE, Step.CLOSE),
    Status.MEDIATING: (Step.CLOSE,),
    Status.REJECTED: (Step.REOPEN,),
    Status.CLOSED: (Step.REOPEN,),
}
# How a complaint can end that nobody accepted: nothing was mediated.
WITHOUT_ACCEPTANCE = (Outcome.SELF_SETTLED, Outcome.WITHDRAWN, Outcome.TRANSFERRED)
WITH_ACCEPTANCE = (Outcome.MEDIATED, Outcome.SELF_SETTLED, Outcome.FAILED, Outcome.WITHDRAWN, Outcome.TRANSFERRED)


class HandlingFault(StrEnum):
    """Why a step cannot be recorded as it was filled in."""

    STEP = "step"
    DAY_MISSING = "day_missing"
    DAY_IN_FUTURE = "day_in_future"
    DAY_TOO_EARLY = "day_too_early"
    OUTCOME_MISSING = "outcome_missing"
    OUTCOME_NEEDS_ACCEPTANCE = "outcome_needs_acceptance"
    GROUND_MISSING = "ground_missing"
    RECOVERED = "recovered"
    TEXT_WITHHELD = "text_withheld"


@dataclass(frozen=True, slots=True)
class RecordedStep:
    """A step as a clerk filled it in; `recovered` in yuan, `grounds` are the codes that the rules have for it."""

    step: Step
    day: date | None
    outcome: Outcome | None = None
    recovered: str | None = None
    ground: str = ""
    grounds: frozenset[str] = frozenset()


def possible_steps(facts: ComplaintRevised) -> tuple[Step, ...]:
    """Return the steps that may follow."""
    return STEPS[facts.status]


def find_faults(facts: ComplaintRevised, recorded: RecordedStep, today: date) -> dict[str, HandlingFault]:
    """Return what is wrong with a step, by field."""
    if recorded.step not in possible_steps(facts):
        return {"step": HandlingFault.STEP}
    faults: dict[str, HandlingFault] = {}
    if facts.title is None and facts.text is None:
        faults["step"] = HandlingFault.TEXT_WITHHELD
    day_fault = _find_day_fault(facts, recorded, today)
    if day_fault:
        faults["day"] = day_fault
    if recorded.step is Step.CLOSE:
        if recorded.outcome is None:
            faults["outcome"] = HandlingFault.OUTCOME_MISSING
        elif not facts.accepted and recorded.outcome not in WITHOUT_ACCEPTANCE:
            faults["outcome"] = HandlingFault.OUTCOME_NEEDS_ACCEPTANCE
    if recorded.step is Step.REJECT and recorded.grounds and recorded.ground not in recorded.grounds:
        faults["ground"] = HandlingFault.GROUND_MISSING
    return faults


def _find_day_fault(facts: ComplaintRevised, recorded: RecordedStep, today: date) -> HandlingFault | None:
    if recorded.step is Step.REOPEN:
        return None
    if recorded.day is None:
        return HandlingFault.DAY_MISSING
    if recorded.day > today:
        return HandlingFault.DAY_IN_FUTURE
    earliest = facts.accepted_on if recorded.step in {Step.MEDIATE, Step.CLOSE} and facts.accepted_on else facts.received_on
    return HandlingFault.DAY_TOO_EARLY if recorded.day < earliest else None


def apply_step(data: Mapping[str, Any], facts: ComplaintRevised, recorded: RecordedStep, zone: ZoneInfo) -> dict[str, Any]:
    """Return a report's JSON fields after a step that has no faults."""
    moment = datetime.combine(recorded.day, time(), zone).isoformat() if recorded.day else None
    match recorded.step:
        case Step.ACCEPT:
            changes: dict[str, Any] = {"status": Status.ACCEPTED, "accepted_at": moment}
        case Step.REJECT:
            changes = {"status": Status.REJECTED, "closed_at": moment}
        case Step.MEDIATE:
            changes = {"status": Status.MEDIATING}
        case Step.CLOSE:
            changes = {
                "status": Status.CLOSED, "outcome": recorded.outcome, "closed_at": moment,
                "recovered": recorded.recovered or data.get("recovered"),
            }  # fmt: skip
        case Step.REOPEN:
            status = Status.MEDIATING if facts.accepted_on else Status.RECEIVED
            changes = {"status": status, "outcome": None, "closed_at": None, "recovered": None}
    return {**data, **changes}


def to_report_data(facts: ComplaintRevised, revision: int, zone: ZoneInfo) -> dict[str, Any]:
    """Return the JSON fields of a report that says what is stored of a complaint, as this revision of its source.

    Texts are redacted, and of the complainant nothing is left but the consents.
    """

    def moment(day: date | None) -> str | None:
        return datetime.combine(day, time(), zone).isoformat() if day else None

    operator = facts.operator
    return {
        "channel": facts.channel, "external_id": facts.external_id, "revision": revision, "kind": facts.kind,
        "ledger": facts.ledger, "received_at": facts.received_at.isoformat(), "region": facts.region,
        "industry": facts.industry, "category": facts.category, "goods": facts.goods,
        "operator": {
            "name": operator.name, "uscc": operator.uscc, "address": operator.address, "scope": operator.scope,
            "platform": operator.platform, "site": operator.site,
        },
        "complainant": {
            "consents_to_publish": facts.consents_to_publish, "consents_to_direct": facts.consents_to_direct,
        },
        "title": facts.title, "text": facts.text, "amount": facts.amount, "status": facts.status, "outcome": facts.outcome,
        "accepted_at": moment(facts.accepted_on), "due_at": moment(facts.due_on), "closed_at": moment(facts.closed_on),
        "recovered": facts.recovered, "satisfaction": facts.satisfaction, "case_number": facts.case_number,
        "office": facts.office, "goods_class": facts.goods_class, "sale_mode": facts.sale_mode, "demand": facts.demand,
    }  # fmt: skip
