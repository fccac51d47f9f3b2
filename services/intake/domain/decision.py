"""What a report changes: a new complaint, a revision, nothing, or a conflict. Reports of one batch fold in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, assert_never
from uuid import UUID

from services.intake.domain.operators import Attribution
from services.intake.domain.report import content_hash
from shared.contracts.reports import ComplaintReport, Outcome, Status

Key = tuple[int, str]
ACCEPTED = frozenset({Status.ACCEPTED, Status.MEDIATING})
# What was mediated or settled had been accepted; what was withdrawn or transferred may never have been.
MEDIATED = frozenset({Outcome.MEDIATED, Outcome.SELF_SETTLED, Outcome.FAILED})


class State(NamedTuple):
    """What is known of a complaint. `revision` is intake's own; `name_key` is set where the operator was found by name.

    `content_hash` is None until it is asked for: of several revisions in a batch only the last one's is, as a rule.
    """

    complaint_id: UUID
    source_revision: int
    content_hash: bytes | None
    ever_accepted: bool
    withheld: bool
    revision: int
    operator_key: str
    name_key: str | None


class Arrival(NamedTuple):
    """A sound report of the complaint `key` (source id, external id), and who its operator is."""

    key: Key
    report: ComplaintReport
    who: Attribution


@dataclass(frozen=True, slots=True)
class New:
    """The first report of a complaint."""


@dataclass(frozen=True, slots=True)
class Revised:
    """A later revision, or the same again whose text had to be withheld before."""


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The same revision with the same content."""


@dataclass(frozen=True, slots=True)
class Superseded:
    """An earlier revision than the one known. `accepts`: it tells that the complaint was accepted once, which is news."""

    accepts: bool


@dataclass(frozen=True, slots=True)
class Conflict:
    """The same revision with other content."""


Decision = New | Revised | Duplicate | Superseded | Conflict


def tells_acceptance(report: ComplaintReport) -> bool:
    """Return whether the report tells that the complaint was accepted at some time."""
    mediated = report.status is Status.CLOSED and report.outcome in MEDIATED
    return report.accepted_at is not None or report.status in ACCEPTED or mediated


def decide(state: State | None, report: ComplaintReport) -> Decision:
    """Return what the report changes about what is known, whose hash is known where the revision is the same."""
    if state is None:
        return New()
    if report.revision > state.source_revision:
        return Revised()
    if report.revision < state.source_revision:
        return Superseded(accepts=tells_acceptance(report) and not state.ever_accepted)
    if content_hash(report) != state.content_hash:
        return Conflict()
    return Revised() if state.withheld else Duplicate()


class Change(NamedTuple):
    """A complaint as it stands after a batch, to be written and said. `by`: the arrival that brought its content.

    Without one the content stays what was said last, and only acceptance or the operator has changed.
    """

    state: State
    by: int | None


def fold(
    states: Mapping[Key, State],
    arrivals: Sequence[Arrival],
    operator_of: Callable[[Attribution], str],
    ids: Iterator[UUID],
) -> tuple[list[Decision], dict[Key, Change]]:
    """Decide on each arrival in order, and return the decisions and the complaints that changed, each once."""
    decisions: list[Decision] = []
    changes: dict[Key, Change] = {}
    for position, arrival in enumerate(arrivals):
        stored, known = states.get(arrival.key), changes.get(arrival.key)
        if known and arrival.report.revision == known.state.source_revision:
            known = changes[arrival.key] = _hashed(known, arrivals)
        state = known.state if known else stored
        decision = decide(state, arrival.report)
        decisions.append(decision)
        match decision:
            case New() | Revised():
                after = _after(state, stored, arrival, operator_of(arrival.who), ids)
                changes[arrival.key] = Change(after, position)
            case Superseded(accepts=True) if state is not None:
                accepted = state._replace(ever_accepted=True, revision=stored.revision + 1 if stored else 1)
                changes[arrival.key] = Change(accepted, known.by if known else None)
            case Superseded() | Duplicate() | Conflict():
                pass
            case _:
                assert_never(decision)
    return decisions, {key: _hashed(change, arrivals) for key, change in changes.items()}


def _hashed(change: Change, arrivals: Sequence[Arrival]) -> Change:
    """Return the change with the hash of its content."""
    if change.by is None or change.state.content_hash is not None:
        return change
    return Change(change.state._replace(content_hash=content_hash(arrivals[change.by].report)), change.by)


def _after(state: State | None, stored: State | None, arrival: Arrival, operator: str, ids: Iterator[UUID]) -> State:
    """Return the state after a new or later revision; several in one batch are one revision of ours."""
    return State(
        complaint_id=state.complaint_id if state else next(ids),
        source_revision=arrival.report.revision,
        content_hash=None,
        ever_accepted=tells_acceptance(arrival.report) or (state is not None and state.ever_accepted),
        withheld=False,
        revision=stored.revision + 1 if stored else 1,
        operator_key=operator,
        name_key=None if arrival.who.uscc else arrival.who.name_key,
    )
