"""The form of a decision: parsing what it submits, and its initial values."""

from __future__ import annotations

from uuid import UUID

from starlette.datastructures import FormData

from services.corrections.domain import ComplaintFact, Proposal, PublishedItem
from shared.contracts import ComplaintEffect, Decision, FieldCorrection, Outcome, Status
from shared.text import drop_forbidden

# The name of a control is one of these prefixes and the field or complaint that it belongs to.
FIELD, EXCLUDE, OUTCOME, AMOUNT = "field.", "exclude.", "outcome.", "amount."
MAX_PROPOSAL_INPUT_LENGTH = 8_000
# As OpenAPI describes them to programs.
PROPOSAL_FIELDS = {
    "item_version": "The version of the item that the decision is about.",
    "decision": "`corrected`, `withdrawn` or `upheld`.",
    "reason_code": "A code of the rules that fits the decision.",
    "public_reason": "Published with the item, up to 200 characters.",
    "reply": "The written reply to the applicant, 10 to 4,000 characters.",
    "admit_response": "Any value: the operator's response stands beside the item.",
    "preview": "Any value: the decision is checked and shown, not recorded.",
}


def parse_proposal(
    form: FormData, item: PublishedItem, complaints: list[ComplaintFact], response: str | None = None
) -> Proposal | None:
    """Return the submitted decision, or None when it names none. Unchanged values are no correction.

    `response`: what the operator wants to stand beside the item. A withdrawn one has no place for it.
    """
    try:
        decision = Decision(_text(form, "decision"))
    except ValueError:
        return None
    upheld = decision is Decision.UPHELD
    return Proposal(
        _parse_number(_text(form, "item_version")),
        decision,
        _text(form, "reason_code"),
        _text(form, "public_reason"),
        _text(form, "reply"),
        () if upheld else _parse_effects(form, complaints),
        # A withdrawn item is no longer shown: it needs no corrections.
        _parse_corrections(form, item) if decision is Decision.CORRECTED else (),
        response if _text(form, "admit_response") and decision is not Decision.WITHDRAWN else None,
    )


def _parse_corrections(form: FormData, item: PublishedItem) -> tuple[FieldCorrection, ...]:
    submitted = {field: _text(form, FIELD + field) for field in item.correctable_fields()}
    return tuple(
        FieldCorrection(field=field, value=value)
        for field, value in submitted.items()
        if value and value != item.correctable_fields()[field].strip()
    )


def _parse_effects(form: FormData, complaints: list[ComplaintFact]) -> tuple[ComplaintEffect, ...]:
    effects = (_parse_effect(form, complaint) for complaint in complaints)
    return tuple(effect for effect in effects if effect is not None)


def _parse_effect(form: FormData, complaint: ComplaintFact) -> ComplaintEffect | None:
    key = str(complaint.complaint_id)
    if _text(form, EXCLUDE + key):
        return ComplaintEffect(complaint_id=complaint.complaint_id, exclude=True)
    outcome = _parse_outcome(_text(form, OUTCOME + key), complaint)
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


def _parse_outcome(text: str, complaint: ComplaintFact) -> Outcome | None:
    known = Outcome(text) if text in set(Outcome) else None
    return known if known is not complaint.outcome else None


def form_values(form: FormData) -> dict[str, str]:
    """Return the submitted values, to show them again."""
    return {
        name: drop_forbidden(value)[:MAX_PROPOSAL_INPUT_LENGTH] for name, value in form.multi_items() if isinstance(value, str)
    }


def initial_values(item: PublishedItem, field: str | None, value: str | None) -> dict[str, str]:
    """Return the initial values of the form: the current fields of the item, with the value that the operator asks for."""
    shown = {FIELD + name: current for name, current in item.correctable_fields().items()}
    return shown | ({FIELD + field: value} if field in item.correctable_fields() and field and value else {})


def effect_names(complaint_id: UUID) -> tuple[str, str, str]:
    """Return the names of the controls of one complaint: exclude, outcome, amount."""
    return EXCLUDE + str(complaint_id), OUTCOME + str(complaint_id), AMOUNT + str(complaint_id)


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return drop_forbidden(value).replace("\r\n", "\n").strip()[:MAX_PROPOSAL_INPUT_LENGTH] if isinstance(value, str) else ""


def _parse_number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0  # noqa: PLR2004 - fits an int4
