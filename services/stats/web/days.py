"""The days of a query: a calendar period, a special period of the rules, a rolling window, or from one day to another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Query, Request
from starlette.exceptions import HTTPException

from services.stats.domain.comparisons import ComparisonKind, Days, a_year_earlier, of_period, of_span
from services.stats.domain.periods import PERIOD_PATTERN, DayRange, WindowName, day_range, parse_period, window_days
from shared.calendar import FIRST_DAY, LAST_DAY
from shared.clock import local_day
from shared.rules import RuleBook
from shared.web.session import DatabaseDep

DEFAULT_WINDOW: WindowName = "30d"
# Ten years: no answer reads more.
MAX_SPAN = timedelta(days=3_660)


@dataclass(frozen=True, slots=True)
class DayQuery:
    """The days of a query, the name that it gives them (null for a span), what they are compared with, and today."""

    period: str | None
    window: str | None
    days: DayRange
    others: Mapping[ComparisonKind, Days]
    today: date

    @property
    def own(self) -> Days:
        """The days."""
        return Days(self.days.first, self.days.last)

    @property
    def periods(self) -> tuple[str, ...]:
        """The periods whose restatements `restated` covers: one calendar period, or every month that the days touch."""
        return (self.period,) if self.period and parse_period(self.period) else self.days.month_names


async def parse_days(
    request: Request,
    database: DatabaseDep,
    period_name: Annotated[
        str | None, Query(alias="period", pattern=PERIOD_PATTERN, description="2026-10, 2026-Q3, 2026-H2 or 2026")
    ] = None,
    window_name: Annotated[
        WindowName | None,
        Query(alias="window", description="The last days with today, 30d if nothing is given; not both, period or window."),
    ] = None,
    special: Annotated[
        str | None,
        Query(max_length=32, description="A special period of the rules, by code or Chinese name; `period` is its year."),
    ] = None,
    first: Annotated[date | None, Query(alias="from", description="The first of some days; with `to`.")] = None,
    last: Annotated[date | None, Query(alias="to", description="The last of some days; with `from`.")] = None,
) -> DayQuery:
    """Return the days that the query names; 409 when it names them twice or not at all, each part being right by itself."""
    today = local_day(database.clock(), request.app.state.settings.zone)
    named = [name for name in (special or period_name, window_name, first or last) if name is not None]
    if len(named) > 1:
        raise HTTPException(HTTPStatus.CONFLICT, "give one of period, window, and from with to")
    if special is not None:
        return _special(request.app.state.rules, special, period_name, today)
    if period_name is not None and (period := parse_period(period_name)):
        return DayQuery(period_name, None, day_range(period.first, period.last), of_period(period), today)
    if first is not None or last is not None:
        return _span(first, last, today)
    name = window_name or DEFAULT_WINDOW
    own = Days(*window_days(name, today))
    return DayQuery(None, name, day_range(own.first, own.last), of_span(own, _same_window(own)), today)


def _special(rules: RuleBook, name: str, year: str | None, today: date) -> DayQuery:
    period = rules.in_force(today).special_period(name)
    if period is None or year is None or not year.isdigit():
        raise HTTPException(HTTPStatus.CONFLICT, "give a special period of the rules, and its year as period")
    days = period.days(int(year))
    if days is None:
        raise HTTPException(HTTPStatus.CONFLICT, f"the rules give no days of {name} in {year}")
    own, before = Days(*days), period.days(int(year) - 1)
    others = of_span(own, Days(*before) if before else None)
    return DayQuery(f"{year}-{name}", None, day_range(own.first, own.last), others, today)


def _span(first: date | None, last: date | None, today: date) -> DayQuery:
    if first is None or last is None or not FIRST_DAY <= first <= last <= LAST_DAY or last - first > MAX_SPAN:
        raise HTTPException(HTTPStatus.CONFLICT, "give from and to, in this order, between 1990 and 2100, ten years at most")
    own = Days(first, last)
    same = Days(a_year_earlier(first), a_year_earlier(last))
    return DayQuery(None, None, day_range(first, last), of_span(own, same), today)


def _same_window(own: Days) -> Days:
    """Return equally many days that end on the same day of the year before."""
    last = a_year_earlier(own.last)
    return Days(last - timedelta(days=own.count - 1), last)


RequestedDays = Annotated[DayQuery, Depends(parse_days)]
