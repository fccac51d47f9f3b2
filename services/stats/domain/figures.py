"""Which figures contain a change, whether they differ from what was emitted, and whether that restates history."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.stats.domain.measures import ZERO_SUMS, Sums, compute_measures
from services.stats.domain.periods import Period, containing_periods
from shared.contracts import Measures, SubjectKind


@dataclass(frozen=True, slots=True)
class Change:
    """The month of a subject in which something changed: by a ruling, by a calendar or, with neither, by a revision."""

    subject_kind: SubjectKind
    subject: str
    month: date
    ruling_id: UUID | None
    calendar_id: int | None = None


@dataclass(frozen=True, slots=True)
class Causes:
    """The rulings and the calendars behind a changed figure; revisions are not among them."""

    rulings: frozenset[UUID] = frozenset()
    calendars: frozenset[int] = frozenset()

    def with_change(self, change: Change) -> Causes:
        """Return the causes with those of one more change."""
        if change.ruling_id is None and change.calendar_id is None:
            return self
        return Causes(
            self.rulings if change.ruling_id is None else self.rulings | {change.ruling_id},
            self.calendars if change.calendar_id is None else self.calendars | {change.calendar_id},
        )


@dataclass(frozen=True, slots=True)
class FigureKey:
    """What a figure is about."""

    subject_kind: SubjectKind
    subject: str
    period: Period

    def __str__(self) -> str:
        """Return the key of the record on the topic."""
        return f"{self.subject_kind}/{self.subject}/{self.period.kind}/{self.period.name}"


@dataclass(frozen=True, slots=True)
class EmittedFigure:
    """The version and measures last emitted of a figure; version 0 and None before the first."""

    version: int
    measures: Measures | None


@dataclass(frozen=True, slots=True)
class ChangedFigure:
    """A figure to emit. `restated_from`: the measures emitted before, if this restates them. `rulings`: those behind it."""

    key: FigureKey
    version: int
    measures: Measures
    restated_from: Measures | None
    rulings: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Restatement:
    """A figure that replaces measures emitted before, with the rulings and the notices behind it; neither for late data."""

    figure: ChangedFigure
    before: Measures
    ruling_ids: tuple[UUID, ...]
    notices: tuple[str, ...]


def causes_by_figure(changes: Iterable[Change]) -> dict[FigureKey, Causes]:
    """Return every figure that contains a change, in order of subject and period, with the causes of its changes."""
    causes: dict[FigureKey, Causes] = {}
    for change in changes:
        for period in containing_periods(change.month):
            key = FigureKey(change.subject_kind, change.subject, period)
            causes[key] = causes.get(key, NO_CAUSES).with_change(change)
    return dict(sorted(causes.items(), key=lambda pair: _order(pair[0])))


def _order(key: FigureKey) -> tuple[str, str, date, str]:
    return key.subject_kind, key.subject, key.period.first, key.period.kind


def changed_figure(
    key: FigureKey, sums: Sums, emitted: EmittedFigure, closed: Collection[date], causes: Causes
) -> ChangedFigure | None:
    """Return the figure to emit, or None where its measures are those emitted; a figure never emitted counts as zero.

    An emitted figure is emitted again for a ruling, though it changes nothing: somebody waits for it. It is restated where its
    period is closed, and in an open one where a calendar alone moved it: nothing was reported, the same complaints are counted
    anew.
    """
    current = compute_measures(sums)
    before = emitted.measures or ZERO_MEASURES
    rulings = tuple(sorted(causes.rulings))
    if current == before:
        return ChangedFigure(key, emitted.version + 1, current, None, rulings) if rulings and emitted.version else None
    restated = all(month in closed for month in key.period.months()) or (
        bool(causes.calendars) and _differ_in_days_only(before, current)
    )
    return ChangedFigure(key, emitted.version + 1, current, before if restated else None, rulings)


def _differ_in_days_only(before: Measures, after: Measures) -> bool:
    return before.model_copy(update={"median_days": after.median_days, "p90_days": after.p90_days}) == after


NO_CAUSES = Causes()
ZERO_MEASURES = compute_measures(ZERO_SUMS)
