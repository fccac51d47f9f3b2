"""Which figures contain a change, whether they differ from what was emitted, and whether that restates history."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.stats.domain.measures import ZERO_SUMS, Sums, measures
from services.stats.domain.periods import Period, containing_periods
from shared.contracts import Measures, SubjectKind


@dataclass(frozen=True, slots=True)
class Change:
    """The month of a subject in which something changed, by a ruling or, with none, by a revision."""

    subject_kind: SubjectKind
    subject: str
    month: date
    ruling_id: UUID | None


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
    """A figure that differs from the one emitted. `restated_from`: the measures emitted before, if its period is closed."""

    key: FigureKey
    version: int
    measures: Measures
    restated_from: Measures | None


def rulings_by_figure(changes: Iterable[Change]) -> dict[FigureKey, tuple[UUID, ...]]:
    """Return every figure that contains a change, in order of subject and period, with the rulings that changed it."""
    rulings_by_key: dict[FigureKey, set[UUID]] = {}
    for change in changes:
        for period in containing_periods(change.month):
            rulings = rulings_by_key.setdefault(FigureKey(change.subject_kind, change.subject, period), set())
            if change.ruling_id is not None:
                rulings.add(change.ruling_id)
    ordered = sorted(rulings_by_key, key=lambda key: (key.subject_kind, key.subject, key.period.first, key.period.kind))
    return {key: tuple(sorted(rulings_by_key[key])) for key in ordered}


def changed_figure(key: FigureKey, sums: Sums, emitted: EmittedFigure, closed: Collection[date]) -> ChangedFigure | None:
    """Return the figure to emit, or None where its measures are those emitted; a figure never emitted counts as zero."""
    current = measures(sums)
    before = emitted.measures or ZERO_MEASURES
    if current == before:
        return None
    restated = all(month in closed for month in key.period.months())
    return ChangedFigure(key, emitted.version + 1, current, before if restated else None)


ZERO_MEASURES = measures(ZERO_SUMS)
