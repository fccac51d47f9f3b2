"""`/stats/operators`, `/stats/regions` and the other subjects: the API of figures, released or not, for staff and readers."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from starlette.exceptions import HTTPException

from services.stats.domain.subjects import NATION, CountedKind
from services.stats.store import queries
from services.stats.web.access import require_reader
from services.stats.web.answers import ALSO, Format, send
from services.stats.web.coded import CODED
from services.stats.web.days import RequestedDays
from services.stats.web.responses import OperatorLink, OperatorPage, SubjectFigures
from services.stats.web.subject import Shape, figure_rows, subject_figures
from shared.reference import regions
from shared.web.openapi import problems
from shared.web.session import DatabaseDep

PAGE_SIZE = 100
MAX_PAGE_SIZE = 1000

OperatorKey = Annotated[str, Path(description="Unified social credit code, or the provisional key of an operator without one.")]
RegionCode = Annotated[str, Path(description="Code of the region (GB/T 2260), 000000 for all; with those within it.")]


async def list_operators(
    request: Request,
    database: DatabaseDep,
    cursor: Annotated[str, Query(max_length=64, description="The key after which the page begins, as `next` has it.")] = "",
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE, description="Operators on a page.")] = PAGE_SIZE,
    layout: Format = "json",
) -> Response:
    """List the operators with complaints, in the order of their keys; `cursor` is that of `next`."""
    async with database.snapshot() as connection:
        operators = await queries.fetch_operators(connection, cursor, limit + 1)
    links = [OperatorLink(operator=each, href=f"/stats/operators/{quote(each.key, safe='')}") for each in operators[:limit]]
    has_more = len(operators) > limit
    next_page = f"/stats/operators?{urlencode({'cursor': operators[limit - 1].key, 'limit': limit})}" if has_more else None
    rows = ({"key": each.operator.key, "name": each.operator.name, "href": each.href} for each in links)
    return send(request, OperatorPage(operators=links, next=next_page), layout, rows)


async def show_operator(
    request: Request, database: DatabaseDep, requested: RequestedDays, shape: Shape, uscc: OperatorKey, layout: Format = "json"
) -> Response:
    """Return the figures of an operator: by USCC, or by the provisional key of one whose USCC is not known."""
    async with database.snapshot() as connection:
        operator = await queries.fetch_operator(connection, uscc)
        if operator is None:
            raise HTTPException(HTTPStatus.NOT_FOUND, "no complaint about this operator was received")
        answer = await subject_figures(request, connection, CountedKind.OPERATOR, uscc, requested, shape, operator=operator)
    return send(request, answer, layout, figure_rows(answer))


async def show_region(
    request: Request, database: DatabaseDep, requested: RequestedDays, shape: Shape, code: RegionCode, layout: Format = "json"
) -> Response:
    """Return the figures of a region, all regions within it included; its `parts` and what lies in none add up to it."""
    async with database.snapshot() as connection:
        if code != NATION and code not in regions() and not await queries.is_known(connection, CountedKind.REGION, code):
            raise HTTPException(HTTPStatus.NOT_FOUND, "no such region")
        answer = await subject_figures(request, connection, CountedKind.REGION, code, requested, shape, region=code)
    return send(request, answer, layout, figure_rows(answer))


async def show_all(
    request: Request, database: DatabaseDep, requested: RequestedDays, shape: Shape, layout: Format = "json"
) -> Response:
    """Return the figures of all complaints."""
    async with database.snapshot() as connection:
        answer = await subject_figures(request, connection, CountedKind.ALL, "", requested, shape)
    return send(request, answer, layout, figure_rows(answer))


DECLARED: dict[str, Any] = {"responses": {**ALSO, **problems(HTTPStatus.CONFLICT)}, "response_model": SubjectFigures}
router = APIRouter(prefix="/stats", tags=["figures"], dependencies=[Depends(require_reader)])
router.add_api_route("/all", show_all, **DECLARED)
router.add_api_route("/operators", list_operators, responses=ALSO, response_model=OperatorPage)
router.add_api_route("/operators/{uscc}", show_operator, **DECLARED)
router.add_api_route("/regions/{code}", show_region, **DECLARED)
for each in CODED:
    router.add_api_route(f"/{each.path}/{{code}}", each.endpoint(), name=f"show_{each.kind}", summary=each.summary, **DECLARED)
