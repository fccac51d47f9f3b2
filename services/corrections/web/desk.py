"""Officers: the queue by deadline, the start of a review, and the evidence."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Form, HTTPException, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from services.corrections.domain import Application, ApplicationState
from services.corrections.store import replicas
from services.corrections.store.applications import count_open, fetch_evidence, fetch_queue, find_by_id, start_review
from services.corrections.store.rulings import fetch_rulings
from services.corrections.web.bureau import BureauDep
from services.corrections.web.messages import STATES
from services.corrections.web.uploads import DOWNLOAD, download_response
from shared.accounts import Person, Role
from shared.stream import JournalEntry
from shared.web.i18n import _
from shared.web.openapi import HTML_PAGE
from shared.web.pages import PagesDep
from shared.web.parameters import Int32
from shared.web.problems import accepts_html
from shared.web.session import DatabaseDep, require_role

router = APIRouter(tags=["desk"])

MAX_ROWS = 200
DESK = _("更正工作台")
CLOSED = (ApplicationState.DECIDED, ApplicationState.WITHDRAWN_BY_OPERATOR)
QUEUES: Mapping[str, tuple[ApplicationState, ...]] = {
    "filed": (ApplicationState.FILED,),
    "under_review": (ApplicationState.UNDER_REVIEW,),
    "closed": CLOSED,
}

IdentityChecked = Annotated[Literal["yes"], Form(description="The papers show that the application is the operator's.")]
Officer = Annotated[Person, Depends(require_role(Role.OFFICER))]


@router.get("/corrections/desk", responses=HTML_PAGE)
async def show_queue(
    request: Request, officer: Officer, database: DatabaseDep, pages: PagesDep, bureau: BureauDep, state: str = ""
) -> Response:
    """Return the applications of one state, open ones by deadline, as a page or as JSON."""
    async with database.snapshot() as connection:
        counts = await count_open(connection)
        shown = state if state in QUEUES else _default_queue(counts)
        applications = await fetch_queue(connection, QUEUES[shown], MAX_ROWS)
        items = await replicas.fetch_titles(connection, [application.filing.item_id for application in applications])
        rulings = await fetch_rulings(connection, [application.application_id for application in applications])
    today = bureau.today(database.clock())
    if not accepts_html(request):
        return JSONResponse({"applications": [_to_json_row(application) for application in applications]})
    return pages.render(
        request,
        "queue.html",
        **desk_context(officer, counts, shown),
        shown=shown,
        applications=applications,
        titles=items,
        rulings=rulings,
        left={a.application_id: bureau.calendar.workdays_between(today, a.due_on) for a in applications},
        states=STATES,
        most=MAX_ROWS,
    )


@router.post("/corrections/desk/{application_id}/start", status_code=HTTPStatus.SEE_OTHER, response_class=RedirectResponse)
async def accept_application(
    application_id: UUID, officer: Officer, database: DatabaseDep, identity_checked: IdentityChecked
) -> Response:
    """Accept an application whose papers show it to be the operator's, and start its review.

    Only from here on its item is marked in public. When a colleague accepted it, the page shows their name.
    """
    async with database.unit_of_work() as uow:
        application = await find_by_id(uow.connection, application_id, lock=True)
        if application is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        if await start_review(uow.connection, application_id, officer.display_name, uow.now):
            uow.emit(application.to_accepted_event(uow.now))
            uow.journal(
                JournalEntry(
                    officer.name,
                    "review_started",
                    application.receipt,
                    ApplicationState.FILED,
                    ApplicationState.UNDER_REVIEW,
                    {"identity_checked": identity_checked},
                )
            )
    return RedirectResponse(f"/corrections/desk/{application_id}", HTTPStatus.SEE_OTHER)


@router.get("/corrections/desk/{application_id}/evidence/{number}", response_class=Response, responses=DOWNLOAD)
async def download_evidence(application_id: UUID, number: Int32, officer: Officer, database: DatabaseDep) -> Response:
    """Return a file of an application as a download, with a journal entry of the access."""
    async with database.unit_of_work() as uow:
        application = await find_by_id(uow.connection, application_id)
        found = await fetch_evidence(uow.connection, application_id, number)
        if application is None or found is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        uow.journal(JournalEntry(officer.name, "evidence_read", application.receipt, detail={"number": number}))
    return download_response(found)


def desk_context(officer: Person, counts: Mapping[ApplicationState, int], shown: str) -> dict[str, Any]:
    """Return the context of the desk layout."""
    tabs = [
        {
            "name": STATES[states[0]],
            "url": f"/corrections/desk?state={name}",
            "count": counts.get(states[0], 0) if states[0].is_open else None,
            "current": name == shown,
        }
        for name, states in QUEUES.items()
    ]
    return {"desk": DESK, "desk_url": "/corrections/desk", "person": officer, "tabs": tabs}


def queue_name(application: Application) -> str:
    """Return the name of the queue of an application."""
    return next(name for name, states in QUEUES.items() if application.state in states)


def _default_queue(counts: Mapping[ApplicationState, int]) -> str:
    return "under_review" if counts.get(ApplicationState.UNDER_REVIEW) and not counts.get(ApplicationState.FILED) else "filed"


def _to_json_row(application: Application) -> dict[str, object]:
    return {
        "application_id": str(application.application_id),
        "receipt": application.receipt,
        "kind": application.filing.kind,
        "item_id": application.filing.item_id,
        "operator_name": application.filing.applicant.operator_name,
        "state": application.state,
        "due_on": application.due_on.isoformat(),
    }
