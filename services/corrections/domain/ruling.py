"""Rulings: what an officer decides on an application, the checks on it, and what it changes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from services.corrections.domain.application import Application
from services.corrections.domain.numbers import reply_number
from services.corrections.domain.register import ComplaintFact, PublishedItem, fits, yuan
from shared.contracts import ComplaintEffect, Decision, FieldCorrection, RulingMade, Status
from shared.rules import Rules

LONGEST_REASON = 200
LONGEST_REPLY = 4_000
SHORTEST_REPLY = 10
LONGEST_VALUE = 4_000

# Mobile numbers and ID numbers by their shape; what is made public must hold neither.
_PERSONAL = re.compile(r"(?<![0-9])1[3-9][0-9](?:[ -]?[0-9]){8}(?![0-9])|(?<![0-9A-Z])[1-9][0-9]{16}[0-9X](?![0-9A-Z])")


class ProposalFault(StrEnum):
    """What is wrong with a decision as it was sent, each named after its field and what to do."""

    DECISION = "decision"
    REASON_CODE = "reason_code"
    PUBLIC_REASON = "public_reason"
    PUBLIC_REASON_PERSONAL = "public_reason_personal"
    REPLY = "reply"
    NO_EFFECT = "no_effect"
    FIELD = "field"
    COMPLAINT = "complaint"
    AMOUNT = "amount"
    OUTCOME = "outcome"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A decision as the officer sent it. `item_version` is the version that the officer had before their eyes."""

    item_version: int
    decision: Decision
    reason_code: str
    public_reason: str
    reply: str
    effects: tuple[ComplaintEffect, ...] = ()
    corrections: tuple[FieldCorrection, ...] = ()


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decision that was made: one per application, with a written reply."""

    ruling_id: UUID
    application_id: UUID
    proposal: Proposal
    reply_number: str
    decided_by: str
    decided_at: datetime
    rules_version: str

    def made(self, application: Application, item: PublishedItem) -> RulingMade:
        """Return the event; of the reply only its number, and no personal data."""
        return RulingMade(
            ruling_id=self.ruling_id,
            application_id=self.application_id,
            receipt=application.receipt,
            item_id=application.filing.item_id,
            item_version=self.proposal.item_version,
            kind=application.filing.kind,
            operator_key=item.public.operator.key if item.public.operator else None,
            decision=self.proposal.decision,
            reason_code=self.proposal.reason_code,
            public_reason=self.proposal.public_reason,
            reply_number=self.reply_number,
            effects=self.proposal.effects,
            corrections=self.proposal.corrections,
            decided_at=self.decided_at,
            rules_version=self.rules_version,
        )


@dataclass(frozen=True, slots=True)
class Sound:
    """The decision can be made."""


@dataclass(frozen=True, slots=True)
class AlreadyClosed:
    """Someone else was first: the application is decided, or the operator withdrew it."""


@dataclass(frozen=True, slots=True)
class ItemChanged:
    """The item has a newer version than the officer saw."""

    version: int


@dataclass(frozen=True, slots=True)
class ProposalRefused:
    """The decision as sent cannot be made."""

    faults: tuple[ProposalFault, ...]


Verdict = Sound | AlreadyClosed | ItemChanged | ProposalRefused


def judge(
    application: Application,
    item: PublishedItem,
    complaints: Mapping[UUID, ComplaintFact],
    proposal: Proposal,
    rules: Rules,
) -> Verdict:
    """Return whether the decision can be made now. `complaints` are those that it may touch."""
    if not application.state.open:
        return AlreadyClosed()
    if item.public.version != proposal.item_version:
        return ItemChanged(item.public.version)
    faults = tuple(_faults(application, item, complaints, proposal, rules))
    return ProposalRefused(faults) if faults else Sound()


def complete(proposal: Proposal, item: PublishedItem) -> Proposal:
    """Return the correction with item and complaint put right alike, where the item tells of one complaint.

    An amount corrected in the one is corrected in the other; an outcome of the complaint is one of the item too.
    """
    if item.public.complaint_id is None or proposal.decision is not Decision.CORRECTED:
        return proposal
    complaint_id = UUID(item.public.complaint_id)
    effect = next((each for each in proposal.effects if each.complaint_id == complaint_id), None)
    effect = effect or ComplaintEffect(complaint_id=complaint_id)
    fields = {each.field: each.value for each in proposal.corrections}
    shown = item.public.content or {}
    if "amount" in fields and effect.amount is None and not effect.exclude:
        effect = effect.model_copy(update={"amount": fields["amount"]})
    told = {"amount": effect.amount, "status": effect.status, "outcome": effect.outcome}
    fields |= {name: str(value) for name, value in told.items() if value is not None and name in shown}
    others = tuple(each for each in proposal.effects if each.complaint_id != complaint_id)
    changed = effect.exclude or any(value is not None for value in told.values())
    return replace(
        proposal,
        effects=(*others, effect) if changed else others,
        corrections=tuple(FieldCorrection(field=field, value=value) for field, value in fields.items()),
    )


def make_ruling(
    application: Application,
    item: PublishedItem,
    proposal: Proposal,
    rules: Rules,
    *,
    ruling_id: UUID,
    number: int,
    officer: str,
    at: datetime,
    today: date,
) -> Ruling:
    """Return the ruling of a sound decision. `number` is the next free reply number of the year of `today`."""
    reply = reply_number(today.year, number)
    whole = complete(proposal, item)
    return Ruling(ruling_id, application.application_id, whole, reply, officer, at, rules.version)


def _faults(
    application: Application,
    item: PublishedItem,
    complaints: Mapping[UUID, ComplaintFact],
    proposal: Proposal,
    rules: Rules,
) -> list[ProposalFault]:
    changes = len(proposal.effects) + len(proposal.corrections)
    reasons = rules.applications.rulings[proposal.decision]
    checks = (
        (ProposalFault.DECISION, proposal.decision in rules.applications.allowed(application.filing.kind)),
        (ProposalFault.REASON_CODE, proposal.reason_code in reasons),
        (ProposalFault.PUBLIC_REASON, 0 < len(proposal.public_reason) <= LONGEST_REASON),
        (ProposalFault.PUBLIC_REASON_PERSONAL, not _PERSONAL.search(_plain(proposal.public_reason))),
        (ProposalFault.REPLY, SHORTEST_REPLY <= len(proposal.reply) <= LONGEST_REPLY),
        (ProposalFault.NO_EFFECT, (proposal.decision is not Decision.CORRECTED) or changes > 0),
        (ProposalFault.DECISION, proposal.decision is not Decision.UPHELD or changes == 0),
        (ProposalFault.FIELD, all(_field_is_right(item, correction) for correction in proposal.corrections)),
        (ProposalFault.COMPLAINT, all(effect.complaint_id in complaints for effect in proposal.effects)),
        (ProposalFault.AMOUNT, all(effect.amount is None or yuan(effect.amount) for effect in proposal.effects)),
        (
            ProposalFault.OUTCOME,
            all(_outcome_fits(complaints.get(effect.complaint_id), effect) for effect in proposal.effects),
        ),
    )
    return list(dict.fromkeys(fault for fault, right in checks if not right))


def _field_is_right(item: PublishedItem, correction: FieldCorrection) -> bool:
    known = correction.field in item.fields()
    clean = not _PERSONAL.search(_plain(correction.value))
    return known and clean and fits(correction.field, correction.value) and 0 < len(correction.value) <= LONGEST_VALUE


def _outcome_fits(complaint: ComplaintFact | None, effect: ComplaintEffect) -> bool:
    """Only a closed complaint has an outcome, and an effect can set one but not take one away."""
    if complaint is None:
        return True
    if effect.outcome is not None:
        return (effect.status or complaint.status) is Status.CLOSED
    return effect.status in (None, Status.CLOSED) or complaint.outcome is None


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).upper()
