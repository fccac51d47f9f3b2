"""What each complaint revision contributes to the sums, as the rows of its table."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from operator import attrgetter
from typing import NamedTuple, Protocol, TypeVar, cast
from uuid import UUID

from shared.calendar import FIRST_DAY, LAST_DAY, Calendar
from shared.contracts.facts_struct import Facts

ContributionRow = tuple[
    UUID, int, str, date, str, str, str, str, str, bool, str, str | None, bool, int | None, str, str, date | None, date | None
]  # fmt: skip
"""Columns: complaint, revision, operator key, day of receipt, category, region, industry, channel, kind, whether a duplicate,
status, outcome, whether ever accepted, working days to closing, amount, recovered, day of
acceptance, day of closing. A code that a complaint does not have is an empty text; amounts are yuan as decimal strings."""
WORKDAYS = 13


OperatorProfile = tuple[str, str, str | None, str | None, str | None, str | None, str | None]
"""Columns: operator key, name, credit code, address, scope, platform, site."""

_to_profile = attrgetter("key", "name", "uscc", "address", "scope", "platform", "site")


class Contribution(NamedTuple):
    """What is counted of a revision, in a small part of the contract's memory: thousands of them are buffered at a time.

    `calendar` is the one that its working days are counted by.
    """

    complaint_id: UUID
    revision: int
    row: ContributionRow
    source: str
    received_on: date
    operator: OperatorProfile
    calendar: Calendar


def to_contribution(facts: Facts, calendar: Calendar) -> Contribution:
    """Return what a revision contributes."""
    row = (
        facts.complaint_id, facts.revision, facts.operator.key, facts.received_on,
        facts.category or "", facts.region or "", facts.industry or "", facts.channel,
        facts.kind, facts.duplicate_of is not None, facts.status, facts.outcome, facts.accepted,
        workdays_to_close(facts.accepted_on, facts.closed_on, calendar),
        facts.amount or "0", facts.recovered or "0",
        facts.accepted_on, facts.closed_on,
    )  # fmt: skip
    profile = _to_profile(facts.operator)
    return Contribution(facts.complaint_id, facts.revision, row, facts.source, facts.received_on, profile, calendar)


def row_by_calendar(contribution: Contribution, calendar: Calendar) -> ContributionRow:
    """Return the row of a contribution with its working days counted by `calendar`."""
    row = contribution.row
    if contribution.calendar is calendar:
        return row
    recounted = (*row[:WORKDAYS], workdays_to_close(row[-2], row[-1], calendar), *row[WORKDAYS + 1 :])
    return cast("ContributionRow", recounted)


class Revision(Protocol):
    """One revision of a complaint."""

    @property
    def complaint_id(self) -> UUID:
        """The complaint."""

    @property
    def revision(self) -> int:
        """The number of the revision."""


RevisionT = TypeVar("RevisionT", bound=Revision)


def latest_revisions(revisions: Iterable[RevisionT]) -> list[RevisionT]:
    """Return the newest revision of each complaint; of two with one number, the first."""
    newest: dict[UUID, RevisionT] = {}
    for revision in revisions:
        latest = newest.setdefault(revision.complaint_id, revision)
        if revision.revision > latest.revision:
            newest[revision.complaint_id] = revision
    return list(newest.values())


def workdays_to_close(accepted_on: date | None, closed_on: date | None, calendar: Calendar) -> int | None:
    """Return the working days from acceptance to closing; None where a day is missing or they make no sense."""
    if accepted_on is None or closed_on is None or not FIRST_DAY <= accepted_on <= closed_on <= LAST_DAY:
        return None
    return calendar.workdays_between(accepted_on, closed_on)


def operator_profiles(revisions: Iterable[Contribution]) -> list[OperatorProfile]:
    """Return each operator as its last revision names it. Revisions of one operator arrive in order."""
    return list({one.operator[0]: one.operator for one in revisions}.values())


def received_span_by_source(revisions: Iterable[Contribution]) -> dict[str, tuple[date, date]]:
    """Return the first and the last day of receipt by source."""
    days: dict[str, list[date]] = {}
    for one in revisions:
        days.setdefault(one.source, []).append(one.received_on)
    return {source: (min(received), max(received)) for source, received in days.items()}
