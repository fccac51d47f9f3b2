"""Operators: search the items published of them, and apply for information or a correction."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse

from services.corrections.domain import RECEIPT_SERIES, Application, Filing, PublishedItem, file_application, validate_filing
from services.corrections.domain.notices import NoticeKind
from services.corrections.store import replicas
from services.corrections.store.applications import (
    OpenApplicationExists,
    insert_application,
    insert_evidence,
    next_number,
)
from services.corrections.store.mail import insert_contact, queue_notice
from services.corrections.store.tracking_codes import REPEATED_WITHIN, find_submission, issue_code
from services.corrections.web.bureau import BureauContext, BureauDep
from services.corrections.web.filing_form import (
    FILING_FIELDS,
    form_context,
    form_values,
    offers_mail,
    parse_address,
    parse_filing,
)
from services.corrections.web.messages import NO_ITEM, SOME_REJECTED, evidence_results, filing_errors
from services.corrections.web.reasons import Reason, reasons_of, respond_with_reasons
from services.corrections.web.uploads import MAX_BODY, MAX_PARTS, Uploads, read_uploads
from shared.identifiers import uuid7
from shared.metrics import APPLICATIONS
from shared.rules import Rules
from shared.stream import JournalEntry, UnitOfWork
from shared.web.bodies import accept_body
from shared.web.forms import form_body, require_form
from shared.web.i18n import Text, _
from shared.web.languages import negotiate_language
from shared.web.openapi import SEE_OTHER, problems
from shared.web.pages import PagesDep
from shared.web.problems import accepts_html, respond_with_problem
from shared.web.request_budget import RequestBudget
from shared.web.session import DatabaseDep

router = APIRouter(tags=["applications"])
# Each application is an officer's work, and no second one of the item is taken meanwhile. An agent files for many.
FILINGS = RequestBudget("applications", burst=200, per_hour=60)

OPEN_APPLICATION = _("对这条信息，贵单位已有一件申请正在办理。请在那件申请的进度页补充材料。")
FILED_BEFORE = _("这份表单已经提交过。请用当时给出的查询码查看进度。")
BAD_ADDRESS = _("请填写一个邮箱地址，例如 name@example.cn，或者留空")
SELECT_AGAIN = _("表单有误，文件需要重新选择")


@router.get("/corrections", include_in_schema=False)
async def show_search(
    request: Request, database: DatabaseDep, pages: PagesDep, bureau: BureauDep, q: Annotated[str, Query(max_length=100)] = ""
) -> Response:
    """Show the services for operators, and the published items that match the search."""
    found: list[PublishedItem] = []
    if q.strip():
        async with database.snapshot() as connection:
            found = await replicas.search_items(connection, q.strip())
    rules = bureau.rules(database.clock())
    return pages.render(request, "operators.html", q=q.strip(), found=found, rules=rules, code="", code_error=None)


@router.get(
    "/corrections/new",
    response_class=HTMLResponse,
    responses={**SEE_OTHER, **problems(HTTPStatus.NOT_FOUND)},
)
async def show_form(
    request: Request,
    database: DatabaseDep,
    pages: PagesDep,
    bureau: BureauDep,
    item: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """Show the form of an application on an item."""
    if not item:
        return RedirectResponse("/corrections", HTTPStatus.SEE_OTHER)
    async with database.snapshot() as connection:
        published = await replicas.find_item(connection, item)
    if published is None or not published.is_open:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    operator = published.public.operator
    values = {"operator_name": operator.name, "uscc": operator.uscc or ""} if operator else {}
    context = form_context(published, bureau, database.clock(), values=values, submission=uuid4())
    return pages.render(request, "apply.html", **context, by_mail=offers_mail(request))


@router.post(
    "/corrections/new",
    status_code=HTTPStatus.CREATED,
    dependencies=[Depends(require_form), Depends(accept_body(MAX_BODY, from_strangers=True))],
    openapi_extra=form_body(FILING_FIELDS, {"item": "^[!-~]{1,100}$"}, files="evidence"),
    responses={**SEE_OTHER, **problems(HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT)},
)
async def submit(request: Request, database: DatabaseDep, pages: PagesDep, bureau: BureauDep) -> Response:
    """File an application from a multipart form. The same `submission` twice is one application, with a code each time."""
    async with request.form(max_files=MAX_PARTS) as form:
        filing, uploads, values = parse_filing(form), await read_uploads(form), form_values(form)
    address = parse_address(values, offers=offers_mail(request))
    try:
        async with database.unit_of_work() as uow:
            if filed := await find_submission(uow.connection, filing.submission):
                return await _repeated_response(request, uow, *filed)
            if not filing.item_id:
                return _missing_item(request)
            item = await replicas.find_item(uow.connection, filing.item_id)
            if item is None:
                raise HTTPException(HTTPStatus.NOT_FOUND)
            rules = bureau.rules(uow.now)
            errors = _find_errors(filing, item, rules, uploads) | ({"email": BAD_ADDRESS} if address is None else {})
            if not errors:
                application = await _file_application(uow, filing, item, bureau, uploads)
                await _keep_address(request, uow, application, address or "")
                FILINGS.take(request)
                return _filed_response(request, await issue_code(uow.connection, application.application_id, uow.now))
    except OpenApplicationExists:
        return respond_with_problem(request, HTTPStatus.CONFLICT, "one_is_open", OPEN_APPLICATION)
    if not accepts_html(request):
        return respond_with_reasons(request, [*reasons_of(errors, uploads)])
    file_results = [(file.name, SELECT_AGAIN, False) for file in uploads.accepted] + evidence_results(uploads.rejected)
    context = form_context(
        item, bureau, database.clock(), values=values, submission=filing.submission, errors=errors, files=file_results
    ) | {"by_mail": offers_mail(request)}
    return pages.render(request, "apply.html", status=HTTPStatus.UNPROCESSABLE_ENTITY, **context)


async def _keep_address(request: Request, uow: UnitOfWork, application: Application, address: str) -> None:
    """Keep where the applicant wants to be told, encrypted, and tell of the receipt."""
    if not address:
        return
    sealed = request.app.state.address_box.encrypt(address, str(application.application_id))
    await insert_contact(uow.connection, application.application_id, sealed, negotiate_language(request))
    await queue_notice(uow.connection, application.application_id, NoticeKind.FILED, uow.now)


def _find_errors(filing: Filing, item: PublishedItem, rules: Rules, uploads: Uploads) -> dict[str, Text]:
    rejected = validate_filing(filing, item, rules, files=len(uploads.accepted))
    errors = filing_errors(rejected.faults) if rejected else {}
    return errors | ({"evidence": SOME_REJECTED} if uploads.rejected else {})


async def _file_application(
    uow: UnitOfWork, filing: Filing, item: PublishedItem, bureau: BureauContext, uploads: Uploads
) -> Application:
    today, rules = bureau.today(uow.now), bureau.rules(uow.now)
    calendar = await bureau.current.share(uow.connection)
    number = await next_number(uow.connection, RECEIPT_SERIES, today.year)
    application = file_application(
        filing, item, rules, calendar, application_id=uuid7(), number=number, at=uow.now, today=today
    )
    await insert_application(uow.connection, application)
    await insert_evidence(uow.connection, application.application_id, uploads.accepted, uow.now)
    filed = application.to_filed_event()
    uow.emit(filed)
    APPLICATIONS.labels(filed.kind, "filed").inc()
    uow.journal(JournalEntry("operator", "application_filed", application.receipt, None, filed.model_dump(mode="json")))
    return application


async def _repeated_response(request: Request, uow: UnitOfWork, application_id: UUID, filed_at: datetime) -> Response:
    """Answer a form that was sent before with a further code, for a day; later whoever has the form has no right to it."""
    code = await issue_code(uow.connection, application_id, uow.now) if uow.now - filed_at < REPEATED_WITHIN else None
    return _filed_response(request, code)


def _filed_response(request: Request, token: str | None) -> Response:
    if token is None:
        return respond_with_problem(request, HTTPStatus.CONFLICT, "filed_before", FILED_BEFORE)
    address = f"/corrections/track/{token}"
    if accepts_html(request):
        return RedirectResponse(f"{address}?filed=1", HTTPStatus.SEE_OTHER)
    return JSONResponse({"token": token, "tracking": address}, HTTPStatus.CREATED, headers={"Location": address})


def _missing_item(request: Request) -> Response:
    if accepts_html(request):
        return respond_with_problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", NO_ITEM)
    return respond_with_reasons(request, [Reason("item", "missing", NO_ITEM)])
