"""The form of an application: parsing what it submits, and the context of its template."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from starlette.datastructures import FormData
from starlette.requests import Request

from services.corrections.domain import Applicant, Filing, PublishedItem
from services.corrections.web.bureau import BureauContext
from services.corrections.web.messages import field_name, sort_fields
from shared.contracts import ApplicationKind
from shared.mail import is_mail_address
from shared.text import drop_forbidden
from shared.web.i18n import Text

# The values of `matter` for a query and for a response; the others are the coded reasons of the rules.
KINDS = {"query": ApplicationKind.QUERY, "response": ApplicationKind.RESPONSE}
# As OpenAPI describes them to programs.
FILING_FIELDS = {
    "submission": "A UUID of the sender's choice: the same one twice is one application.",
    "item": "The number of the published item.",
    "matter": "`query`, `response`, or the code of a reason for a correction.",
    "field": "The disputed field of the item, if it is one.",
    "value": "The right value of the field.",
    "statement": "Up to 500 characters.",
    "response": "What is to stand beside the item, up to 500 characters; public once the office admits it.",
    "operator_name": "As on the business licence.",
    "uscc": "The unified social credit code, 18 characters.",
    "email": "Where to tell that something has happened; without content, encrypted, and only if there is a mail server.",
    "contact_name": "Whom the bureau may ask; never published.",
    "contact_phone": "Its telephone number; never published.",
}
# The domain validates exact lengths; this only bounds the memory of a form.
MAX_FILING_INPUT_LENGTH = 5_000


def parse_filing(form: FormData) -> Filing:
    """Return the submitted form, normalized. Without a submission id every request is a new application."""
    matter = _text(form, "matter")
    kind = KINDS.get(matter, ApplicationKind.CORRECTION)
    return Filing(
        _parse_uuid(_text(form, "submission")),
        _text(form, "item"),
        kind,
        Applicant(_text(form, "operator_name"), _text(form, "uscc"), _text(form, "contact_name"), _text(form, "contact_phone")),
        matter if kind is ApplicationKind.CORRECTION else None,
        _text(form, "field"),
        _text(form, "value"),
        _text(form, "statement"),
        _text(form, "response"),
    ).normalize()


def form_values(form: FormData) -> dict[str, str]:
    """Return the submitted values, to show them again."""
    return {
        name: drop_forbidden(value)[:MAX_FILING_INPUT_LENGTH] for name, value in form.multi_items() if isinstance(value, str)
    }


def offers_mail(request: Request) -> bool:
    """Return whether applicants can be told by mail."""
    return bool(request.app.state.settings.smtp_host)


def parse_address(values: Mapping[str, str], *, offers: bool) -> str | None:
    """Return the mail address that was typed, empty where none was or none is asked for; None where it is none."""
    typed = values.get("email", "").strip() if offers else ""
    return typed if not typed or is_mail_address(typed) else None


def form_context(
    item: PublishedItem,
    bureau: BureauContext,
    at: datetime,
    *,
    values: Mapping[str, str],
    submission: UUID,
    errors: Mapping[str, Text] | None = None,
    files: list[tuple[str, Text, bool]] | None = None,
) -> dict[str, Any]:
    """Return the context of the form's template."""
    rules, today = bureau.rules(at), bureau.today(at)
    return {
        "item": item.public,
        "fields": [(field, field_name(field)) for field in sort_fields(item.disputable_fields())],
        "rules": rules,
        "deadline": bureau.calendar.add_workdays(today, rules.applications.reply_workdays),
        "today": today,
        "values": values,
        "submission": submission,
        "errors": errors or {},
        "files": files or [],
    }


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return drop_forbidden(value)[:MAX_FILING_INPUT_LENGTH] if isinstance(value, str) else ""


def _parse_uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return uuid4()
