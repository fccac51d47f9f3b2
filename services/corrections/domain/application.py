"""Applications: the form that an operator files, its validation, and the states of the application."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from services.corrections.domain.numbers import receipt_number
from services.corrections.domain.replicas import PublishedItem, is_valid_value
from services.corrections.domain.terms import EvidenceRequest, Extension
from shared.calendar import Calendar
from shared.contracts import ApplicationAccepted, ApplicationFiled, ApplicationKind
from shared.identifiers import canonical_uscc
from shared.personal_data.stories import find_in_story
from shared.rules import Rules

MAX_STATEMENT_LENGTH = 500
MAX_NAME_LENGTH = 100
MAX_CLAIMED_VALUE_LENGTH = 200

_PHONE = re.compile(r"^\+?[0-9][0-9 -]{5,18}[0-9]$")


class ApplicationState(StrEnum):
    """The state of an application."""

    FILED = "filed"
    UNDER_REVIEW = "under_review"
    DECIDED = "decided"
    WITHDRAWN_BY_OPERATOR = "withdrawn_by_operator"

    @property
    def is_open(self) -> bool:
        """Whether the written reply is still due."""
        return self in (ApplicationState.FILED, ApplicationState.UNDER_REVIEW)


class FilingFault(StrEnum):
    """A fault of a form, named after its field."""

    OPERATOR_NAME = "operator_name"
    USCC = "uscc"
    USCC_FOREIGN = "uscc_foreign"
    REASON = "reason"
    FIELD = "field"
    FIELD_MISSING = "field_missing"
    RESPONSE = "response"
    RESPONSE_LONG = "response_long"
    RESPONSE_PERSONAL = "response_personal"
    VALUE = "value"
    VALUE_FORM = "value_form"
    STATEMENT = "statement"
    STATEMENT_LONG = "statement_long"
    EVIDENCE = "evidence"
    CONTACT_NAME = "contact_name"
    CONTACT_PHONE = "contact_phone"
    ITEM_CLOSED = "item_closed"


@dataclass(frozen=True, slots=True)
class Applicant:
    """The applicant. Contact name and phone are personal data: they never leave the schema `corrections`."""

    operator_name: str
    uscc: str
    contact_name: str
    contact_phone: str


@dataclass(frozen=True, slots=True)
class Filing:
    """A form as it was submitted. `field` is the disputed field of the item and `value` its right value, if one is named.

    `response`: what the operator wants to stand beside the item.
    """

    submission: UUID
    item_id: str
    kind: ApplicationKind
    applicant: Applicant
    reason_code: str | None
    field: str | None
    value: str | None
    statement: str
    response: str | None = None

    def normalize(self) -> Filing:
        """Return the form in canonical characters (NFKC in single lines), without surrounding spaces.

        A response by itself is its own reason; who asks for the basis responds to nothing.
        """
        response = None if self.kind is ApplicationKind.QUERY else _normalize_text(self.response or "") or None
        statement = _normalize_text(self.statement)
        if self.kind is ApplicationKind.RESPONSE:
            statement = response or ""
        return Filing(
            self.submission,
            self.item_id,
            self.kind,
            Applicant(
                _normalize_line(self.applicant.operator_name),
                _normalize_line(self.applicant.uscc).upper(),
                _normalize_line(self.applicant.contact_name),
                _normalize_line(self.applicant.contact_phone),
            ),
            self.reason_code if self.kind is ApplicationKind.CORRECTION else None,
            (self.field or None) if self.kind is ApplicationKind.CORRECTION else None,
            (_normalize_line(self.value or "") or None) if self.kind is ApplicationKind.CORRECTION else None,
            statement,
            response,
        )


@dataclass(frozen=True, slots=True)
class FilingRejected:
    """A form that is not accepted, with its faults."""

    faults: tuple[FilingFault, ...]


@dataclass(frozen=True, slots=True)
class Application:
    """An application that was filed.

    `received_on` is day 0 of the term; `due_on` is the last day for the written reply, computed with the calendar of
    version `calendar_version` under the rules of `rules_version`, provisional while a year within the term has no notice.
    """

    application_id: UUID
    receipt: str
    filing: Filing
    item_version: int
    filed_at: datetime
    received_on: date
    reply_workdays: int
    due_on: date
    provisional: bool
    calendar_version: str
    rules_version: str
    state: ApplicationState = ApplicationState.FILED
    started_by: str | None = None
    started_at: datetime | None = None
    closed_at: datetime | None = None
    evidence_request: EvidenceRequest | None = None
    extension: Extension | None = None
    stopped_workdays: int = 0

    @property
    def term_workdays(self) -> int:
        """Working days from receipt to the last day for the reply: the term, its extension and those while the clock stood."""
        return self.reply_workdays + self.stopped_workdays + (self.extension.workdays if self.extension else 0)

    def is_stopped(self, today: date) -> bool:
        """Return whether the clock stands still on `today`, because evidence that was asked for may still come."""
        request = self.evidence_request
        return self.state.is_open and request is not None and request.is_pending(today)

    def to_filed_event(self) -> ApplicationFiled:
        """Return the event of the filing, without the applicant."""
        return ApplicationFiled(
            application_id=self.application_id,
            receipt=self.receipt,
            item_id=self.filing.item_id,
            item_version=self.item_version,
            kind=self.filing.kind,
            filed_at=self.filed_at,
            due_on=self.due_on.isoformat(),
        )

    def to_accepted_event(self, at: datetime) -> ApplicationAccepted:
        """Return the event of the acceptance, without the applicant."""
        return ApplicationAccepted(
            application_id=self.application_id,
            receipt=self.receipt,
            item_id=self.filing.item_id,
            item_version=self.item_version,
            kind=self.filing.kind,
            filed_at=self.filed_at,
            accepted_at=at,
            due_on=self.due_on.isoformat(),
        )


def validate_filing(filing: Filing, item: PublishedItem, rules: Rules, *, files: int) -> FilingRejected | None:
    """Return the faults of a normalized form on `item` with `files` evidence files, or None when it has none."""
    applicant = filing.applicant
    uscc = canonical_uscc(applicant.uscc)
    correction = filing.kind is ApplicationKind.CORRECTION
    checks = (
        (FilingFault.ITEM_CLOSED, item.is_open),
        (FilingFault.REASON, not correction or filing.reason_code in rules.applications.reasons),
        (FilingFault.FIELD, filing.field is None or filing.field in item.disputable_fields()),
        (FilingFault.FIELD_MISSING, filing.field is not None or filing.value is None),
        (FilingFault.VALUE, filing.field is None or 0 < len(filing.value or "") <= MAX_CLAIMED_VALUE_LENGTH),
        (FilingFault.VALUE_FORM, filing.field is None or is_valid_value(filing.field, filing.value or "0")),
        (FilingFault.RESPONSE, filing.kind is not ApplicationKind.RESPONSE or filing.response is not None),
        (FilingFault.RESPONSE_LONG, len(filing.response or "") <= MAX_STATEMENT_LENGTH),
        (FilingFault.RESPONSE_PERSONAL, not find_in_story(filing.response or "", operator=applicant.operator_name)),
        (FilingFault.STATEMENT, filing.kind is ApplicationKind.RESPONSE or bool(filing.statement)),
        (FilingFault.STATEMENT_LONG, filing.kind is ApplicationKind.RESPONSE or len(filing.statement) <= MAX_STATEMENT_LENGTH),
        (FilingFault.EVIDENCE, not correction or files > 0),
        (FilingFault.OPERATOR_NAME, 0 < len(applicant.operator_name) <= MAX_NAME_LENGTH),
        (FilingFault.USCC, uscc is not None),
        (FilingFault.USCC_FOREIGN, uscc is None or item.names_operator(uscc)),
        (FilingFault.CONTACT_NAME, 0 < len(applicant.contact_name) <= MAX_NAME_LENGTH),
        (FilingFault.CONTACT_PHONE, bool(_PHONE.match(applicant.contact_phone))),
    )
    faults = tuple(fault for fault, passed in checks if not passed)
    return FilingRejected(faults) if faults else None


def file_application(
    filing: Filing,
    item: PublishedItem,
    rules: Rules,
    calendar: Calendar,
    *,
    application_id: UUID,
    number: int,
    at: datetime,
    today: date,
) -> Application:
    """Return the application of a form that passed `validate_filing`, with its receipt and deadline.

    `number` is the next free one of the year of `today`, the local day of `at`.
    """
    deadline = calendar.add_workdays(today, rules.applications.reply_workdays)
    return Application(
        application_id,
        receipt_number(today.year, number),
        filing,
        item.public.version,
        at,
        today,
        deadline.workdays,
        deadline.due,
        deadline.provisional,
        deadline.calendar,
        rules.version,
    )


def recompute_deadline(application: Application, calendar: Calendar) -> Application:
    """Return the application with its deadline computed with `calendar`, which may contain a newer notice."""
    request = application.evidence_request
    counted = replace(application, stopped_workdays=request.stopped_workdays(calendar) if request else 0)
    deadline = calendar.add_workdays(counted.received_on, counted.term_workdays)
    return replace(counted, due_on=deadline.due, provisional=deadline.provisional, calendar_version=deadline.calendar)


def _normalize_line(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).replace("\x00", "").split())


def _normalize_text(text: str) -> str:
    lines = text.replace("\x00", "").replace("\r\n", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()
