"""Steps of an officer before the decision that move the deadline: asking for evidence, extending the term."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from enum import StrEnum

from services.corrections.domain.application import Application, recompute_deadline
from services.corrections.domain.terms import MAX_WORDS, EvidenceRequest, Extension
from shared.calendar import Calendar
from shared.rules import Rules


class StepFault(StrEnum):
    """Why a step is not taken."""

    CLOSED = "already_closed"
    WORDS = "invalid"
    REQUESTED_BEFORE = "requested_before"
    EXTENDED_BEFORE = "extended_before"
    OVERDUE = "overdue"
    NOT_PROVIDED = "not_provided"


def ask_for_evidence(
    application: Application, words: str, officer: str, today: date, calendar: Calendar, rules: Rules
) -> Application | StepFault:
    """Return the application with its clock stopped until the evidence is there or the time for it is over."""
    if fault := _find_fault(application, words, today):
        return fault
    if application.evidence_request is not None:
        return StepFault.REQUESTED_BEFORE
    workdays = rules.applications.evidence_workdays
    if not workdays:
        return StepFault.NOT_PROVIDED
    request = EvidenceRequest(words, officer, today, calendar.add_workdays(today, workdays).due)
    return recompute_deadline(replace(application, evidence_request=request), calendar)


def receive_evidence(application: Application, today: date, calendar: Calendar) -> Application:
    """Return the application with its clock running on, where evidence arrives that was asked for."""
    request = application.evidence_request
    if request is None or not request.is_pending(today):
        return application
    return recompute_deadline(replace(application, evidence_request=replace(request, answered_on=today)), calendar)


def extend_term(
    application: Application, reason: str, officer: str, today: date, calendar: Calendar, rules: Rules
) -> Application | StepFault:
    """Return the application with its term extended, once, before it is over."""
    if fault := _find_fault(application, reason, today):
        return fault
    if application.extension is not None:
        return StepFault.EXTENDED_BEFORE
    workdays = rules.applications.extension_workdays
    if not workdays:
        return StepFault.NOT_PROVIDED
    return recompute_deadline(replace(application, extension=Extension(workdays, reason, officer)), calendar)


def _find_fault(application: Application, words: str, today: date) -> StepFault | None:
    if not application.state.is_open:
        return StepFault.CLOSED
    if not 0 < len(words) <= MAX_WORDS:
        return StepFault.WORDS
    return StepFault.OVERDUE if today > application.due_on else None
