"""Operators: track an application, add evidence, withdraw it, read the reply."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from services.corrections.domain import (
    ApplicationState,
    TrackingFault,
    TrackingQuery,
    canonical_code,
    receive_evidence,
)
from services.corrections.store.applications import (
    close_application,
    fetch_evidence,
    fetch_evidence_digests,
    insert_evidence,
)
from services.corrections.store.tracking_codes import find_by_code
from services.corrections.web.bureau import BureauDep
from services.corrections.web.case_steps import save_moved_term
from services.corrections.web.messages import (
    CAUSES,
    NOTHING_NEW,
    SOME_REJECTED,
    TRACKING,
    evidence_results,
    field_name,
    is_money,
)
from services.corrections.web.reasons import Reason, reasons_of, respond_with_reasons
from services.corrections.web.tracked import TrackedApplication, load_tracked, to_json
from services.corrections.web.uploads import DOWNLOAD, MAX_BODY, MAX_PARTS, download_response, read_uploads
from shared.contracts import ApplicationWithdrawn
from shared.metrics import APPLICATIONS
from shared.stream import JournalEntry
from shared.web.bodies import accept_body
from shared.web.forms import form_body, require_form
from shared.web.i18n import Text, _
from shared.web.openapi import HTML_PAGE, problems
from shared.web.pages import PagesDep
from shared.web.parameters import Int32, SecretText
from shared.web.problems import accepts_html
from shared.web.session import DatabaseDep

router = APIRouter(tags=["applications"])

CLOSED = _("申请已经办结，不能再补充材料或者撤回。")


@router.get("/corrections/track", include_in_schema=False)
async def follow_code(
    request: Request,
    database: DatabaseDep,
    pages: PagesDep,
    bureau: BureauDep,
    code: Annotated[str, Query(max_length=500)] = "",
) -> Response:
    """Redirect to the application whose tracking code is in `code`, or say what to enter."""
    query = TrackingQuery.parse(code)
    async with database.snapshot() as connection:
        application = await find_by_code(connection, query.token, database.clock()) if query.token else None
    fault = query.fault(application.receipt if application else None)
    if fault is None:
        return RedirectResponse(f"/corrections/track/{query.token}", HTTPStatus.SEE_OTHER)
    status = HTTPStatus.NOT_FOUND if fault is TrackingFault.UNKNOWN_CODE else HTTPStatus.UNPROCESSABLE_ENTITY
    if not accepts_html(request):
        return respond_with_reasons(request, [Reason("code", fault, TRACKING[fault])], status)
    rules = bureau.rules(database.clock())
    return pages.render(
        request, "operators.html", status=status, q="", found=[], rules=rules, code=code, code_error=TRACKING[fault]
    )


@router.get("/corrections/track/{token}", responses=HTML_PAGE)
async def show_application(request: Request, token: str, database: DatabaseDep, pages: PagesDep, bureau: BureauDep) -> Response:
    """Return the state of the application and the deadline of the reply, as a page or as JSON."""
    async with database.snapshot() as connection:
        tracked = await load_tracked(connection, token, database.clock())
    if not accepts_html(request):
        return JSONResponse(to_json(tracked), headers={"Cache-Control": "private, no-store"})
    return _render_page(request, pages, bureau, database, tracked, token)


async def require_application(token: str, database: DatabaseDep) -> None:
    """Refuse a code that opens nothing before the body of its request is read: HTTPException 404."""
    async with database.snapshot() as connection:
        if await find_by_code(connection, token, database.clock()) is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)


@router.post(
    "/corrections/track/{token}/evidence",
    status_code=HTTPStatus.SEE_OTHER,
    response_class=RedirectResponse,
    dependencies=[Depends(require_form), Depends(require_application), Depends(accept_body(MAX_BODY, from_strangers=True))],
    openapi_extra=form_body({}, files="evidence"),
    responses=problems(HTTPStatus.CONFLICT),
)
async def add_evidence(request: Request, token: str, database: DatabaseDep, pages: PagesDep, bureau: BureauDep) -> Response:
    """Add evidence to an open application; files that are stored already are skipped."""
    async with request.form(max_files=MAX_PARTS) as form, database.unit_of_work() as uow:
        application = await find_by_code(uow.connection, token, uow.now, lock=True)
        if application is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        if not application.state.is_open:
            raise HTTPException(HTTPStatus.CONFLICT, CLOSED)
        stored = await fetch_evidence_digests(uow.connection, application.application_id)
        uploads = await read_uploads(form, stored)
        if uploads.accepted and not uploads.rejected:
            await insert_evidence(uow.connection, application.application_id, uploads.accepted, uow.now)
            digests = [file.sha256.hex() for file in uploads.accepted]
            uow.journal(JournalEntry("operator", "evidence_added", application.receipt, None, digests))
            calendar = await bureau.current.share(uow.connection)
            supplemented = receive_evidence(application, bureau.today(uow.now), calendar)
            if supplemented is not application:
                await save_moved_term(uow, application, supplemented, "operator", "evidence_received")
            return RedirectResponse(f"/corrections/track/{token}", HTTPStatus.SEE_OTHER)
    error = SOME_REJECTED if uploads.rejected else NOTHING_NEW
    if not accepts_html(request):
        return respond_with_reasons(request, reasons_of({"evidence": error}, uploads))
    async with database.snapshot() as connection:
        tracked = await load_tracked(connection, token, database.clock())
    return _render_page(request, pages, bureau, database, tracked, token, error, evidence_results(uploads.rejected))


@router.post(
    "/corrections/track/{token}/withdraw",
    status_code=HTTPStatus.SEE_OTHER,
    response_class=RedirectResponse,
    dependencies=[Depends(require_form)],
    responses=problems(HTTPStatus.CONFLICT),
)
async def withdraw(token: str, database: DatabaseDep, confirmed: Annotated[SecretText, Form(max_length=8)] = "") -> Response:
    """Withdraw an open application, once the operator has confirmed it."""
    if confirmed != "yes":
        return RedirectResponse(f"/corrections/track/{token}?withdraw=1", HTTPStatus.SEE_OTHER)
    async with database.unit_of_work() as uow:
        application = await find_by_code(uow.connection, token, uow.now, lock=True)
        if application is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        if application.state is ApplicationState.DECIDED:
            raise HTTPException(HTTPStatus.CONFLICT, CLOSED)
        if application.state.is_open:
            await close_application(uow.connection, application.application_id, ApplicationState.WITHDRAWN_BY_OPERATOR, uow.now)
            uow.emit(
                ApplicationWithdrawn(
                    application_id=application.application_id,
                    receipt=application.receipt,
                    item_id=application.filing.item_id,
                    withdrawn_at=uow.now,
                )
            )
            APPLICATIONS.labels(application.filing.kind, "withdrawn").inc()
            uow.journal(JournalEntry("operator", "application_withdrawn", application.receipt, application.state, "withdrawn"))
    return RedirectResponse(f"/corrections/track/{token}", HTTPStatus.SEE_OTHER)


@router.get("/corrections/track/{token}/evidence/{number}", response_class=Response, responses=DOWNLOAD)
async def download_evidence(token: str, number: Int32, database: DatabaseDep) -> Response:
    """Return a file of the application as a download."""
    async with database.snapshot() as connection:
        application = await find_by_code(connection, token, database.clock())
        found = await fetch_evidence(connection, application.application_id, number) if application else None
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return download_response(found)


def _render_page(
    request: Request,
    pages: PagesDep,
    bureau: BureauDep,
    database: DatabaseDep,
    tracked: TrackedApplication,
    token: str,
    error: Text | None = None,
    files: list[tuple[str, Text, bool]] | None = None,
) -> Response:
    application, ruling = tracked.application, tracked.ruling
    today = bureau.today(application.closed_at or database.clock())
    rules = bureau.rule_book.version(ruling.rules_version if ruling else application.rules_version)
    return pages.render(
        request,
        "track.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        headers={"Cache-Control": "private, no-store"},
        token=token,
        code=canonical_code(token),
        application=application,
        item=tracked.item.public,
        current=tracked.item.correctable_fields(),
        evidence=tracked.evidence,
        ruling=ruling,
        changes=tracked.changes,
        moved_by=CAUSES,
        stopped=application.is_stopped(today),
        complaints=tracked.complaints,
        disputed=tracked.disputed,
        countdown=bureau.countdown(application, today),
        reason=rules.reason(ruling.proposal.reason_code) if ruling else None,
        remedies=rules.applications.remedies,
        matter=bureau.rule_book.version(application.rules_version).reason(application.filing.reason_code or ""),
        field_name=field_name,
        is_money=is_money,
        error=error,
        files=files or [],
        withdrawing="withdraw" in request.query_params,
        just_filed="filed" in request.query_params,
    )
