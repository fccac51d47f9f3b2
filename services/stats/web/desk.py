"""`/stats/desk`: how complete the figures are, for staff."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from services.stats.store import queries
from services.stats.store.closing import fetch_closed_months
from services.stats.store.figures import count_pending
from services.stats.web.access import STAFF
from services.stats.web.responses import Coverage
from shared.accounts import Person
from shared.service import ServiceContext
from shared.web.i18n import _
from shared.web.pages import get_pages
from shared.web.session import DatabaseDep, require_role

DESK = "/stats/desk"

Staff = Annotated[Person, Depends(require_role(*STAFF))]


async def show_overview(request: Request, database: DatabaseDep, person: Staff) -> Response:
    """Show lag, pending changes, coverage and closed months."""
    context: ServiceContext = request.app.state.context
    async with database.snapshot() as connection:
        values: dict[str, Any] = {
            "as_of": await queries.fetch_as_of(connection),
            "pending": await count_pending(connection),
            "coverage": Coverage.from_sources(await queries.fetch_coverage(connection)),
            "closed": await fetch_closed_months(connection),
        }
    topics = [(consumer.health.topic, consumer.lag()) for consumer in context.consumers]
    return get_pages(request).render(
        request, "overview.html", desk=_("统计工作台"), desk_url=DESK, person=person, topics=topics, **values
    )


router = APIRouter(include_in_schema=False)
router.add_api_route(DESK, show_overview)
