"""The form of an application: what it sends, and what it shows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from starlette.datastructures import FormData

from services.corrections.domain import Applicant, Filing, PublishedItem
from services.corrections.web.office import Office
from services.corrections.web.texts import field_name, in_order
from shared.contracts import ApplicationKind
from shared.web.i18n import Text

# What the form calls the choice that is no correction; the others are the coded reasons of the rules.
QUERY = "query"
# Statement and names are checked to the character by the domain; this only bounds what is kept in memory.
LONGEST_VALUE = 5_000


def filing_of(form: FormData) -> Filing:
    """Return what was sent, in canonical characters. Without a submission number every send is a new application."""
    matter = _text(form, "matter")
    query = matter == QUERY
    return Filing(
        _uuid(_text(form, "submission")),
        _text(form, "item"),
        ApplicationKind.QUERY if query else ApplicationKind.CORRECTION,
        Applicant(_text(form, "operator_name"), _text(form, "uscc"), _text(form, "contact_name"), _text(form, "contact_phone")),
        None if query else matter,
        _text(form, "field"),
        _text(form, "value"),
        _text(form, "statement"),
    ).tidy()


def values_of(form: FormData) -> dict[str, str]:
    """Return what was typed, to show it again."""
    return {name: value[:LONGEST_VALUE] for name, value in form.multi_items() if isinstance(value, str)}


def form_context(
    item: PublishedItem,
    office: Office,
    at: datetime,
    *,
    values: Mapping[str, str],
    submission: UUID,
    errors: Mapping[str, Text] | None = None,
    files: list[tuple[str, Text, bool]] | None = None,
) -> dict[str, Any]:
    """Return what the template of the form needs."""
    rules, today = office.rules(at), office.today(at)
    return {
        "item": item.public,
        "fields": [(field, field_name(field)) for field in in_order(item.fields())],
        "rules": rules,
        "deadline": office.calendar.add_workdays(today, rules.applications.reply_workdays),
        "today": today,
        "values": values,
        "submission": submission,
        "errors": errors or {},
        "files": files or [],
    }


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value[:LONGEST_VALUE] if isinstance(value, str) else ""


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return uuid4()
