"""Applicants: which of the complaints that an item counts they hold to be wrong; shown once the office knows who they are."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, HTTPException, Response
from fastapi.responses import RedirectResponse

from services.corrections.domain import Application
from services.corrections.store import replicas
from services.corrections.store.case_steps import set_disputed
from services.corrections.store.tracking_codes import find_by_code
from shared.contracts import ApplicationKind
from shared.stream import JournalEntry
from shared.web.bodies import STAFF_FORM, accept_body
from shared.web.forms import require_form
from shared.web.i18n import _
from shared.web.session import DatabaseDep

router = APIRouter(tags=["applications"])

MAX_COMPLAINTS = 2_000
NOT_NOW = _("申请受理以后、答复以前，才能指明有异议的投诉。")


@router.post(
    "/corrections/track/{token}/complaints",
    include_in_schema=False,
    dependencies=[Depends(require_form), Depends(accept_body(STAFF_FORM))],
)
async def dispute_complaints(
    token: str, database: DatabaseDep, complaint: Annotated[list[UUID] | None, Form(max_length=MAX_COMPLAINTS)] = None
) -> Response:
    """Name the counted complaints that are wrong, in place of those named before; 422 for one that the item does not count."""
    named = frozenset(complaint or [])
    async with database.unit_of_work() as uow:
        application = await find_by_code(uow.connection, token, uow.now, lock=True)
        item = await replicas.find_item(uow.connection, application.filing.item_id) if application else None
        if application is None or item is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        if not shows_complaints(application):
            raise HTTPException(HTTPStatus.CONFLICT, NOT_NOW)
        counted = {each.complaint_id for each in await replicas.fetch_behind(uow.connection, item)}
        if not named <= counted:
            raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY)
        await set_disputed(uow.connection, application.application_id, sorted(named), uow.now)
        uow.journal(JournalEntry("operator", "complaints_disputed", application.receipt, None, sorted(map(str, named))))
    return RedirectResponse(f"/corrections/track/{token}#complaints", HTTPStatus.SEE_OTHER)


def shows_complaints(application: Application) -> bool:
    """Return whether the applicant sees the counted complaints: papers showed them to be the operator, and the case is open."""
    correction = application.filing.kind is ApplicationKind.CORRECTION
    return correction and application.state.is_open and application.started_at is not None
