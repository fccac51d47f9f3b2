"""The ingest step of every entrance (Kafka, HTTP, file, desk): valid reports become complaint revisions, each with a result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, assert_never

import structlog

from services.intake.batch_redaction import redact_aside, redact_or_withhold
from services.intake.comparison import MATCHING_KEY_FILE, ComparisonPace
from services.intake.domain.complaint import CodeTables, apply_state, to_complaint_revised
from services.intake.domain.decision import (
    ComplaintChange,
    ComplaintKey,
    ComplaintState,
    Conflict,
    Decision,
    KeyedReport,
    New,
    Revised,
    Superseded,
    Unchanged,
    fold,
)
from services.intake.domain.findings import create_finding
from services.intake.domain.match_keys import NO_KEYS, MatchKeyMaker, pack_keys
from services.intake.domain.operators import OperatorIdentity, operator_identity, operator_key
from services.intake.domain.report import ReportEvent, report_key
from services.intake.domain.validation import validate
from services.intake.list_revisions import assign_list_revisions
from services.intake.redaction import RedactedReport
from services.intake.redaction.report import withhold
from services.intake.registry import NameResolution, Registry
from services.intake.store import arrivals, complaints, erasures, match_queue, reattributions
from services.intake.store.arrivals import ArrivalKey
from services.intake.store.complaints import ComplaintRow
from shared import metrics, reference
from shared.clock import local_day
from shared.contracts import ComplaintRevised, Headers, Redaction
from shared.key_file import read_or_make_key
from shared.rules import HarmSearch, RuleBook, RulesError
from shared.settings import Settings
from shared.stream import DeadLetterReason, UnitOfWork, ValidationFinding
from shared.stream.dead_letters import mark_superseded

log = structlog.get_logger(__name__)

Entrance = Literal["kafka", "http", "file", "desk"]
FILE: Entrance = "file"
REDACTION_FAILED = create_finding("text", "redaction_failed")
# Complaints reattributed in one transaction: about 0.2 s of work.
REATTRIBUTION_LIMIT = 2_000


@dataclass(frozen=True, slots=True)
class Ingested:
    """The report made or revised a complaint. `warnings`: what was left out of it."""

    warnings: tuple[ValidationFinding, ...] = ()


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The report changed nothing new; `notes` says why where it is no plain duplicate."""

    notes: tuple[ValidationFinding, ...] = ()


@dataclass(frozen=True, slots=True)
class Refused:
    """The report is refused for good."""

    reason: DeadLetterReason
    findings: tuple[ValidationFinding, ...]


# One of each for all reports.
INGESTED, UNCHANGED = Ingested(), Duplicate()
SUPERSEDED = Duplicate((create_finding("revision", "superseded"),))
CONFLICT = Refused(DeadLetterReason.CONFLICT, (create_finding("revision", "conflict"),))
IngestResult = Ingested | Duplicate | Refused
_RESULTS: Mapping[type[IngestResult], str] = {Ingested: "accepted", Duplicate: "duplicate", Refused: "refused"}


def result_label(answer: IngestResult) -> str:
    """Return the label of a result in answers, tables and metrics: accepted, duplicate or refused."""
    return _RESULTS[type(answer)]


