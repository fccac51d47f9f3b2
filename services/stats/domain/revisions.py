"""A batch of complaint revisions as the columns that the store takes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.calendar import Calendar
from shared.contracts import ComplaintFacts, ComplaintOperator


@dataclass(frozen=True, slots=True)
class Columns:
    """Facts of complaints, column by column; a code that a complaint does not have is an empty text.

    `workdays` are working days from acceptance to closing, null where either day is missing or they are the wrong way
    round; amounts are yuan as decimal strings.
    """

    complaint_ids: list[UUID]
    revisions: list[int]
    operator_keys: list[str]
    days: list[date]
    categories: list[str]
    regions: list[str]
    industries: list[str]
    channels: list[str]
    kinds: list[str]
    duplicates: list[bool]
    statuses: list[str]
    outcomes: list[str | None]
    accepted: list[bool]
    workdays: list[int | None]
    amounts: list[str]
    recovered: list[str]


def newest(revisions: Iterable[ComplaintFacts]) -> list[ComplaintFacts]:
    """Return the newest revision of each complaint; of two with one number, the first."""
    found: dict[UUID, ComplaintFacts] = {}
    for facts in revisions:
        held = found.get(facts.complaint_id)
        if held is None or facts.revision > held.revision:
            found[facts.complaint_id] = facts
    return list(found.values())


def columns(revisions: Sequence[ComplaintFacts], calendar: Calendar) -> Columns:
    """Return the facts of the revisions column by column."""
    return Columns(
        complaint_ids=[r.complaint_id for r in revisions],
        revisions=[r.revision for r in revisions],
        operator_keys=[r.operator.key for r in revisions],
        days=[r.received_on for r in revisions],
        categories=[r.category or "" for r in revisions],
        regions=[r.region or "" for r in revisions],
        industries=[r.industry or "" for r in revisions],
        channels=[r.channel for r in revisions],
        kinds=[r.kind for r in revisions],
        duplicates=[r.duplicate_of is not None for r in revisions],
        statuses=[r.status for r in revisions],
        outcomes=[r.outcome for r in revisions],
        accepted=[r.accepted for r in revisions],
        workdays=[workdays(r.accepted_on, r.closed_on, calendar) for r in revisions],
        amounts=[r.amount or "0" for r in revisions],
        recovered=[r.recovered or "0" for r in revisions],
    )


def workdays(accepted_on: date | None, closed_on: date | None, calendar: Calendar) -> int | None:
    """Return the working days from acceptance to closing, or None where there is nothing to count."""
    if accepted_on is None or closed_on is None or closed_on < accepted_on:
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
