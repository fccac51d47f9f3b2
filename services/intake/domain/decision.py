"""What a report changes: a new complaint, a revision, nothing, or a conflict. Reports of one batch are folded in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, assert_never
from uuid import UUID

from services.intake.domain.operators import OperatorIdentity
from services.intake.domain.report import Report, content_hash
from shared.contracts.reports import Outcome, Status

ComplaintKey = tuple[int, str]
ACCEPTED_STATUSES = frozenset({Status.ACCEPTED, Status.MEDIATING})
# What was mediated or settled had been accepted; what was withdrawn or transferred may never have been.
ACCEPTED_OUTCOMES = frozenset({Outcome.MEDIATED, Outcome.SELF_SETTLED, Outcome.FAILED})


class ComplaintState(NamedTuple):
    """The stored state of a complaint. `revision` is intake's own; `name_key` is set where the operator was found by name.

    `duplicate_of`: the complaint that counts for the dispute, where this one does not.
    `content_hash` is None until it is computed: of several revisions in a batch only the last needs one, as a rule.
    """

    complaint_id: UUID
    source_revision: int
    content_hash: bytes | None
    ever_accepted: bool
    withheld: bool
    revision: int
    operator_key: str
    name_key: str | None
    duplicate_of: UUID | None = None


class KeyedReport(NamedTuple):
    """A valid report of the complaint `key` (source id, external id), and the identity of its operator."""

    key: ComplaintKey
    report: Report
    operator_identity: OperatorIdentity


@dataclass(frozen=True, slots=True)
class New:
    """The first report of a complaint."""


@dataclass(frozen=True, slots=True)
class Revised:
    """A later revision, or the same revision whose text had to be withheld before."""


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The same revision with the same content."""


@dataclass(frozen=True, slots=True)
class Superseded:
    """An earlier revision than the stored one. `marks_accepted`: only this one shows that the complaint was accepted once."""

    marks_accepted: bool


@dataclass(frozen=True, slots=True)
class Conflict:
    """The same revision with other content."""


Decision = New | Revised | Unchanged | Superseded | Conflict
# One of each for all reports.
NEW, REVISED, UNCHANGED, CONFLICT = New(), Revised(), Unchanged(), Conflict()


def implies_acceptance(report: Report) -> bool:
    """Return whether the report shows that the complaint was accepted at some time."""
    return (
        report.accepted_at is not None
        or report.status in ACCEPTED_STATUSES
        or (report.status is Status.CLOSED and report.outcome in ACCEPTED_OUTCOMES)
    )


def decide(state: ComplaintState | None, report: Report) -> Decision:
    """Return what the report changes of the state, which has its content hash where the revisions are equal."""
    if state is None:
        return NEW
    if report.revision > state.source_revision:
        return REVISED
    if report.revision < state.source_revision:
        return Superseded(marks_accepted=implies_acceptance(report) and not state.ever_accepted)
    if content_hash(report) != state.content_hash:
        return CONFLICT
    return REVISED if state.withheld else UNCHANGED


class ComplaintChange(NamedTuple):
    """A complaint's state after a batch, to be stored and emitted. `report_index`: the report of the batch with its content.

    None: the content is the last emitted one, and only acceptance or the operator has changed.
    """

    state: ComplaintState
    report_index: int | None


def fold(
    states: Mapping[ComplaintKey, ComplaintState],
    reports: Sequence[KeyedReport],
    resolve_operator: Callable[[OperatorIdentity, ComplaintState | None], str],
    ids: Iterator[UUID],
) -> tuple[list[Decision], dict[ComplaintKey, ComplaintChange]]:
    """Apply the reports of a batch in order; return a decision for each, and the changed complaints, each once.

    `resolve_operator` returns the operator key by an identity and the complaint before, if any; `ids` yields ids of new ones.
    """
    decisions: list[Decision] = []
    changes: dict[ComplaintKey, ComplaintChange] = {}
    for index, (key, report, identity) in enumerate(reports):
        stored, change = states.get(key), changes.get(key)
        if change and report.revision == change.state.source_revision:
            change = changes[key] = _with_content_hash(change, reports)
        state = change.state if change else stored
        decision = decide(state, report)
        decisions.append(decision)
        match decision:
            case New() | Revised():
                after = _next_state(state, stored, reports[index], resolve_operator(identity, state), ids)
                changes[key] = ComplaintChange(after, index)
            case Superseded(marks_accepted=True) if state is not None:
                accepted = state._replace(ever_accepted=True, revision=stored.revision + 1 if stored else 1)
                changes[key] = ComplaintChange(accepted, change.report_index if change else None)
            case Superseded() | Unchanged() | Conflict():
                pass
            case _:
                assert_never(decision)
    return decisions, {key: _with_content_hash(change, reports) for key, change in changes.items()}


def _with_content_hash(change: ComplaintChange, reports: Sequence[KeyedReport]) -> ComplaintChange:
    """Return the change with the hash of its content."""
    if change.report_index is None or change.state.content_hash is not None:
        return change
    computed = content_hash(reports[change.report_index].report)
    complaint_id, source_revision, _, *others = change.state
    return ComplaintChange(ComplaintState._make((complaint_id, source_revision, computed, *others)), change.report_index)


def _next_state(
    state: ComplaintState | None, stored: ComplaintState | None, keyed: KeyedReport, operator: str, ids: Iterator[UUID]
) -> ComplaintState:
    """Return the state after a new or later revision; several in one batch become one revision of intake's own."""
    identity = keyed.operator_identity
    return ComplaintState(
        state.complaint_id if state else next(ids),
        keyed.report.revision,
        content_hash=None,
        ever_accepted=(state is not None and state.ever_accepted) or implies_acceptance(keyed.report),
        withheld=False,
        revision=stored.revision + 1 if stored else 1,
        operator_key=operator,
        name_key=None if identity.uscc else identity.name_key,
        duplicate_of=state.duplicate_of if state else None,
    )
