"""A batch of complaint revisions as the rows that the store takes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from operator import attrgetter
from typing import NamedTuple, Protocol, TypeVar
from uuid import UUID

from shared.calendar import FIRST, LAST, Calendar
from shared.contracts import ComplaintFacts

Row = tuple[
    UUID, int, str, date, str, str, str, str, str, bool, str, str | None, bool, int | None, str, str
]  # fmt: skip
"""Complaint, revision, operator key, day of receipt, category, region, industry, channel, kind, whether a duplicate,
status, outcome, whether ever accepted, working days to closing, amount, recovered. A code that a complaint does not have
is an empty text; amounts are yuan as decimal strings."""


Card = tuple[str, str, str | None, str | None, str | None, str | None, str | None]
"""Of an operator: key, name, credit code, address, scope, platform, site."""

_card = attrgetter("key", "name", "uscc", "address", "scope", "platform", "site")


class Told(NamedTuple):
    """What is counted of a revision, in a small part of the contract's memory: thousands of them wait at a time."""

    complaint_id: UUID
    revision: int
    row: Row
    source: str
    received_on: date
    operator: Card


def told(facts: ComplaintFacts, calendar: Calendar) -> Told:
    """Return what is counted of a revision."""
    f = facts
    row = (
        f.complaint_id, f.revision, f.operator.key, f.received_on,
        f.category or "", f.region or "", f.industry or "", f.channel,
        f.kind, f.duplicate_of is not None, f.status, f.outcome, f.accepted,
        workdays(f.accepted_on, f.closed_on, calendar),
        f.amount or "0", f.recovered or "0",
    )  # fmt: skip
    return Told(f.complaint_id, f.revision, row, f.source, f.received_on, _card(f.operator))


class Revision(Protocol):
    """One revision of a complaint."""

    @property
    def complaint_id(self) -> UUID:
        """The complaint."""

    @property
    def revision(self) -> int:
        """The number of the revision."""


R = TypeVar("R", bound=Revision)


def newest(revisions: Iterable[R]) -> list[R]:
    """Return the newest revision of each complaint; of two with one number, the first."""
    found: dict[UUID, R] = {}
    for revision in revisions:
        held = found.setdefault(revision.complaint_id, revision)
        if revision.revision > held.revision:
            found[revision.complaint_id] = revision
    return list(found.values())


def workdays(accepted_on: date | None, closed_on: date | None, calendar: Calendar) -> int | None:
    """Return the working days from acceptance to closing; None where a day is missing or they make no sense."""
    if accepted_on is None or closed_on is None or not FIRST <= accepted_on <= closed_on <= LAST:
        return None
    return calendar.workdays_between(accepted_on, closed_on)


def cards(revisions: Iterable[Told]) -> list[Card]:
    """Return each operator as the last of the revisions names it. Revisions of one operator arrive in order."""
    return list({r.operator[0]: r.operator for r in revisions}.values())


def heard(revisions: Iterable[Told]) -> dict[str, tuple[date, date]]:
    """Return the first and the last day of receipt that each source told of."""
    days: dict[str, list[date]] = {}
    for r in revisions:
        days.setdefault(r.source, []).append(r.received_on)
    return {source: (min(each), max(each)) for source, each in days.items()}
