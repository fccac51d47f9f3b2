"""A batch of complaint revisions as the rows that the store takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from uuid import UUID

from shared.calendar import FIRST, LAST, Calendar
from shared.contracts import ComplaintFacts, ComplaintOperator

Row = tuple[
    UUID, int, str, date, str, str, str, str, str, bool, str, str | None, bool, int | None, str, str
]  # fmt: skip
"""Complaint, revision, operator key, day of receipt, category, region, industry, channel, kind, whether a duplicate,
status, outcome, whether ever accepted, working days to closing, amount, recovered. A code that a complaint does not have
is an empty text; amounts are yuan as decimal strings."""


def newest(revisions: Iterable[ComplaintFacts]) -> list[ComplaintFacts]:
    """Return the newest revision of each complaint; of two with one number, the first."""
    found: dict[UUID, ComplaintFacts] = {}
    for facts in revisions:
        held = found.get(facts.complaint_id)
        if held is None or facts.revision > held.revision:
            found[facts.complaint_id] = facts
    return list(found.values())


def rows(revisions: Iterable[ComplaintFacts], calendar: Calendar) -> Iterator[Row]:
    """Yield the facts of each revision as a row."""
    for r in revisions:
        yield (
            r.complaint_id, r.revision, r.operator.key, r.received_on,
            r.category or "", r.region or "", r.industry or "", r.channel,
            r.kind, r.duplicate_of is not None, r.status, r.outcome, r.accepted,
            workdays(r.accepted_on, r.closed_on, calendar),
            r.amount or "0", r.recovered or "0",
        )  # fmt: skip


def workdays(accepted_on: date | None, closed_on: date | None, calendar: Calendar) -> int | None:
    """Return the working days from acceptance to closing; None where a day is missing or they make no sense."""
    if accepted_on is None or closed_on is None or not FIRST <= accepted_on <= closed_on <= LAST:
        return None
    return calendar.workdays_between(accepted_on, closed_on)


def cards(revisions: Iterable[ComplaintFacts]) -> list[ComplaintOperator]:
    """Return each operator as the last of the revisions names it. Revisions of one operator arrive in order."""
    return list({r.operator.key: r.operator for r in revisions}.values())


def heard(revisions: Iterable[ComplaintFacts]) -> dict[str, tuple[date, date]]:
    """Return the first and the last day of receipt that each source told of."""
    days: dict[str, tuple[date, date]] = {}
    for r in revisions:
        first, last = days.get(r.source, (r.received_on, r.received_on))
        days[r.source] = (min(first, r.received_on), max(last, r.received_on))
    return days
