"""`/stats/operators`, `/stats/regions`, `/stats/industries`: figures for programs."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import asyncpg
from fastapi import APIRouter, Depends, Query, Request
from starlette.exceptions import HTTPException

from services.stats.domain.measures import measures
from services.stats.domain.periods import WINDOWS, Span, period, span, window
from services.stats.store import answers as store
from services.stats.web.answers import Answer, Coverage, Figures, Listed, Register
from shared.clock import local_day
from shared.contracts import SubjectKind
from shared.reference import industries, regions
from shared.service import Running
from shared.web.session import StoreOf

PAGE = 100
MOST = 1000
DEFAULT_WINDOW = "30d"


@dataclass(frozen=True, slots=True)
class Asked:
    """Which days are asked for, and by which name."""

    period: str | None
    window: str | None
    span: Span

    @property
    def periods(self) -> tuple[str, ...]:
        """The periods whose restatements concern the answer."""
        return (self.period,) if self.period else self.span.month_names


async def asked(
    request: Request,
    store: StoreOf,
    period_name: Annotated[
        str | None, Query(alias="period", max_length=10, description="2026-10, 2026-Q3, 2026-H2 or 2026")
    ] = None,
    window_name: Annotated[
        str | None, Query(alias="window", max_length=10, description="7d, 30d, 90d or 365d, with today; 30d if none is given")
    ] = None,
) -> Asked:
    """Return the days that the query names. Answers 422 when it names none, or names them twice."""
    if period_name is not None and window_name is not None:
        raise _unprocessable("give period or window, not both")
    if period_name is not None:
        found = period(period_name)
        if found is None:
            raise _unprocessable("period must be like 2026-10, 2026-Q3, 2026-H2 or 2026")
        return Asked(period_name, None, span(found.first, found.last))
    name = window_name or DEFAULT_WINDOW
    days = window(name, local_day(store.clock(), request.app.state.settings.zone))
    if days is None:
        raise _unprocessable(f"window must be one of {', '.join(WINDOWS)}")
    return Asked(None, name, span(*days))


def _unprocessable(sentence: str) -> HTTPException:
    return HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, sentence)


AskedFor = Annotated[Asked, Depends(asked)]


async def list_operators(
    store_: StoreOf, cursor: Annotated[str, Query(max_length=64)] = "", limit: Annotated[int, Query(ge=1, le=MOST)] = PAGE
) -> Register:
    """List the operators that complaints were received about, in the order of their keys; `cursor` as `next` gives it."""
    async with store_.reading() as connection:
        found = await store.operators(connection, cursor, limit + 1)
    listed = [Listed(operator=each, href=f"/stats/operators/{quote(each.key, safe='')}") for each in found[:limit]]
    more = len(found) > limit
    following = f"/stats/operators?{urlencode({'cursor': found[limit - 1].key, 'limit': limit})}" if more else None
    return Register(operators=listed, next=following)


async def show_operator(request: Request, store_: StoreOf, asked_for: AskedFor, uscc: str) -> Answer:
    """Answer with the figures of an operator: by USCC, or by the provisional key of one whose USCC is not known."""
    async with store_.reading() as connection:
        card = await store.operator(connection, uscc)
        if card is None:
            raise HTTPException(HTTPStatus.NOT_FOUND, "no complaint about this operator was received")
        return await _answer(request, connection, SubjectKind.OPERATOR, uscc, asked_for, operator=card)


async def show_region(request: Request, store_: StoreOf, asked_for: AskedFor, code: str) -> Answer:
    """Answer with the figures of a region, all regions within it included."""
    async with store_.reading() as connection:
        if code not in regions() and not await store.is_known(connection, SubjectKind.REGION, code):
            raise HTTPException(HTTPStatus.NOT_FOUND, "no such region")
        return await _answer(request, connection, SubjectKind.REGION, code, asked_for, region=code)


async def show_industry(request: Request, store_: StoreOf, asked_for: AskedFor, code: str) -> Answer:
    """Answer with the figures of an industry."""
    async with store_.reading() as connection:
        if code not in industries() and not await store.is_known(connection, SubjectKind.INDUSTRY, code):
            raise HTTPException(HTTPStatus.NOT_FOUND, "no such industry")
        return await _answer(request, connection, SubjectKind.INDUSTRY, code, asked_for, industry=code)


async def show_all(request: Request, store_: StoreOf, asked_for: AskedFor) -> Answer:
    """Answer with the figures of all complaints."""
    async with store_.reading() as connection:
        return await _answer(request, connection, SubjectKind.ALL, "", asked_for)


async def _answer(
    request: Request, connection: asyncpg.Connection, kind: SubjectKind, subject: str, asked_for: Asked, **about: Any
) -> Answer:
    running: Running = request.app.state.running
    sums = await store.sums_over(connection, kind, subject, asked_for.span)
    return Answer(
        **about,
        period=asked_for.period,
        window=asked_for.window,
        first_day=asked_for.span.first,
        last_day=asked_for.span.last,
        figures=Figures.of(measures(sums)),
        as_of=await store.as_of(connection),
        lag=sum(consumer.lag() for consumer in running.consumers),
        coverage=Coverage.of(await store.coverage(connection)),
        restated=await store.was_restated(connection, kind, subject, asked_for.periods),
    )


router = APIRouter(prefix="/stats", tags=["figures"])
router.add_api_route("/all", show_all)
router.add_api_route("/operators", list_operators)
router.add_api_route("/operators/{uscc}", show_operator)
router.add_api_route("/regions/{code}", show_region)
router.add_api_route("/industries/{code}", show_industry)
