"""The complaints behind a figure: what an operator's month counts, for those who review, release or decide on it."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response

from services.corrections.domain.replicas import days_of_month
from services.corrections.store import replicas
from services.corrections.web.desk import DESK
from shared.accounts import Person, Role
from shared.web.openapi import HTML_PAGE
from shared.web.pages import PagesDep
from shared.web.session import DatabaseDep, require_role

PAGE = 200
PATH = "/corrections/desk/complaints"
BEFORE_ALL = (date.min, UUID(int=0))
Reader = Annotated[Person, Depends(require_role(Role.OFFICER, Role.REVIEWER, Role.GATEKEEPER, Role.AUDITOR))]
router = APIRouter(tags=["desk"])


@router.get(PATH, include_in_schema=False, responses=HTML_PAGE)
async def show_counted(
    request: Request, person: Reader, database: DatabaseDep, pages: PagesDep,
    operator: Annotated[str, Query(min_length=1, max_length=64)], month: Annotated[str, Query(pattern=r"^\d{4}-\d{2}$")],
    after: Annotated[str, Query(max_length=60)] = "",
) -> Response:  # fmt: skip
    """Show the complaints that an operator's figures of a month count, by day of receipt; each opens with its redacted text."""
    days = days_of_month(month)
    place = _parse_place(after)
    if days is None or place is None:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY)
    async with database.snapshot() as connection:
        rows = await replicas.fetch_counted_page(connection, operator, days, place, PAGE)
        counted = await replicas.count_of_period(connection, operator, days)
    last = rows[-1] if len(rows) == PAGE else None
    return pages.render(
        request, "counted.html", rows=rows, counted=counted, operator=operator, month=month, desk=DESK,
        desk_url="/corrections/desk", person=person, tabs=[],
        next_after=f"{last.received_on.isoformat()}~{last.complaint_id}" if last else None,
    )  # fmt: skip


def _parse_place(after: str) -> tuple[date, UUID] | None:
    """Return behind which complaint a page begins; None for what is no such place."""
    if not after:
        return BEFORE_ALL
    day, _sep, complaint_id = after.partition("~")
    try:
        return date.fromisoformat(day), UUID(complaint_id)
    except ValueError:
        return None
