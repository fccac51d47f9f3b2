"""Officers: the queue by deadline, taking an application up, and its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from services.corrections.domain import Application, State
from services.corrections.store import registers
from services.corrections.store.applications import by_id, evidence_file, open_counts, queue, start
from services.corrections.store.rulings import rulings_of
from services.corrections.web.office import OfficeOf, PagesOf
from services.corrections.web.texts import STATES
from services.corrections.web.uploads import download
from shared.accounts import Person, Role
from shared.stream import Entry
from shared.web.i18n import _
from shared.web.problems import wants_page
from shared.web.session import StoreOf, require

router = APIRouter(tags=["desk"])

MOST_LISTED = 200
DESK = _("更正工作台")
CLOSED = (State.DECIDED, State.WITHDRAWN_BY_OPERATOR)
QUEUES: Mapping[str, tuple[State, ...]] = {
    "filed": (State.FILED,),
    "under_review": (State.UNDER_REVIEW,),
    "closed": CLOSED,
}

Officer = Annotated[Person, Depends(require(Role.OFFICER))]


@router.get("/corrections/desk")
async def show_queue(
    request: Request, officer: Officer, store: StoreOf, pages: PagesOf, office: OfficeOf, state: str = ""
) -> Response:
    """Show the applications of one state, open ones by deadline, as a page or as JSON."""
    async with store.reading() as connection:
        counts = await open_counts(connection)
        shown = state if state in QUEUES else _busiest(counts)
        applications = await queue(connection, QUEUES[shown], MOST_LISTED)
        items = await registers.titles(connection, [application.filing.item_id for application in applications])
        rulings = await rulings_of(connection, [application.application_id for application in applications])
    today = office.today(store.clock())
    if not wants_page(request):
        return JSONResponse({"applications": [_row(application) for application in applications]})
    return pages.render(
        request,
        "queue.html",
        **frame(officer, counts, shown),
        shown=shown,
        applications=applications,
        titles=items,
        rulings=rulings,
        left={a.application_id: office.calendar.workdays_between(today, a.due_on) for a in applications},
        states=STATES,
        most=MOST_LISTED,
    )


@router.post("/corrections/desk/{application_id}/start")
async def take_up(application_id: UUID, officer: Officer, store: StoreOf) -> Response:
    """Begin to verify an application; when a colleague was first, their name stands on the page."""
    async with store.unit() as unit:
        application = await by_id(unit.connection, application_id, lock=True)
        if application is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        if await start(unit.connection, application_id, officer.display_name, unit.now):
            unit.record(Entry(officer.name, "review_started", application.receipt, State.FILED, State.UNDER_REVIEW))
    return RedirectResponse(f"/corrections/desk/{application_id}", HTTPStatus.SEE_OTHER)


@router.get("/corrections/desk/{application_id}/evidence/{number}")
async def file(application_id: UUID, number: int, officer: Officer, store: StoreOf) -> Response:
    """Return a file of an application; that it was read is recorded."""
    async with store.unit() as unit:
        application = await by_id(unit.connection, application_id)
        found = await evidence_file(unit.connection, application_id, number)
        if application is None or found is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        unit.record(Entry(officer.name, "evidence_read", application.receipt, detail={"number": number}))
    return download(found)


def frame(officer: Person, counts: Mapping[State, int], shown: str) -> dict[str, Any]:
    """Return what the layout of the desk needs."""
    tabs = [
        {
            "name": STATES[states[0]],
            "url": f"/corrections/desk?state={name}",
            "count": counts.get(states[0], 0) if states[0].open else None,
            "current": name == shown,
        }
        for name, states in QUEUES.items()
    ]
    return {"desk": DESK, "desk_url": "/corrections/desk", "person": officer, "tabs": tabs}


def queue_of(application: Application) -> str:
    """Return the queue that an application is in."""
    return next(name for name, states in QUEUES.items() if application.state in states)


def _busiest(counts: Mapping[State, int]) -> str:
    return "under_review" if counts.get(State.UNDER_REVIEW) and not counts.get(State.FILED) else "filed"


def _row(application: Application) -> dict[str, object]:
    return {
        "application_id": str(application.application_id),
        "receipt": application.receipt,
        "kind": application.filing.kind,
        "item_id": application.filing.item_id,
        "operator_name": application.filing.applicant.operator_name,
        "state": application.state,
        "due_on": application.due_on.isoformat(),
    }
