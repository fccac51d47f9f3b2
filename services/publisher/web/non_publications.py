"""Non-publication: how many items were decided not to be published, on which ground; what became of what was decided."""

from __future__ import annotations

from datetime import date, timedelta
from http import HTTPStatus
from typing import Annotated, Any, ClassVar

import asyncpg
from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response

from services.publisher.kinds import KINDS
from services.publisher.store import exclusions, overview
from services.publisher.web.api import allow_any_origin, completeness
from services.publisher.web.dependencies import BureauDep, render
from services.publisher.web.overview import OverviewDep
from services.publisher.web.page_cache import CachedRoute
from shared.clock import now
from shared.web.session import DatabaseDep

# What the page shows; the interface answers at most a year.
DAYS, MAX_DAYS = 31, 366


class MinuteCachedRoute(CachedRoute):
    """A route whose page also counts decisions at the desk, of which no notification comes."""

    max_age_s: ClassVar[float] = 60.0


router = APIRouter(include_in_schema=False, route_class=MinuteCachedRoute)
api = APIRouter(prefix="/api", dependencies=[Depends(allow_any_origin)], tags=["public"])


async def fetch_fates(connection: asyncpg.Connection, first: date, last: date) -> dict[str, Any]:
    """Return of each kind that is drafted from complaints what became of what was decided: `days` and `grounds`."""
    return {
        kind.name: {
            "days": await exclusions.count_by_office_and_day(connection, kind.board, kind.name, first, last),
            "grounds": await exclusions.count_by_ground(connection, kind.board, kind.name, first, last),
        }
        for kind in KINDS.values()
        if kind.is_drafted_by_program
    }


@router.get("/withheld")
async def show_non_publications(request: Request, database: DatabaseDep, bureau: BureauDep) -> Response:
    """Show how many items were not published on each ground, and what became of what was decided lately."""
    at = now().astimezone(bureau.zone)
    new_year = at.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    today = bureau.today(at)
    async with database.snapshot() as connection:
        counts = await overview.count_non_publications(connection, new_year)
        fates = await fetch_fates(connection, today - timedelta(days=DAYS - 1), today)
    rules = bureau.rules(at)
    return render(
        request, "portal/non_publications.html", counts=counts, codes=sorted({*rules.grounds, *counts}), at=at, rules=rules,
        recent=sum(count.recent for count in counts.values()), total=sum(count.items for count in counts.values()),
        fates=fates, kinds=KINDS, days=DAYS,
    )  # fmt: skip


@api.get("/exclusions")
async def exclusions_of_days(
    request: Request, database: DatabaseDep, bureau: BureauDep, overview_of_public: OverviewDep,
    first: Annotated[date | None, Query()] = None, last: Annotated[date | None, Query()] = None,
) -> dict[str, Any]:  # fmt: skip
    """Return of each kind that is drafted from complaints what became of what was decided on each day, by office and by ground.

    `published + excluded + pending = decided` for each day and office. A year at most; without days the last month.
    """
    end = last or bureau.today(now())
    begin = first or end - timedelta(days=DAYS - 1)
    if not 0 <= (end - begin).days < MAX_DAYS:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY)
    async with database.snapshot() as connection:
        fates = await fetch_fates(connection, begin, end)
    return {"first": begin, "last": end, "kinds": fates, **completeness(request, overview_of_public)}
