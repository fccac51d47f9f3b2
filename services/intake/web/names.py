"""The clerks' page of contested names: several credit codes claim each, and a person decides for whom it stands."""

from __future__ import annotations

from enum import StrEnum
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse

from services.intake.store import contested_names, reattributions
from services.intake.web.entry_page import DESK, Clerk, desk_context
from shared.stream import JournalEntry
from shared.web.bodies import STAFF_FORM, accept_body
from shared.web.i18n import Text, _
from shared.web.pages import PagesDep
from shared.web.parameters import PlainText
from shared.web.session import DatabaseDep

PAGE = 100
NAMES = DESK + "/names"
TOASTS: dict[str, Text] = {"assigned": _("已记录，投诉随后转到所定的经营者名下。")}


class View(StrEnum):
    """Which names are shown."""

    WAITING = "waiting"
    DECIDED = "decided"


router = APIRouter(tags=["desk"], include_in_schema=False)


@router.get(NAMES)
async def show_names(
    request: Request, clerk: Clerk, database: DatabaseDep, pages: PagesDep,
    after: Annotated[str, Query(pattern=r"^(?:[0-9a-f]{32})?$")] = "", view: View = View.WAITING, done: str = "",
) -> Response:  # fmt: skip
    """Show the names that wait for a decision, or those that were decided."""
    async with database.snapshot() as connection:
        names = await contested_names.list_names(connection, decided=view is View.DECIDED, after=after, limit=PAGE)
        usccs = sorted({uscc for each in names for uscc in each.claimed_by})
        claimants = await contested_names.fetch_claimants(connection, usccs)
    return pages.render(
        request,
        "names.html",
        **desk_context(clerk, NAMES),
        toast=TOASTS.get(done),
        names=names,
        decided=view is View.DECIDED,
        claimants=claimants,
        next_after=contested_names.cursor_of(names[-1]) if len(names) == PAGE else None,
    )


@router.post(NAMES, dependencies=[Depends(accept_body(STAFF_FORM))])
async def assign_name(
    clerk: Clerk, database: DatabaseDep,
    name: Annotated[PlainText, Form(max_length=300)], uscc: Annotated[PlainText, Form(max_length=18)] = "",
) -> Response:  # fmt: skip
    """Decide for whom a contested name stands; its complaints follow. 409 where it stands so already or is not contested."""
    async with database.unit_of_work() as uow:
        assigned = await contested_names.assign(uow.connection, name, uscc, by=clerk.name, at=uow.now)
        if assigned is None:
            raise HTTPException(HTTPStatus.CONFLICT)
        await reattributions.enqueue_names(uow.connection, [name])
        uow.journal(JournalEntry(clerk.name, "name_assigned", assigned, detail={"operator": uscc or None}))
    return RedirectResponse(f"{NAMES}?done=assigned", HTTPStatus.SEE_OTHER)
