"""Applications: what an operator files, the checks on it, and the states it goes through."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from services.corrections.domain.numbers import receipt_number
from services.corrections.domain.register import PublishedItem, fits
from shared.calendar import Calendar
from shared.contracts import ApplicationFiled, ApplicationKind
from shared.identifiers import valid_uscc
from shared.rules import Rules

LONGEST_STATEMENT = 500
LONGEST_NAME = 100
LONGEST_VALUE = 200

_PHONE = re.compile(r"^\+?[0-9][0-9 -]{5,18}[0-9]$")


class State(StrEnum):
    """How far an application has come."""

    FILED = "filed"
    UNDER_REVIEW = "under_review"
    DECIDED = "decided"
    WITHDRAWN_BY_OPERATOR = "withdrawn_by_operator"

    @property
    def open(self) -> bool:
        """Whether the bureau still owes a reply."""
        return self in (State.FILED, State.UNDER_REVIEW)


class FilingFault(StrEnum):
    """What is wrong with a form, each named after its field and what to do."""

    OPERATOR_NAME = "operator_name"
    USCC = "uscc"
    USCC_FOREIGN = "uscc_foreign"
    REASON = "reason"
    FIELD = "field"
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
    """Who applies. Contact name and phone are personal data: they stay in this schema."""

    operator_name: str
    uscc: str
    contact_name: str
    contact_phone: str


@dataclass(frozen=True, slots=True)
class Filing:
    """A form as it was sent. `field` and `value` say which fact is wrong and what it should be, if one is named."""

    submission: UUID
    item_id: str
    kind: ApplicationKind
    applicant: Applicant
    reason_code: str | None
    field: str | None
    value: str | None
    statement: str

    def tidy(self) -> Filing:
        """Return the form in canonical characters, without spaces at the ends."""
        return Filing(
            self.submission,
            self.item_id,
            self.kind,
            Applicant(
                _tidy(self.applicant.operator_name),
                _tidy(self.applicant.uscc).upper(),
                _tidy(self.applicant.contact_name),
                _tidy(self.applicant.contact_phone),
            ),
            self.reason_code if self.kind is ApplicationKind.CORRECTION else None,
            (self.field or None) if self.kind is ApplicationKind.CORRECTION else None,
            (_tidy(self.value or "") or None) if self.kind is ApplicationKind.CORRECTION else None,
            _tidy_text(self.statement),
        )


@dataclass(frozen=True, slots=True)
class FilingRefused:
    """A form that cannot be taken yet."""

    faults: tuple[FilingFault, ...]


@dataclass(frozen=True, slots=True)
class Application:
    """An application that was filed.

    `received_on` is day 0 of the clock; `due_on` is the last day for the written reply, counted with the calendar of
    version `calendar_version` under the rules of `rules_version`, provisional while a counted year has no notice.
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
    state: State = State.FILED
    started_by: str | None = None
    started_at: datetime | None = None
    closed_at: datetime | None = None

    def filed(self) -> ApplicationFiled:
        """Return the event: that something was filed, not by whom."""
        return ApplicationFiled(
            application_id=self.application_id,
            receipt=self.receipt,
            item_id=self.filing.item_id,
            item_version=self.item_version,
            kind=self.filing.kind,
            filed_at=self.filed_at,
            due_on=self.due_on.isoformat(),
        )


def check_filing(filing: Filing, item: PublishedItem, rules: Rules, *, files: int) -> FilingRefused | None:
    """Return what is wrong with a tidy form on `item` with so many evidence files, or None."""
    applicant = filing.applicant
    uscc = valid_uscc(applicant.uscc)
    correction = filing.kind is ApplicationKind.CORRECTION
    checks = (
        (FilingFault.ITEM_CLOSED, item.open),
        (FilingFault.REASON, not correction or filing.reason_code in rules.applications.reasons),
        (FilingFault.FIELD, filing.field is None or filing.field in item.fields()),
        (FilingFault.VALUE, filing.field is None or 0 < len(filing.value or "") <= LONGEST_VALUE),
        (FilingFault.VALUE_FORM, filing.field is None or fits(filing.field, filing.value or "0")),
        (FilingFault.STATEMENT, bool(filing.statement)),
        (FilingFault.STATEMENT_LONG, len(filing.statement) <= LONGEST_STATEMENT),
        (FilingFault.EVIDENCE, not correction or files > 0),
        (FilingFault.OPERATOR_NAME, 0 < len(applicant.operator_name) <= LONGEST_NAME),
        (FilingFault.USCC, uscc is not None),
        (FilingFault.USCC_FOREIGN, uscc is None or item.concerns(uscc)),
        (FilingFault.CONTACT_NAME, 0 < len(applicant.contact_name) <= LONGEST_NAME),
        (FilingFault.CONTACT_PHONE, bool(_PHONE.match(applicant.contact_phone))),
    )
    faults = tuple(fault for fault, right in checks if not right)
    return FilingRefused(faults) if faults else None


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
    """Return the application of a form that passed `check_filing`, with its receipt and the clock set.

    `number` is the next free one of the year of `today`, the day of `at` where the bureau is.
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


def recount(application: Application, calendar: Calendar) -> Application:
    """Return the application with its deadline counted by `calendar`: a notice may be out that was awaited."""
    deadline = calendar.add_workdays(application.received_on, application.reply_workdays)
    return replace(application, due_on=deadline.due, provisional=deadline.provisional, calendar_version=deadline.calendar)


def _tidy(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).replace("\x00", "").split())


def _tidy_text(text: str) -> str:
    lines = text.replace("\x00", "").replace("\r\n", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip()
