"""The form of a decision: what it sends, and what it shows."""

from __future__ import annotations

from uuid import UUID

from starlette.datastructures import FormData

from services.corrections.domain import ComplaintFact, Proposal, PublishedItem
from shared.contracts import ComplaintEffect, Decision, FieldCorrection, Outcome, Status

# The name of a control is one of these and the field or complaint that it belongs to.
FIELD, EXCLUDE, OUTCOME, AMOUNT = "field.", "exclude.", "outcome.", "amount."
LONGEST_VALUE = 8_000


def proposal_of(form: FormData, item: PublishedItem, complaints: list[ComplaintFact]) -> Proposal | None:
    """Return the decision that was sent, None when it names no decision. What was left as it is changes nothing."""
    try:
        decision = Decision(_text(form, "decision"))
    except ValueError:
        return None
    upheld = decision is Decision.UPHELD
    return Proposal(
        _number(_text(form, "item_version")),
        decision,
        _text(form, "reason_code"),
        _text(form, "public_reason"),
        _text(form, "reply"),
        () if upheld else _effects(form, complaints),
        # What is withdrawn is shown no more: there is nothing left to put right.
        _corrections(form, item) if decision is Decision.CORRECTED else (),
    )


def _corrections(form: FormData, item: PublishedItem) -> tuple[FieldCorrection, ...]:
    typed = {field: _text(form, FIELD + field) for field in item.fields()}
    return tuple(
        FieldCorrection(field=field, value=value)
        for field, value in typed.items()
        if value and value != item.fields()[field].strip()
    )


def _effects(form: FormData, complaints: list[ComplaintFact]) -> tuple[ComplaintEffect, ...]:
    effects = (_effect(form, complaint) for complaint in complaints)
    return tuple(effect for effect in effects if effect is not None)


def _effect(form: FormData, complaint: ComplaintFact) -> ComplaintEffect | None:
    key = str(complaint.complaint_id)
    if _text(form, EXCLUDE + key):
        return ComplaintEffect(complaint_id=complaint.complaint_id, exclude=True)
    outcome = _outcome(_text(form, OUTCOME + key), complaint)
    amount = _text(form, AMOUNT + key).replace(",", "").replace("，", "") or None
    if amount is not None and complaint.amount is not None and amount == str(complaint.amount):
        amount = None
    if outcome is None and amount is None:
        return None
    closing = outcome is not None and complaint.status is not Status.CLOSED
    return ComplaintEffect(
        complaint_id=complaint.complaint_id,
        status=Status.CLOSED if closing else None,
        outcome=outcome,
        amount=amount,
    )


def _outcome(text: str, complaint: ComplaintFact) -> Outcome | None:
    known = Outcome(text) if text in set(Outcome) else None
    return known if known is not complaint.outcome else None


def values_of(form: FormData) -> dict[str, str]:
    """Return what was typed, to show it again."""
    return {name: value[:LONGEST_VALUE] for name, value in form.multi_items() if isinstance(value, str)}


def first_values(item: PublishedItem, field: str | None, value: str | None) -> dict[str, str]:
    """Return what the form shows first: the item as it is, with what the operator asks for put in."""
    shown = {FIELD + name: current for name, current in item.fields().items()}
    return shown | ({FIELD + field: value} if field in item.fields() and field and value else {})


def effect_names(complaint_id: UUID) -> tuple[str, str, str]:
    """Return the names of the controls of one complaint: exclude, outcome, amount."""
    return EXCLUDE + str(complaint_id), OUTCOME + str(complaint_id), AMOUNT + str(complaint_id)


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.replace("\r\n", "\n").replace("\x00", "").strip()[:LONGEST_VALUE] if isinstance(value, str) else ""


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0  # noqa: PLR2004 - fits an int4
