"""Which figures a change concerns, whether they differ from what was said, and whether saying so restates history."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.stats.domain.measures import NOTHING, Sums, measures
from services.stats.domain.periods import Period, around
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
        """Return the key as it stands on the topic."""
        return f"{self.subject_kind}/{self.subject}/{self.period.kind}/{self.period.name}"


@dataclass(frozen=True, slots=True)
class Said:
    """What was last said of a figure; version 0 is nothing yet."""

    version: int
    measures: Measures | None


@dataclass(frozen=True, slots=True)
class NewFigure:
    """A figure that differs from what was said. `restated_from`: what was said when its period was closed already."""

    key: FigureKey
    version: int
    measures: Measures
    restated_from: Measures | None


def concerned(changes: Iterable[Change]) -> dict[FigureKey, tuple[UUID, ...]]:
    """Return every figure that contains a change, in order, with the rulings that changed it."""
    found: dict[FigureKey, set[UUID]] = {}
    for change in changes:
        for period in around(change.month):
            rulings = found.setdefault(FigureKey(change.subject_kind, change.subject, period), set())
            if change.ruling_id is not None:
                rulings.add(change.ruling_id)
    ordered = sorted(found, key=lambda key: (key.subject_kind, key.subject, key.period.first, key.period.kind))
    return {key: tuple(sorted(found[key])) for key in ordered}


def renewed(key: FigureKey, sums: Sums, said: Said, closed: Collection[date]) -> NewFigure | None:
    """Return the figure to say now, or None where it is what was said, or nothing was and nothing is."""
    now = measures(sums)
    before = said.measures or ZERO
    if now == before:
        return None
    restated = all(month in closed for month in key.period.months())
    return NewFigure(key, said.version + 1, now, before if restated else None)


ZERO = measures(NOTHING)
