"""`/stats/kpis`: the rates and times that offices are measured by, of a subject or of each subject of a kind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode

import asyncpg
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel

from services.stats.domain.measures import ZERO_SUMS, compute_measures
from services.stats.domain.subjects import CountedKind, stored_subjects
from services.stats.domain.tallies import Kpis, Proportion, compute_kpis
from services.stats.store.sums_of_days import Grouping, fetch_grouped_sums, fetch_subjects, fetch_sums
from services.stats.store.tallies import fetch_tallies
from services.stats.web.access import require_reader
from services.stats.web.answers import ALSO, Format, send
from services.stats.web.days import DayQuery, RequestedDays
from services.stats.web.freshness import fetch_freshness
from services.stats.web.responses import Coverage, interval
from shared.calendar import Calendar
from shared.contracts import Measures
from shared.rates import rate
from shared.web.openapi import problems
from shared.web.parameters import PlainText
from shared.web.session import DatabaseDep

PAGE_SIZE = 50
MAX_PAGE_SIZE = 200
# What no event carries, and who would have to say it.
WITHOUT_DATA = {
    "publication_rate": "which complaints were published is known to the publisher alone",
    "call_connect_rate": "no source reports its calls",
    "complaints_per_sales": "no denominator: nobody supplies sales or orders",
}


class KpiRate(BaseModel):
    """A rate with its two counts and its 95 % Wilson interval; null where the denominator is 0."""

    name: str
    numerator: int
    denominator: int
    rate: float | None
    interval: tuple[float, float] | None

    @classmethod
    def from_proportion(cls, proportion: Proportion) -> KpiRate:
        """Return the rate of two counts."""
        found = rate(proportion.part, proportion.whole)
        return cls(
            name=proportion.name,
            numerator=proportion.part,
            denominator=proportion.whole,
            rate=None if found is None else float(found),
            interval=interval(proportion.part, proportion.whole),
        )


class SubjectKpis(BaseModel):
    """The KPIs of one subject. `counts` are the tallies that the rates are made of.

    `median_days_with_open`, `p90_days_with_open`: working days within which half and nine tenths of the accepted complaints
    were closed, those still open counted as open; null where so many are not closed yet.
    """

    subject: str
    complaints: int
    accepted: int
    amount: str
    recovered: str
    rates: list[KpiRate]
    counts: dict[str, int]
    open_cases: int
    median_days_with_open: int | None
    p90_days_with_open: int | None

    @classmethod
    def from_kpis(cls, subject: str, measures: Measures, kpis: Kpis) -> SubjectKpis:
        """Return the KPIs in the form of the API."""
        return cls(
            subject=subject,
            complaints=measures.complaints,
            accepted=measures.accepted,
            amount=str(measures.amount),
            recovered=str(measures.recovered),
            rates=[KpiRate.from_proportion(each) for each in kpis.proportions],
            counts=dict(kpis.counts),
            open_cases=kpis.open_cases,
            median_days_with_open=kpis.median_days_with_open,
            p90_days_with_open=kpis.p90_days_with_open,
        )


class KpiPage(BaseModel):
    """KPIs over the days of receipt `first_day` to `last_day`, as of `today`. `without_data`: rates without data, and why."""

    subject_kind: str
    period: str | None
    window: str | None
    first_day: date
    last_day: date
    today: date
    subjects: list[SubjectKpis]
    without_data: dict[str, str]
    as_of: datetime | None
    lag: int
    coverage: Coverage
    next: str | None


async def list_kpis(
    request: Request,
    database: DatabaseDep,
    requested: RequestedDays,
    kind: Annotated[CountedKind, Query(alias="subject_kind", description="Whose KPIs.")] = CountedKind.ALL,
    subject: Annotated[PlainText | None, Query(max_length=200, description="Of this subject alone.")] = None,
    cursor: Annotated[PlainText, Query(max_length=200, description="The subject after which the page begins.")] = "",
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE, description="Subjects on a page.")] = PAGE_SIZE,
    layout: Format = "json",
) -> Response:
    """Return the KPIs of a subject, or of each subject of the kind with complaints in these months."""
    calendar: Calendar = request.app.state.calendar.value
    async with database.snapshot() as connection:
        if subject is not None or kind is CountedKind.ALL:
            found, has_more = [await _of_one(connection, kind, subject or "", requested, calendar)], False
        else:
            listed = [each for each in await fetch_subjects(connection, kind, requested.days) if each > cursor]
            has_more = len(listed) > limit
            found = await _of_each(connection, kind, listed[:limit], requested, calendar)
        answer = KpiPage(
            subject_kind=kind,
            period=requested.period,
            window=requested.window,
            first_day=requested.days.first,
            last_day=requested.days.last,
            today=requested.today,
            subjects=found,
            without_data=WITHOUT_DATA,
            **await fetch_freshness(request, connection),
            next=_next_page(request, found[-1].subject) if has_more else None,
        )
    return send(request, answer, layout, _rows(answer))


async def _of_one(
    connection: asyncpg.Connection, kind: CountedKind, code: str, requested: DayQuery, calendar: Calendar
) -> SubjectKpis:
    stored, subjects = stored_subjects(kind, code)
    sums = await fetch_sums(connection, stored, subjects, requested.days)
    days = await fetch_tallies(connection, stored, subjects, requested.days.first, requested.days.last, apart=False)
    kpis = compute_kpis(sums, days.get("", []), requested.today, calendar)
    return SubjectKpis.from_kpis(code, compute_measures(sums), kpis)


async def _of_each(
    connection: asyncpg.Connection, kind: CountedKind, subjects: list[str], requested: DayQuery, calendar: Calendar
) -> list[SubjectKpis]:
    sums = await fetch_grouped_sums(connection, kind, subjects, requested.days, Grouping.SUBJECT)
    days = await fetch_tallies(connection, kind, subjects, requested.days.first, requested.days.last, apart=True)
    return [
        SubjectKpis.from_kpis(
            each,
            compute_measures(sums.get(each, ZERO_SUMS)),
            compute_kpis(sums.get(each, ZERO_SUMS), days.get(each, []), requested.today, calendar),
        )
        for each in subjects
    ]


def _next_page(request: Request, last: str) -> str:
    return f"/stats/kpis?{urlencode({**request.query_params, 'cursor': last})}"


def _rows(answer: KpiPage) -> Iterator[dict[str, object]]:
    """Yield a row for each rate of each subject, and one for each count."""
    days = answer.period or f"{answer.first_day}/{answer.last_day}"
    for each in answer.subjects:
        about = {"subject_kind": answer.subject_kind, "subject": each.subject, "days": days}
        for one in each.rates:
            yield {**about, "name": one.name, "numerator": one.numerator, "denominator": one.denominator, "value": one.rate}
        counts = {**each.counts, "complaints": each.complaints, "open_cases": each.open_cases}
        for name, count in counts.items():
            yield {**about, "name": name, "numerator": count, "denominator": None, "value": count}


router = APIRouter(prefix="/stats", tags=["figures"], dependencies=[Depends(require_reader)])
router.add_api_route("/kpis", list_kpis, responses={**ALSO, **problems(HTTPStatus.CONFLICT)}, response_model=KpiPage)
