"""Response models of the API: money as decimal strings, rates and days as numbers."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from services.stats.store.queries import RestatementRecord, SourceCoverage
from shared.charts.wilson import wilson_interval
from shared.contracts import ComplaintOperator, Measures
from shared.rates import RATE_PLACES, round_half_up


class Figures(BaseModel):
    """The measures (INTERFACE, one definition everywhere). A rate comes with its two counts; null if the denominator is 0.

    `resolution_rate` = `resolved` ÷ `accepted`; `mediation_success_rate` = `mediation_successes` ÷ `mediations`.
    """

    complaints: int
    accepted: int
    resolved: int
    resolution_rate: float | None
    mediations: int
    mediation_successes: int
    mediation_success_rate: float | None
    amount: str
    recovered: str
    median_days: float | None
    p90_days: float | None

    @classmethod
    def from_measures(cls, measures: Measures) -> Figures:
        """Return the measures in the form of the API."""
        fields: dict[str, Any] = measures.model_dump()
        return cls(**fields | {"amount": str(measures.amount), "recovered": str(measures.recovered)})


class Source(BaseModel):
    """The first and last day of receipt of one source."""

    source: str
    first_day: date
    last_day: date


class Coverage(BaseModel):
    """The days of receipt that the figures are computed from; null without any complaint."""

    first_day: date | None
    last_day: date | None
    sources: list[Source]

    @classmethod
    def from_sources(cls, sources: list[SourceCoverage]) -> Coverage:
        """Return the coverage of all sources together."""
        return cls(
            first_day=min((s.first_day for s in sources), default=None),
            last_day=max((s.last_day for s in sources), default=None),
            sources=[Source(source=s.source, first_day=s.first_day, last_day=s.last_day) for s in sources],
        )


class RestatementResponse(BaseModel):
    """A figure of the answer that was restated; `notices` changed the working-day calendar, rulings are those of `ruling_ids`.

    Neither: complaints were reported or changed after the close.
    """

    period: str
    version: int
    restated_at: datetime
    notices: list[str]
    ruling_ids: list[UUID]
    before: Figures
    after: Figures

    @classmethod
    def from_record(cls, record: RestatementRecord) -> RestatementResponse:
        """Return the restatement in the form of the API."""
        return cls(
            period=record.period,
            version=record.version,
            restated_at=record.restated_at,
            notices=list(record.notices),
            ruling_ids=list(record.ruling_ids),
            before=Figures.from_measures(record.before),
            after=Figures.from_measures(record.after),
        )


class Intervals(BaseModel):
    """The 95 % Wilson intervals (low, high) of the two rates; null where a rate is, as of no case."""

    resolution_rate: tuple[float, float] | None
    mediation_success_rate: tuple[float, float] | None

    @classmethod
    def from_measures(cls, measures: Measures) -> Intervals:
        """Return the intervals of the rates from their two counts."""
        return cls(
            resolution_rate=interval(measures.resolved, measures.accepted),
            mediation_success_rate=interval(measures.mediation_successes, measures.mediations),
        )


def interval(successes: int, trials: int) -> tuple[float, float] | None:
    """Return the 95 % Wilson interval of a rate, four decimals; None where the two counts are no proportion."""
    if not 0 <= successes <= trials or not trials:
        return None
    low, high = (float(round_half_up(end, RATE_PLACES)) for end in wilson_interval(successes, trials))
    return low, high


class ComparisonResponse(BaseModel):
    """The days `own_*` compared with those from `first_day` to `last_day`, by a rule.

    `rule`: `equal_days`; `daily_average`, the numbers of days differ and changes are those of daily averages; `elapsed_days`,
    the period is running and is compared with equally many first days. `changes`: of counts and amounts as a part of what they
    were (0.1 is a tenth more), of rates as a difference; null where there was nothing. `covered`: whether all of the days
    compared with lie within what was heard, so that a zero says something.
    """

    kind: str
    rule: str
    own_first_day: date
    own_last_day: date
    own_days: int
    first_day: date
    last_day: date
    days: int
    covered: bool
    figures: Figures
    changes: dict[str, float | None]


class Step(BaseModel):
    """The figures of one step of time, named like a period, or of a day; steps without complaints are left out."""

    step: str
    figures: Figures


class Part(BaseModel):
    """The figures of what lies directly below the subject; `code` null: what lies in none of the others."""

    code: str | None
    figures: Figures


class SubjectFigures(BaseModel):
    """The figures of one subject over the days `first_day` to `last_day`, named by a calendar period or a window.

    `as_of` is when the last batch was applied, `lag` how many records of this process's partitions are yet to be, `restated`
    whether a figure of the subject in these months was restated; `restatements` are the newest of them, with the reasons.
    """

    operator: ComplaintOperator | None = None
    region: str | None = None
    industry: str | None = None
    subject: str = ""
    period: str | None
    window: str | None
    first_day: date
    last_day: date
    figures: Figures
    intervals: Intervals
    comparisons: list[ComparisonResponse]
    series: list[Step] | None = None
    parts: list[Part] | None = None
    as_of: datetime | None
    lag: int
    coverage: Coverage
    restated: bool
    restatements: list[RestatementResponse]


class RestatedFigure(RestatementResponse):
    """A restated figure with its subject: what it was, what it is, why and when."""

    subject_kind: str
    subject: str


class RestatementPage(BaseModel):
    """Restatements, the newest first; `next` is the address of the page that follows, null on the last."""

    restatements: list[RestatedFigure]
    next: str | None


class OperatorLink(BaseModel):
    """An operator of the register and the address of its figures."""

    operator: ComplaintOperator
    href: str


class OperatorPage(BaseModel):
    """One page of the register in the order of keys; `next` is the address of the page that follows, null on the last."""

    operators: list[OperatorLink]
    next: str | None