class Intake:
    """Ingests reports; its caches are safe to lose."""

    def __init__(self, tables: CodeTables, match_keys: MatchKeyMaker, harm: HarmSearch | None = None) -> None:
        self._tables = tables
        self.match_keys = match_keys
        self._harm = harm
        self.pace = ComparisonPace()
        self._registry = Registry()
        self._active: set[int] = set()

    def take_active(self) -> set[int]:
        """Return the ids of the sources with a valid report since the last call."""
        active, self._active = self._active, set()
        return active

    async def ingest(self, uow: UnitOfWork, reports: Sequence[ReportEvent], entrance: Entrance) -> list[IngestResult]:
        """Apply reports in order, in the transaction of `uow`, and return a result for each.

        The number of queries does not depend on the number of reports.
        """
        validated = [(event, validate(event, uow.now)) for event in reports]
        valid = [event for event, findings in validated if not findings]
        applied = iter(await self._apply_in_order(uow, valid, entrance) if valid else ())
        results = [Refused(DeadLetterReason.INVALID, findings) if findings else next(applied) for _, findings in validated]
        accepted = [event for event, result in zip(reports, results, strict=True) if result is INGESTED]
        # A row that was corrected in its list comes again in the next; senders of events number their revisions themselves.
        if accepted:
            await mark_superseded(uow.connection, FILE, map(report_key, accepted))
        await self._count(uow, reports, results, entrance)
        return results

    async def _apply_in_order(self, uow: UnitOfWork, reports: Sequence[ReportEvent], entrance: Entrance) -> list[IngestResult]:
        """Apply valid reports; those of a list older than what is stored change nothing."""
        names = {event.source for event in reports}
        sources = await self._registry.source_ids(uow.connection, names, entrance)
        self._active.update(sources[name] for name in names)
        numbered = await assign_list_revisions(uow.connection, reports, sources)
        newest = [event for event in numbered if event is not None]
        applied = iter(await self._apply(uow, newest, sources, entrance) if newest else ())
        return [SUPERSEDED if event is None else next(applied) for event in numbered]

    async def _apply(
        self, uow: UnitOfWork, reports: Sequence[ReportEvent], sources: Mapping[str, int], entrance: Entrance
    ) -> list[IngestResult]:
        """Apply reports with revision numbers. `sources`: their ids by name."""
        keyed = [
            KeyedReport((sources[event.source], event.data.external_id), event.data, operator_identity(event.data.operator))
            for event in reports
        ]
        resolution = await self._registry.resolve_names(
            uow.connection, [(each.operator_identity, each.report.operator) for each in keyed]
        )
        stored = await complaints.lock_states(uow.connection, {report.key for report in keyed})
        misattributed = await self._lock_misattributed(uow, resolution) if resolution.changed else {}
        states = misattributed | stored

        def operator_of(identity: OperatorIdentity, before: ComplaintState | None) -> str:
            knows_name_only = identity.uscc is None and before is not None and before.name_key == identity.name_key
            if before and knows_name_only and identity.name_key in resolution.contested:
                return before.operator_key
            return operator_key(identity, resolution.by_name)

        decisions, changes = fold(states, keyed, operator_of, uow.ids)
        _reattribute(states, changes, resolution)
        redacted = {} if entrance == "kafka" else await redact_aside(reports, changes.values())
        withheld = await self._write(uow, reports, changes, redacted)
        await match_queue.enqueue(uow.connection, [self._pack(change, reports) for change in changes.values()])
        self.pace.noted(len(changes))
        return [
            Ingested((REDACTION_FAILED,)) if index in withheld else _to_result(decision)
            for index, decision in enumerate(decisions)
        ]

    async def _lock_misattributed(self, uow: UnitOfWork, resolution: NameResolution) -> dict[ComplaintKey, ComplaintState]:
        """Return the stored complaints whose name resolves to another operator since this batch.

        At most `REATTRIBUTION_LIMIT`: the rest is queued for `reattribute_next_name`.
        """
        misattributed = await complaints.lock_misattributed(uow.connection, resolution.changed_keys(), REATTRIBUTION_LIMIT)
        if len(misattributed) == REATTRIBUTION_LIMIT:
            await reattributions.enqueue_names(uow.connection, resolution.changed)
        return misattributed

    async def reattribute_next_name(self, uow: UnitOfWork) -> bool:
        """Reattribute some complaints of the name that has been queued longest; return False when no name is queued."""
        name = await reattributions.lock_next_name(uow.connection)
        if name is None:
            return False
        resolution = await self._registry.resolve_name(uow.connection, name)
        misattributed = await complaints.lock_misattributed(uow.connection, resolution.changed_keys(), REATTRIBUTION_LIMIT)
        changes: dict[ComplaintKey, ComplaintChange] = {}
        _reattribute(misattributed, changes, resolution)
        await self._write(uow, (), changes, {})
        await match_queue.enqueue(uow.connection, [self._pack(change, ()) for change in changes.values()])
        if len(misattributed) < REATTRIBUTION_LIMIT:
            await reattributions.delete_name(uow.connection, name)
        return True

    async def restate(self, uow: UnitOfWork, changes: Mapping[ComplaintKey, ComplaintChange]) -> None:
        """Emit and store complaints of which only operator, acceptance or link has changed."""
        await self._write(uow, (), changes, {})

    async def _write(
        self,
        uow: UnitOfWork,
        reports: Sequence[ReportEvent],
        changes: Mapping[ComplaintKey, ComplaintChange],
        redacted_before: Mapping[int, RedactedReport],
    ) -> set[int]:
        """Emit and store the changes; return the indices of reports whose text was withheld because redaction failed."""
        unchanged_content = [change.state.complaint_id for change in changes.values() if change.report_index is None]
        payloads = await complaints.fetch_payloads(uow.connection, unchanged_content) if unchanged_content else {}
        known = [c.state.complaint_id for c in changes.values() if c.report_index is not None and c.state.revision > 1]
        erased = await erasures.fetch_erased(uow.connection, known)
        withheld: set[int] = set()
        rows: list[ComplaintRow] = []
        for key, change in changes.items():
            state = change.state
            if change.report_index is None:
                revised = apply_state(ComplaintRevised.model_validate_json(payloads[state.complaint_id]), state)
            else:
                event = reports[change.report_index]
                is_erased = state.complaint_id in erased
                before = withhold(event.data) if is_erased else redacted_before.get(change.report_index)
                redacted = before or redact_or_withhold(event)
                if redacted.redaction is Redaction.WITHHELD and not is_erased:
                    withheld.add(change.report_index)
                    state = state._replace(withheld=True)
                revised = to_complaint_revised(event.data, state, event.source, redacted, self._tables)
            uow.emit(revised, headers=self._harm_headers(revised))
            rows.append(ComplaintRow(key, state, uow.messages[-1].value or b""))
        await complaints.upsert_complaints(uow.connection, rows, uow.now)
        return withheld

    def _pack(self, change: ComplaintChange, reports: Sequence[ReportEvent]) -> bytes:
        """Return a changed complaint with what it is compared by, for the comparison."""
        index = change.report_index
        keys = NO_KEYS if index is None else self.match_keys.of_report(reports[index].data)
        return pack_keys(change.state.complaint_id.bytes, keys)

    def _harm_headers(self, complaint: ComplaintRevised) -> Headers:
        """Return the header that saves readers a search for harm; none where the rules are not at hand."""
        if self._harm is None:
            return ()
        found = self._harm.matches(complaint.category, f"{complaint.title or ''}{complaint.text or ''}")
        return (self._harm.to_header(found=found),)

    async def _count(
        self, uow: UnitOfWork, reports: Sequence[ReportEvent], results: Sequence[IngestResult], entrance: Entrance
    ) -> None:
        kinds = Counter((event.data.channel, type(result)) for event, result in zip(reports, results, strict=True))
        counts: dict[ArrivalKey, int] = {
            (entrance, channel.value, _RESULTS[kind]): number for (channel, kind), number in kinds.items()
        }
        await arrivals.add_counts(uow.connection, local_day(uow.now, self._tables.zone), counts)
        for (_, __, label), number in counts.items():
            metrics.REPORTS.labels(entrance, label).inc(number)


