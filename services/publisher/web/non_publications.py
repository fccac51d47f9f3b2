"""Non-publication: how many items were decided not to be published, on which ground."""

from __future__ import annotations

from typing import ClassVar

from fastapi import APIRouter, Request, Response

from services.publisher.store import overview
from services.publisher.web.dependencies import BureauDep, render
from services.publisher.web.page_cache import CachedRoute
from shared.clock import now
from shared.web.session import DatabaseDep


class MinuteCachedRoute(CachedRoute):
    """A route whose page also counts decisions at the desk, of which no notification comes."""

    max_age_s: ClassVar[float] = 60.0


router = APIRouter(include_in_schema=False, route_class=MinuteCachedRoute)


@router.get("/withheld")
async def show_non_publications(request: Request, database: DatabaseDep, bureau: BureauDep) -> Response:
    """Show how many items were not published on each ground, this year and in all."""
    at = now().astimezone(bureau.zone)
    new_year = at.replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    async with database.snapshot() as connection:
        counts = await overview.count_non_publications(connection, new_year)
    rules = bureau.rules(at)
    return render(
        request, "portal/non_publications.html", counts=counts, codes=sorted({*rules.grounds, *counts}), at=at, rules=rules,
        recent=sum(count.recent for count in counts.values()), total=sum(count.items for count in counts.values()),
    )  # fmt: skip
