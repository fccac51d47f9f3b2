"""`/stats/desk`: how complete the figures are, for staff."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from services.stats.store import answers as store
from services.stats.store.closing import closed_months
from services.stats.store.figures import waiting
from services.stats.web.answers import Coverage
from shared.accounts import Person, Role
from shared.service import Running
from shared.web.i18n import _
from shared.web.session import StoreOf, require
from shared.web.templating import Pages

STAFF = (Role.CLERK, Role.REVIEWER, Role.GATEKEEPER, Role.OFFICER, Role.OPS, Role.AUDITOR)
DESK = "/stats/desk"

Staff = Annotated[Person, Depends(require(*STAFF))]


async def overview(request: Request, store_: StoreOf, person: Staff) -> Response:
    """Show what waits, what is covered and which months are closed."""
    pages: Pages = request.app.state.pages
    running: Running = request.app.state.running
    async with store_.reading() as connection:
        shown: dict[str, Any] = {
            "as_of": await store.as_of(connection),
            "waiting": await waiting(connection),
            "coverage": Coverage.of(await store.coverage(connection)),
            "closed": await closed_months(connection),
        }
    topics = [(consumer.health.topic, consumer.lag()) for consumer in running.consumers]
    return pages.render(request, "overview.html", desk=_("统计工作台"), desk_url=DESK, person=person, topics=topics, **shown)


router = APIRouter(include_in_schema=False)
router.add_api_route(DESK, overview)
