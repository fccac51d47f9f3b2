"""Figures of a subject as they were at the end of a past day."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from http import HTTPStatus
from typing import Any

import asyncpg
from fastapi import Request
from starlette.exceptions import HTTPException

from services.stats.domain.periods import Period, parse_period
from services.stats.domain.subjects import CountedKind
from services.stats.store import queries
from services.stats.store.past_figures import fetch_past_figure
from services.stats.store.sums import EMITTED_KINDS
from services.stats.web.days import DayQuery
from services.stats.web.freshness import fetch_freshness
from services.stats.web.responses import Figures, Intervals, RestatementResponse, SubjectFigures

# The newest restatements are read; those after the day are left out of the answer.
MAX_RESTATEMENTS = 100


async def past_figures(
    request: Request,
    connection: asyncpg.Connection,
    kind: CountedKind,
    subjects: tuple[str, ...],
    code: str,
    requested: DayQuery,
    day: date,
    **about: Any,
) -> SubjectFigures:
    """Return the figures that were said by the end of a day. Raises 409 where none are kept: they are from the close on."""
    period = parse_period(requested.period or "")
    if period is None or kind.value not in EMITTED_KINDS or len(subjects) != 1:
        raise HTTPException(
            HTTPStatus.CONFLICT,
            "figures of before are kept by month, quarter, half-year and year, for all, operators, regions, channels, and "
            "single industries and categories; give period",
        )
    # The calendar has no day after the last one.
    if day > requested.today:
        raise _not_closed(period, day)
    until = datetime.combine(day + timedelta(days=1), time(), request.app.state.settings.zone)
    past = await fetch_past_figure(connection, kind, subjects[0], period.name, period.months(), until)
    if not past.is_kept:
        raise _not_closed(period, day)
    restatements = [
        each
        for each in await queries.fetch_restatements(connection, kind, subjects[0], requested.periods, MAX_RESTATEMENTS)
        if each.restated_at < until
    ]
    freshness = await fetch_freshness(request, connection)
    return SubjectFigures(
        **about,
        subject=code,
        period=requested.period,
        window=None,
        first_day=requested.days.first,
        last_day=requested.days.last,
        figures=Figures.from_measures(past.measures),
        intervals=Intervals.from_measures(past.measures),
        comparisons=[],
        **{**freshness, "as_of": min(until, freshness["as_of"] or until)},
        restated=bool(restatements),
        restatements=[RestatementResponse.from_record(each) for each in restatements],
    )


def _not_closed(period: Period, day: date) -> HTTPException:
    return HTTPException(HTTPStatus.CONFLICT, f"{period.name} was not closed by {day}; figures are kept from the close on")
