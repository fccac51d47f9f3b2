"""Events of stats: changed figures, the close of a month, and the recount of all figures."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from shared.contracts.complaints import ComplaintOperator
from shared.contracts.envelope import Event

FIGURES = "gongshi.figures"


class SubjectKind(StrEnum):
    """What a figure is about."""

    ALL = "all"
    OPERATOR = "operator"
    REGION = "region"
    INDUSTRY = "industry"
    CATEGORY = "category"
    CHANNEL = "channel"


class PeriodKind(StrEnum):
    """The calendar periods that figures are published for."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"


class Measures(BaseModel):
    """The measures of one subject in one period; a rate is null where its denominator is 0.

    Counts are complaints; `amount` and `recovered` are yuan with two decimals; the days are working days from
    acceptance to closing, the 90th percentile and the median interpolated between neighbours. `closed` is how many of the
    complaints were closed, by whatever outcome; None in figures from before it was counted.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    complaints: int
    accepted: int
    resolved: int
    resolution_rate: Decimal | None
    mediations: int
    mediation_successes: int
    mediation_success_rate: Decimal | None
    closed: int | None = None
    amount: Decimal
    recovered: Decimal
    median_days: Decimal | None
    p90_days: Decimal | None


class FigureChanged(Event):
    """The measures of a subject in a period changed. `version` grows with every change of this figure key.

    `restated`: the period was closed, or the same complaints are counted anew by a changed working-day calendar; `notices`
    are the numbers of the notices that changed it. `rulings` are the ids of the rulings that are counted by now and were not
    before: named also where they leave the measures as they were, so that nothing waits for what they change.
    """

    type: ClassVar[str] = "gongshi.figure.changed.v1"
    topic: ClassVar[str] = FIGURES

    subject_kind: SubjectKind
    subject: str
    period_kind: PeriodKind
    period: str
    version: int
    figures: Measures
    as_of: AwareDatetime
    operator: ComplaintOperator | None = None
    region: str | None = None
    industry: str | None = None
    restated: bool = False
    restated_from: Measures | None = None
    notices: tuple[str, ...] = ()
    rulings: tuple[UUID, ...] = ()

    def key(self) -> str:
        """Return the figure key: subject kind, subject, period kind, period."""
        return f"{self.subject_kind}/{self.subject}/{self.period_kind}/{self.period}"


class FiguresVerified(Event):
    """All sums and figures were recounted from single complaints.

    `complaints` were recounted and `figures` compared; `differences` is how many stored sums and figures are not what the
    recount says: 0, if all is well. The newest of a day counts.
    """

    type: ClassVar[str] = "gongshi.figures.verified.v1"
    topic: ClassVar[str] = FIGURES

    day: date
    verified_at: AwareDatetime
    complaints: int
    figures: int
    differences: int

    def key(self) -> str:
        """Return the day."""
        return self.day.isoformat()


class MonthClosed(Event):
    """A month was closed: later changes to its figures are restatements.

    `operators` is how many operators have figures in the month and `complaints` their sum, so that a reader knows
    when it has seen them all.
    """

    type: ClassVar[str] = "gongshi.month.closed.v1"
    topic: ClassVar[str] = FIGURES

    month: str
    operators: int
    complaints: int
    closed_at: AwareDatetime

    def key(self) -> str:
        """Return the month."""
        return self.month
