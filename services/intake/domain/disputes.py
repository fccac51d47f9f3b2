"""Linked reports are one complaint: which of them counts, and which the others are duplicates of."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from shared.contracts import Outcome, Status
from shared.contracts.reports import Channel

# Who mediates knows what came of it; who only passes a call on does not.
HANDLED_OUTCOMES = frozenset({Outcome.MEDIATED, Outcome.SELF_SETTLED, Outcome.FAILED})
_PASSED_ON = frozenset({Channel.HOTLINE_12345})


class Priority(NamedTuple):
    """How much a report knows of the handling of its dispute: the smallest of a dispute's counts.

    `undecided`: 0 closed after mediation or settlement, 1 accepted, 2 not yet or closed otherwise. Of several with the same
    priority the one counts that came first.
    """

    undecided: int
    passed_on: bool
    complaint_id: UUID


def priority_of(complaint_id: UUID, channel: Channel, status: Status, outcome: Outcome | None, *, accepted: bool) -> Priority:
    """Return the priority of a report."""
    is_handled = status is Status.CLOSED and outcome in HANDLED_OUTCOMES
    return Priority(0 if is_handled else 1 if accepted else 2, channel in _PASSED_ON, complaint_id)


def group_linked(complaint_ids: Collection[UUID], links: Iterable[tuple[UUID, UUID]]) -> list[list[UUID]]:
    """Return the reports in groups that links join, directly or not; a report without links is a group of its own."""
    leaders = {each: each for each in complaint_ids}

    def leader_of(each: UUID) -> UUID:
        leaders.setdefault(each, each)
        while leaders[each] != each:
            leaders[each] = each = leaders[leaders[each]]
        return each

    for first, second in links:
        one, other = leader_of(first), leader_of(second)
        leaders[max(one, other)] = min(one, other)
    groups: dict[UUID, list[UUID]] = {}
    for each in leaders:
        groups.setdefault(leader_of(each), []).append(each)
    return list(groups.values())


def duplicates_of(groups: Iterable[Sequence[UUID]], priorities: Mapping[UUID, Priority]) -> dict[UUID, UUID | None]:
    """Return for each report the one that counts for its dispute, None for that one itself."""
    found: dict[UUID, UUID | None] = {}
    for group in groups:
        counted = min(priorities[each] for each in group).complaint_id
        found |= {each: None if each == counted else counted for each in group}
    return found


def admit_links(
    wanted: Iterable[tuple[UUID, UUID]], links: Iterable[tuple[UUID, UUID]], separate: Collection[tuple[UUID, UUID]]
) -> set[tuple[UUID, UUID]]:
    """Return the wanted links that join no reports which a clerk has told apart, not through others either.

    `links` are those that hold already, `separate` the pairs that clerks decided on, smaller id first.
    """
    links, admitted = list(links), set[tuple[UUID, UUID]]()
    for pair in sorted(wanted):
        group = next(each for each in group_linked(pair, [*links, *admitted, pair]) if pair[0] in each)
        if not any(first in group and second in group for first, second in separate):
            admitted.add(pair)
    return admitted
