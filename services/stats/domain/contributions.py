"""What each complaint revision contributes to the sums, as the rows of its table."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from operator import attrgetter
from typing import NamedTuple, Protocol, TypeVar, cast
from uuid import UUID

from shared.calendar import FIRST_DAY, LAST_DAY, Calendar
from shared.contracts.facts_struct import Facts

ContributionRow = tuple[
    UUID, int, str, date, str, str, str, str, str, bool, str, str | None, bool, int | None, str, str, date | None, date | None,
    str, str, str, str, bool, bool, int | None, int | None, int | None
]  # fmt: skip
"""Columns: complaint, revision, operator key, day of receipt, category, region, industry, channel, kind, whether a duplicate,
status, outcome, whether ever accepted, working days to closing, amount, recovered, day of
acceptance, day of closing, office, site, platform, mode of sale, whether the operator may be asked first, whether it became a
case, satisfaction, working days to the decision on acceptance, working days after the time for mediation. A code that a
complaint does not have is an empty text; amounts are yuan as decimal strings."""
WORKDAYS = 13
# Under Order 121 mediation takes 60 days at most, and a rest day at their end extends them (articles 23 and 45).
MEDIATION_DAYS = 60
ONE_DAY = timedelta(days=1)


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
        facts.office or "", facts.operator.site or "", facts.operator.platform or "", facts.sale_mode or "",
        facts.consents_to_direct, facts.case_number is not None, facts.satisfaction,
        *_workdays_of_limits(facts.received_on, facts.accepted_on, facts.closed_on, calendar),
    )  # fmt: skip
    profile = _to_profile(facts.operator)
    return Contribution(facts.complaint_id, facts.revision, row, facts.source, facts.received_on, profile, calendar)


def row_by_calendar(contribution: Contribution, calendar: Calendar) -> ContributionRow:
    """Return the row of a contribution with its working days counted by `calendar`."""
    row = contribution.row
    if contribution.calendar is calendar:
        return row
    accepted_on, closed_on = row[16], row[17]
    to_close = workdays_to_close(accepted_on, closed_on, calendar)
    limits = _workdays_of_limits(contribution.received_on, accepted_on, closed_on, calendar)
    return cast("ContributionRow", (*row[:WORKDAYS], to_close, *row[WORKDAYS + 1 : -len(limits)], *limits))


def _workdays_of_limits(
    received_on: date, accepted_on: date | None, closed_on: date | None, calendar: Calendar
) -> tuple[int | None, int | None]:
    """Return the working days from receipt to the decision, and those from the last of `MEDIATION_DAYS` until closing.

    What was closed without acceptance was decided on when it was closed. None where a day is missing or they make no sense.
    """
    to_decide = workdays_to_close(received_on, accepted_on or closed_on, calendar)
    if accepted_on is None or closed_on is None or (closed_on - accepted_on).days < MEDIATION_DAYS:
        return to_decide, None
    last_but_one = accepted_on + timedelta(days=MEDIATION_DAYS - 1)
    return to_decide, workdays_to_close(last_but_one, closed_on - ONE_DAY, calendar)


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
    """Return the working days between two days, as from acceptance to closing; None if one is missing or out of order."""
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