def _reattribute(
    states: Mapping[ComplaintKey, ComplaintState], changes: dict[ComplaintKey, ComplaintChange], resolution: NameResolution
) -> None:
    """Move the complaints of changed names to the operator that the name resolves to now."""
    for key, stored in states.items():
        change = changes.get(key)
        state = change.state if change else stored
        if state.name_key not in resolution.changed or state.name_key is None:
            continue
        operator = resolution.operator_key(state.name_key)
        if operator != state.operator_key:
            moved = state._replace(operator_key=operator, revision=stored.revision + 1)
            changes[key] = ComplaintChange(moved, change.report_index if change else None)


def _to_result(decision: Decision) -> IngestResult:
    match decision:
        case New() | Revised():
            return INGESTED
        case Unchanged():
            return UNCHANGED
        case Superseded():
            return SUPERSEDED
        case Conflict():
            return CONFLICT
        case _:
            assert_never(decision)


def create_intake(settings: Settings) -> Intake:
    """Return the ingest step over the reference tables."""
    tables = CodeTables(
        regions=frozenset(reference.regions()),
        industries=frozenset(reference.industries()),
        categories=frozenset(reference.categories()),
        zone=settings.zone,
    )
    match_keys = MatchKeyMaker(lambda: read_or_make_key(settings.matching_key or settings.home / MATCHING_KEY_FILE))
    return Intake(tables, match_keys, _harm_search(settings))


def _harm_search(settings: Settings) -> HarmSearch | None:
    """Return the search of the publication rules, which another machine may have; without it the publisher searches."""
    try:
        return HarmSearch(rules.major for rules in RuleBook.load(settings.rules).versions)
    except (RulesError, OSError) as error:
        log.warning("rules_unreadable", error=type(error).__name__)
        return None
