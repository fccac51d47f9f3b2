"""Rulings: the decision of an officer on an application, its validation, and its effects."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from services.corrections.domain.application import Application
from services.corrections.domain.numbers import reply_number
from services.corrections.domain.replicas import ComplaintFact, PublishedItem, is_valid_value, is_yuan
from shared.contracts import ComplaintEffect, Decision, FieldCorrection, RulingMade, Status
from shared.rules import Rules

MAX_REASON_LENGTH = 200
MAX_REPLY_LENGTH = 4_000
MIN_REPLY_LENGTH = 10
MAX_CORRECTED_VALUE_LENGTH = 4_000

# Mobile numbers and identity numbers by their pattern; a public text must contain neither.
_PERSONAL = re.compile(r"(?<![0-9])1[3-9][0-9](?:[ -]?[0-9]){8}(?![0-9])|(?<![0-9A-Z])[1-9][0-9]{16}[0-9X](?![0-9A-Z])")


class ProposalFault(StrEnum):
    """A fault of a proposed decision, named after its field."""

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
    RESPONSE = "response"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A decision as the officer submitted it. `item_version` is the item version that the officer's page showed.

    `response`: the operator's, where it is to stand beside the item.
    """

    item_version: int
    decision: Decision
    reason_code: str
    public_reason: str
    reply: str
    effects: tuple[ComplaintEffect, ...] = ()
    corrections: tuple[FieldCorrection, ...] = ()
    response: str | None = None


@dataclass(frozen=True, slots=True)
class Ruling:
    """A recorded decision: one per application, with a written reply."""

    ruling_id: UUID
    application_id: UUID
    proposal: Proposal
    reply_number: str
    decided_by: str
    decided_at: datetime
    rules_version: str

    def digest(self) -> str:
        """Return the digest by which the journal tells of the decision."""
        made = self.proposal
        words = made.decision, made.reason_code, made.public_reason, made.reply
        admitted = (made.response,) if made.response is not None else ()
        return decision_digest(self.ruling_id, *words, self.reply_number, self.decided_by, self.rules_version, *admitted)

    def to_event(self, application: Application, item: PublishedItem) -> RulingMade:
        """Return the event of the ruling: the number of the reply without its text, and no personal data."""
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
            response=self.proposal.response,
            decided_at=self.decided_at,
            rules_version=self.rules_version,
        )


def decision_digest(ruling_id: UUID, *words: str) -> str:
    """Return the SHA-256 in hexadecimal of a decision: its id, and its words in the order of the table's columns."""
    return hashlib.sha256(json.dumps([str(ruling_id), *map(str, words)], ensure_ascii=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class ProposalAccepted:
    """The decision is valid."""


@dataclass(frozen=True, slots=True)
class AlreadyClosed:
    """The application was decided by someone else meanwhile, or withdrawn by the operator."""


@dataclass(frozen=True, slots=True)
class ItemChanged:
    """The item has a newer version than the officer's page showed."""

    version: int


@dataclass(frozen=True, slots=True)
class TookPart:
    """The officer drafted, approved or released the item, under another account, and may not decide on it."""


@dataclass(frozen=True, slots=True)
class ProposalRejected:
    """The decision is not valid, with its faults."""

    faults: tuple[ProposalFault, ...]


Verdict = ProposalAccepted | AlreadyClosed | TookPart | ItemChanged | ProposalRejected


def check_proposal(
    application: Application,
    item: PublishedItem,
    complaints: Mapping[UUID, ComplaintFact],
    proposal: Proposal,
    rules: Rules,
    *,
    took_part: bool = False,
) -> Verdict:
    """Return whether the decision can be recorded. `complaints` are those that it may affect."""
    if not application.state.is_open:
        return AlreadyClosed()
    if took_part and rules.applications.officer_took_no_part:
        return TookPart()
    if item.public.version != proposal.item_version:
        return ItemChanged(item.public.version)
    faults = tuple(_find_faults(application, item, complaints, proposal, rules))
    return ProposalRejected(faults) if faults else ProposalAccepted()


def mirror_corrections(proposal: Proposal, item: PublishedItem) -> Proposal:
    """Return the proposal with the same corrections in item and complaint, where the item is about one complaint.

    An amount corrected in one is corrected in the other; an outcome of the complaint is an outcome of the item too.
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
    updates = {"amount": effect.amount, "status": effect.status, "outcome": effect.outcome}
    fields |= {name: str(value) for name, value in updates.items() if value is not None and name in shown}
    others = tuple(each for each in proposal.effects if each.complaint_id != complaint_id)
    changed = effect.exclude or any(value is not None for value in updates.values())
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
    """Return the ruling of a valid proposal. `number` is the next free reply number of the year of `today`."""
    reply = reply_number(today.year, number)
    mirrored = mirror_corrections(proposal, item)
    return Ruling(ruling_id, application.application_id, mirrored, reply, officer, at, rules.version)


def _find_faults(
    application: Application,
    item: PublishedItem,
    complaints: Mapping[UUID, ComplaintFact],
    proposal: Proposal,
    rules: Rules,
) -> list[ProposalFault]:
    changes = len(proposal.effects) + len(proposal.corrections)
    reasons = rules.applications.rulings[proposal.decision]
    checks = (
        (ProposalFault.DECISION, proposal.decision in rules.applications.allowed_decisions(application.filing.kind)),
        (ProposalFault.REASON_CODE, proposal.reason_code in reasons),
        (ProposalFault.PUBLIC_REASON, 0 < len(proposal.public_reason) <= MAX_REASON_LENGTH),
        (ProposalFault.PUBLIC_REASON_PERSONAL, not _PERSONAL.search(_normalize(proposal.public_reason))),
        (ProposalFault.REPLY, MIN_REPLY_LENGTH <= len(proposal.reply) <= MAX_REPLY_LENGTH),
        (ProposalFault.NO_EFFECT, (proposal.decision is not Decision.CORRECTED) or changes > 0),
        (ProposalFault.DECISION, proposal.decision is not Decision.UPHELD or changes == 0),
        (ProposalFault.RESPONSE, proposal.response is None or application.started_at is not None),
        (ProposalFault.FIELD, all(_is_valid_correction(item, correction) for correction in proposal.corrections)),
        (ProposalFault.COMPLAINT, all(effect.complaint_id in complaints for effect in proposal.effects)),
        (ProposalFault.AMOUNT, all(effect.amount is None or is_yuan(effect.amount) for effect in proposal.effects)),
        (
            ProposalFault.OUTCOME,
            all(_is_valid_outcome(complaints.get(effect.complaint_id), effect) for effect in proposal.effects),
        ),
    )
    return list(dict.fromkeys(fault for fault, passed in checks if not passed))


def _is_valid_correction(item: PublishedItem, correction: FieldCorrection) -> bool:
    field, value = correction.field, correction.value
    known = field in item.correctable_fields()
    clean = not _PERSONAL.search(_normalize(value))
    return known and clean and is_valid_value(field, value) and 0 < len(value) <= MAX_CORRECTED_VALUE_LENGTH


def _is_valid_outcome(complaint: ComplaintFact | None, effect: ComplaintEffect) -> bool:
    """Only a closed complaint has an outcome, and an effect can set one but not take one away."""
    if complaint is None:
        return True
    if effect.outcome is not None:
        return (effect.status or complaint.status) is Status.CLOSED
    return effect.status in (None, Status.CLOSED) or complaint.outcome is None


def _normalize(text: str) -> str:
    return unicodedata.normalize("NFKC", text).upper()
