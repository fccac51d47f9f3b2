"""`/stats/operators`, `/stats/regions`, `/stats/industries`: the API of figures, released or not, for staff and readers."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import asyncpg
from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.exceptions import HTTPException

from services.stats.domain.measures import compute_measures
from services.stats.domain.periods import PERIOD_PATTERN, DayRange, WindowName, day_range, parse_period, window_days
from services.stats.store import queries
from services.stats.web.access import require_reader
from services.stats.web.responses import Coverage, Figures, OperatorLink, OperatorPage, RestatementResponse, SubjectFigures
from shared.clock import local_day
from shared.contracts import SubjectKind
from shared.reference import industries, regions
from shared.service import ServiceContext
from shared.web.openapi import problems
from shared.web.session import DatabaseDep

PAGE_SIZE = 100
MAX_PAGE_SIZE = 1000
DEFAULT_WINDOW: WindowName = "30d"
# The newest restatements in an answer; one a month is more than a year of them.
MAX_RESTATEMENTS = 20


@dataclass(frozen=True, slots=True)
class DayQuery:
    """The days of a query, and the period or window that names them."""

    period: str | None
    window: str | None
    days: DayRange

    @property
    def periods(self) -> tuple[str, ...]:
        """The periods whose restatements `restated` covers."""
        return (self.period,) if self.period else self.days.month_names


async def parse_days(
    request: Request,
    database: DatabaseDep,
    period_name: Annotated[
        str | None, Query(alias="period", pattern=PERIOD_PATTERN, description="2026-10, 2026-Q3, 2026-H2 or 2026")
    ] = None,
    window_name: Annotated[
        WindowName | None,
        Query(alias="window", description="The last days with today, 30d if neither is given; not both, period or window."),
    ] = None,
) -> DayQuery:
    """Return the days that the query names; 409 when it names them twice, each name being right by itself."""
    if period_name is not None and window_name is not None:
        raise HTTPException(HTTPStatus.CONFLICT, "give period or window, not both")
    if period_name is not None and (period := parse_period(period_name)):
        return DayQuery(period_name, None, day_range(period.first, period.last))
    name = window_name or DEFAULT_WINDOW
    first, last = window_days(name, local_day(database.clock(), request.app.state.settings.zone))
    return DayQuery(None, name, day_range(first, last))


RequestedDays = Annotated[DayQuery, Depends(parse_days)]
OperatorKey = Annotated[str, Path(description="Unified social credit code, or the provisional key of an operator without one.")]
RegionCode = Annotated[str, Path(description="Code of the region (GB/T 2260); those within it are counted too.")]
IndustryCode = Annotated[str, Path(description="Code of the industry (GB/T 4754).")]


async def list_operators(
    database: DatabaseDep,
    cursor: Annotated[str, Query(max_length=64, description="The key after which the page begins, as `next` has it.")] = "",
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE, description="Operators on a page.")] = PAGE_SIZE,
) -> OperatorPage:
    """List the operators with complaints, in the order of their keys; `cursor` is that of `next`."""
    async with database.snapshot() as connection:
        operators = await queries.fetch_operators(connection, cursor, limit + 1)
    links = [OperatorLink(operator=each, href=f"/stats/operators/{quote(each.key, safe='')}") for each in operators[:limit]]
    has_more = len(operators) > limit
    next_page = f"/stats/operators?{urlencode({'cursor': operators[limit - 1].key, 'limit': limit})}" if has_more else None
    return OperatorPage(operators=links, next=next_page)


async def show_operator(request: Request, database: DatabaseDep, requested: RequestedDays, uscc: OperatorKey) -> SubjectFigures:
    """Return the figures of an operator: by USCC, or by the provisional key of one whose USCC is not known."""
    async with database.snapshot() as connection:
        operator = await queries.fetch_operator(connection, uscc)
        if operator is None:
            raise HTTPException(HTTPStatus.NOT_FOUND, "no complaint about this operator was received")
        return await _subject_figures(request, connection, SubjectKind.OPERATOR, uscc, requested, operator=operator)


async def show_region(request: Request, database: DatabaseDep, requested: RequestedDays, code: RegionCode) -> SubjectFigures:
    """Return the figures of a region, all regions within it included."""
    async with database.snapshot() as connection:
        if code not in regions() and not await queries.is_known(connection, SubjectKind.REGION, code):
            raise HTTPException(HTTPStatus.NOT_FOUND, "no such region")
        return await _subject_figures(request, connection, SubjectKind.REGION, code, requested, region=code)


async def show_industry(
    request: Request, database: DatabaseDep, requested: RequestedDays, code: IndustryCode
) -> SubjectFigures:
    """Return the figures of an industry."""
    async with database.snapshot() as connection:
        if code not in industries() and not await queries.is_known(connection, SubjectKind.INDUSTRY, code):
            raise HTTPException(HTTPStatus.NOT_FOUND, "no such industry")
        return await _subject_figures(request, connection, SubjectKind.INDUSTRY, code, requested, industry=code)


async def show_all(request: Request, database: DatabaseDep, requested: RequestedDays) -> SubjectFigures:
    """Return the figures of all complaints."""
    async with database.snapshot() as connection:
        return await _subject_figures(request, connection, SubjectKind.ALL, "", requested)


async def _subject_figures(
    request: Request, connection: asyncpg.Connection, kind: SubjectKind, subject: str, requested: DayQuery, **about: Any
) -> SubjectFigures:
    context: ServiceContext = request.app.state.context
    restatements = await queries.fetch_restatements(connection, kind, subject, requested.periods, MAX_RESTATEMENTS)
    sums = await queries.fetch_sums(connection, kind, subject, requested.days)
    return SubjectFigures(
        **about,
        period=requested.period,
        window=requested.window,
        first_day=requested.days.first,
        last_day=requested.days.last,
        figures=Figures.from_measures(compute_measures(sums)),
        as_of=await queries.fetch_as_of(connection),
        lag=sum(consumer.lag() for consumer in context.consumers),
        coverage=Coverage.from_sources(await queries.fetch_coverage(connection)),
        restated=bool(restatements),
        restatements=[RestatementResponse.from_record(each) for each in restatements],
    )


NAMED_TWICE = problems(HTTPStatus.CONFLICT)
router = APIRouter(prefix="/stats", tags=["figures"], dependencies=[Depends(require_reader)])
router.add_api_route("/all", show_all, responses=NAMED_TWICE)
router.add_api_route("/operators", list_operators)
router.add_api_route("/operators/{uscc}", show_operator, responses=NAMED_TWICE)
router.add_api_route("/regions/{code}", show_region, responses=NAMED_TWICE)
router.add_api_route("/industries/{code}", show_industry, responses=NAMED_TWICE)
