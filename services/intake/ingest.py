"""The step that every entrance shares: sound reports become complaint revisions, each report gets its answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, assert_never

import structlog

from services.intake.domain.complaint import Tables, complaint, restated
from services.intake.domain.decision import (
    Arrival,
    Change,
    Conflict,
    Decision,
    Duplicate,
    Key,
    New,
    Revised,
    State,
    Superseded,
    fold,
)
from services.intake.domain.findings import finding
from services.intake.domain.operators import Attribution, attribution, operator_key
from services.intake.domain.report import Reported
from services.intake.domain.soundness import unsound
from services.intake.redaction import Redacted, redacted
from services.intake.redaction.report import withheld
from services.intake.registry import Holders, Registry
from services.intake.store import arrivals, complaints, following
from services.intake.store.arrivals import Arrived
from services.intake.store.complaints import Row
from shared import metrics
from shared.clock import local_day
from shared.contracts import ComplaintRevised, Redaction
from shared.stream import Detail, Reason, Unit

log = structlog.get_logger(__name__)

Entrance = Literal["kafka", "http", "file", "desk"]
REDACTION_FAILED = finding("text", "redaction_failed")
# Complaints that follow a name in one transaction: a fifth of a second of work.
MOST_FOLLOWING = 2_000


@dataclass(frozen=True, slots=True)
class Accepted:
    """The report made or revised a complaint. `warnings`: what was left out of it."""

    warnings: tuple[Detail, ...] = ()


@dataclass(frozen=True, slots=True)
class Repeated:
    """The report changed nothing new; `notes` says why where it is no plain duplicate."""

    notes: tuple[Detail, ...] = ()


@dataclass(frozen=True, slots=True)
class Declined:
    """The report is refused for good."""

    reason: Reason
    details: tuple[Detail, ...]


Answer = Accepted | Repeated | Declined
_RESULTS: Mapping[type[Answer], str] = {Accepted: "accepted", Repeated: "duplicate", Declined: "refused"}


def result_of(answer: Answer) -> str:
    """Return the answer's word on the outside: accepted, duplicate or refused."""
    return _RESULTS[type(answer)]


class Intake:
    """Takes reports in; what it holds between batches is safe to lose."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._registry = Registry()

    async def take_in(self, unit: Unit, reports: Sequence[Reported], entrance: Entrance) -> list[Answer]:
        """Apply reports in order, in the unit's transaction, and return an answer for each.

        The number of queries does not depend on the number of reports.
        """
        checked = [unsound(event, unit.now) for event in reports]
        sound = [event for event, wrong in zip(reports, checked, strict=True) if not wrong]
        applied = iter(await self._apply(unit, sound, entrance) if sound else ())
        answers = [Declined(Reason.INVALID, wrong) if wrong else next(applied) for wrong in checked]
        await self._count(unit, reports, answers, entrance)
        return answers

    async def _apply(self, unit: Unit, reports: Sequence[Reported], entrance: Entrance) -> list[Answer]:
        """Apply sound reports."""
        sources = await self._registry.sources(unit.connection, {event.source for event in reports}, entrance)
        sound = [
            Arrival((sources[event.source], event.data.external_id), event.data, attribution(event.data.operator))
            for event in reports
        ]
        holders = await self._registry.holders(unit.connection, [(a.who, a.report.operator) for a in sound])
        known = await complaints.states(unit.connection, {a.key for a in sound})
        left = await self._left_behind(unit, holders) if holders.changed else {}
        states = left | known

        def operator_of(who: Attribution) -> str:
            return operator_key(who, holders.by_name)

        decisions, changes = fold(states, sound, operator_of, unit.ids)
        _follow(states, changes, holders)
        failed = await self._write(unit, reports, changes)
        return [Accepted((REDACTION_FAILED,)) if p in failed else _answer(decision) for p, decision in enumerate(decisions)]

    async def _left_behind(self, unit: Unit, holders: Holders) -> dict[Key, State]:
        """Return complaints that the names of a batch have left behind; what is too much for it is left to `follow_a_name`."""
        left = await complaints.left_behind(unit.connection, holders.operators(), MOST_FOLLOWING)
        if len(left) == MOST_FOLLOWING:
            await following.leave(unit.connection, holders.changed)
        return left

    async def follow_a_name(self, unit: Unit) -> bool:
        """Let some complaints follow a name that was claimed late; return whether there was one that had to be followed."""
        name = await following.next_name(unit.connection)
        if name is None:
            return False
        holders = await self._registry.stands_for(unit.connection, name)
        left = await complaints.left_behind(unit.connection, holders.operators(), MOST_FOLLOWING)
        changes: dict[Key, Change] = {}
        _follow(left, changes, holders)
        await self._write(unit, (), changes)
        if len(left) < MOST_FOLLOWING:
            await following.done(unit.connection, name)
        return True

    async def _write(self, unit: Unit, reports: Sequence[Reported], changes: Mapping[Key, Change]) -> set[int]:
        """Say and store the changes; return the positions of reports whose text had to be withheld."""
        before = [change.state.complaint_id for change in changes.values() if change.by is None]
        payloads = await complaints.payloads(unit.connection, before) if before else {}
        failed: set[int] = set()
        rows: list[Row] = []
        for key, change in changes.items():
            state = change.state
            if change.by is None:
                said = restated(ComplaintRevised.model_validate_json(payloads[state.complaint_id]), state)
            else:
                event = reports[change.by]
                clean = _redacted(event)
                if clean.redaction is Redaction.WITHHELD:
                    failed.add(change.by)
                    state = state._replace(withheld=True)
                said = complaint(event.data, state, event.source, clean, self._tables)
            unit.emit(said)
            rows.append(Row(key, state, unit.letters[-1].value or b""))
        await complaints.write(unit.connection, rows, unit.now)
        return failed

    async def _count(self, unit: Unit, reports: Sequence[Reported], answers: Sequence[Answer], entrance: Entrance) -> None:
        counts: Counter[Arrived] = Counter(
            (entrance, event.data.channel.value, result_of(answer)) for event, answer in zip(reports, answers, strict=True)
        )
        await arrivals.add(unit.connection, local_day(unit.now, self._tables.zone), counts)
        for (_, __, result), number in counts.items():
            metrics.REPORTS.labels(entrance, result).inc(number)


def _redacted(event: Reported) -> Redacted:
    """Redact, and withhold on any failure: a report that breaks the redaction must not break through it."""
    try:
        return redacted(event.data)
    except Exception as error:
        # No traceback: it could quote the text.
        log.error("redaction_failed", error=type(error).__name__)  # noqa: TRY400
        metrics.REDACTION_WITHHELD.inc()
        return withheld(event.data)


def _follow(states: Mapping[Key, State], changes: dict[Key, Change], holders: Holders) -> None:
    """Let complaints found by a name follow it to the operator it stands for now."""
    for key, stored in states.items():
        change = changes.get(key)
        state = change.state if change else stored
        if state.name_key not in holders.changed or state.name_key is None:
            continue
        operator = holders.operator(state.name_key)
        if operator != state.operator_key:
            moved = state._replace(operator_key=operator, revision=stored.revision + 1)
            changes[key] = Change(moved, change.by if change else None)


def _answer(decision: Decision) -> Answer:
    match decision:
        case New() | Revised():
            return Accepted()
        case Duplicate():
            return Repeated()
        case Superseded():
            return Repeated((finding("revision", "superseded"),))
        case Conflict():
            return Declined(Reason.CONFLICT, (finding("revision", "conflict"),))
        case _:
            assert_never(decision)
