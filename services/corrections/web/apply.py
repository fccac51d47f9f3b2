"""Operators: finding what is published of them, and applying to see or to correct it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from services.corrections.domain import RECEIPTS, Filing, PublishedItem, check_filing, file_application
from services.corrections.store import registers
from services.corrections.store.applications import (
    OneIsOpen,
    add_evidence,
    insert_application,
    next_number,
    token_of_submission,
)
from services.corrections.web.filing_form import filing_of, form_context, values_of
from services.corrections.web.office import Office, OfficeOf, PagesOf
from services.corrections.web.texts import evidence_results, filing_errors
from services.corrections.web.uploads import MOST_PARTS, Uploads, read_uploads
from shared.identifiers import uuid7
from shared.rules import Rules
from shared.stream import Entry, Unit
from shared.web.i18n import Text, _
from shared.web.problems import problem, wants_page
from shared.web.session import StoreOf

router = APIRouter(tags=["applications"])

TOKEN_BYTES = 32
ONE_IS_OPEN = _("对这条信息，贵单位已有一件申请正在办理。请在那件申请的进度页补充材料。")
AGAIN = _("表单有误，文件需要重新选择")


@router.get("/corrections", include_in_schema=False)
async def find(
    request: Request, store: StoreOf, pages: PagesOf, office: OfficeOf, q: Annotated[str, Query(max_length=100)] = ""
) -> Response:
    """Show what operators can do here, and what is published of the one searched for."""
    found: list[PublishedItem] = []
    if q.strip():
        async with store.reading() as connection:
            found = await registers.find_items(connection, q.strip())
    rules = office.rules(store.clock())
    return pages.render(request, "operators.html", q=q.strip(), found=found, rules=rules)


@router.get("/corrections/new", include_in_schema=False)
async def form_page(
    request: Request, store: StoreOf, pages: PagesOf, office: OfficeOf, item: Annotated[str, Query(max_length=100)] = ""
) -> Response:
    """Show the form on an item."""
    if not item:
        return RedirectResponse("/corrections", HTTPStatus.SEE_OTHER)
    async with store.reading() as connection:
        published = await registers.published_item(connection, item)
    if published is None or not published.open:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    operator = published.public.operator
    values = {"operator_name": operator.name, "uscc": operator.uscc or ""} if operator else {}
    context = form_context(published, office, store.clock(), values=values, submission=uuid4())
    return pages.render(request, "apply.html", **context)


@router.post("/corrections/new")
async def submit(request: Request, store: StoreOf, pages: PagesOf, office: OfficeOf) -> Response:
    """File an application from a multipart form. The same `submission` twice is one application."""
    async with request.form(max_files=MOST_PARTS) as form:
        filing, uploads, values = filing_of(form), await read_uploads(form), values_of(form)
    try:
        async with store.unit() as unit:
            token = await token_of_submission(unit.connection, filing.submission)
            if token:
                return _filed(request, token)
            item = await registers.published_item(unit.connection, filing.item_id)
            if item is None:
                raise HTTPException(HTTPStatus.NOT_FOUND)
            rules = office.rules(unit.now)
            errors = _errors(filing, item, rules, uploads)
            if not errors:
                token = secrets.token_urlsafe(TOKEN_BYTES)
                await _file(unit, filing, item, office, uploads, token)
                return _filed(request, token)
    except OneIsOpen:
        if wants_page(request):
            return pages.problem(request, HTTPStatus.CONFLICT, detail=ONE_IS_OPEN)
        return problem(HTTPStatus.CONFLICT, "one_is_open", str(ONE_IS_OPEN))
    if not wants_page(request):
        return _machine_refusal(errors)
    kept = [(file.name, AGAIN, False) for file in uploads.taken] + evidence_results(uploads.refused)
    context = form_context(item, office, store.clock(), values=values, submission=filing.submission, errors=errors, files=kept)
    return pages.render(request, "apply.html", status=HTTPStatus.UNPROCESSABLE_ENTITY, **context)


def _errors(filing: Filing, item: PublishedItem, rules: Rules, uploads: Uploads) -> dict[str, Text]:
    refused = check_filing(filing, item, rules, files=len(uploads.taken))
    errors = filing_errors(refused.faults) if refused else {}
    if uploads.refused:
        errors.setdefault("evidence", _("有文件未能上传，请更换后再提交"))
    return errors


async def _file(unit: Unit, filing: Filing, item: PublishedItem, office: Office, uploads: Uploads, token: str) -> None:
    today, rules = office.today(unit.now), office.rules(unit.now)
    number = await next_number(unit.connection, RECEIPTS, today.year)
    application = file_application(
        filing, item, rules, office.calendar, application_id=uuid7(), number=number, at=unit.now, today=today
    )
    await insert_application(unit.connection, application, token)
    await add_evidence(unit.connection, application.application_id, uploads.taken, unit.now)
    filed = application.filed()
    unit.emit(filed)
    unit.record(Entry("operator", "application_filed", application.receipt, None, filed.model_dump(mode="json")))


def _filed(request: Request, token: str) -> Response:
    address = f"/corrections/track/{token}"
    if wants_page(request):
        return RedirectResponse(f"{address}?filed=1", HTTPStatus.SEE_OTHER)
    return JSONResponse({"token": token, "tracking": address}, HTTPStatus.CREATED, headers={"Location": address})


def _machine_refusal(errors: Mapping[str, Text]) -> Response:
    reasons = [{"field": field, "code": "invalid", "message": str(message)} for field, message in errors.items()]
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", reasons=reasons)
