"""Operators: following an application, adding evidence, taking it back, reading the reply."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated

import asyncpg
from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from services.corrections.domain import Application, PublishedItem, Ruling, State
from services.corrections.store import registers
from services.corrections.store.applications import (
    Held,
    add_evidence,
    by_token,
    close,
    evidence_file,
    held_digests,
    held_evidence,
)
from services.corrections.store.deadlines import DeadlineChange, deadline_changes
from services.corrections.store.rulings import rulings_of
from services.corrections.web.office import OfficeOf, PagesOf
from services.corrections.web.texts import evidence_results, field_name, is_money
from services.corrections.web.uploads import MOST_PARTS, download, read_uploads
from shared.contracts import ApplicationWithdrawn
from shared.stream import Entry
from shared.web.i18n import Text, _
from shared.web.problems import wants_page
from shared.web.session import StoreOf

router = APIRouter(tags=["applications"])

CLOSED = _("申请已经办结，不能再补充材料或者撤回。")


@dataclass(frozen=True, slots=True)
class Followed:
    """Everything that a tracking page tells."""

    application: Application
    item: PublishedItem
    held: list[Held]
    ruling: Ruling | None
    changes: list[DeadlineChange]


@router.get("/corrections/track", include_in_schema=False)
async def find(code: str = "") -> Response:
    """Go to the application whose tracking code was typed."""
    code = code.strip().partition("?")[0].rstrip("/").rsplit("/", 1)[-1]
    safe = code.replace("-", "").replace("_", "").isalnum() and code.isascii()
    return RedirectResponse(f"/corrections/track/{code}" if safe else "/corrections", HTTPStatus.SEE_OTHER)


@router.get("/corrections/track/{token}")
async def show(request: Request, token: str, store: StoreOf, pages: PagesOf, office: OfficeOf) -> Response:
    """Show how far the application has come and until when the reply is due, as a page or as JSON."""
    async with store.reading() as connection:
        followed = await _followed(connection, token)
    if not wants_page(request):
        return JSONResponse(_public(followed), headers={"Cache-Control": "private, no-store"})
    return _page(request, pages, office, store, followed, token)


@router.post("/corrections/track/{token}/evidence")
async def add(request: Request, token: str, store: StoreOf, pages: PagesOf, office: OfficeOf) -> Response:
    """Add evidence to an open application; files that it holds already are passed over."""
    async with request.form(max_files=MOST_PARTS) as form, store.unit() as unit:
        application = await by_token(unit.connection, token, lock=True)
        if application is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        if not application.state.open:
            raise HTTPException(HTTPStatus.CONFLICT, str(CLOSED))
        held = await held_digests(unit.connection, application.application_id)
        uploads = await read_uploads(form, held)
        if uploads.taken and not uploads.refused:
            await add_evidence(unit.connection, application.application_id, uploads.taken, unit.now)
            digests = [file.sha256.hex() for file in uploads.taken]
            unit.record(Entry("operator", "evidence_added", application.receipt, None, digests))
            return RedirectResponse(f"/corrections/track/{token}", HTTPStatus.SEE_OTHER)
    async with store.reading() as connection:
        followed = await _followed(connection, token)
    error = _("有文件未能上传，请更换后再提交") if uploads.refused else _("请选择还没有提交过的文件")
    return _page(request, pages, office, store, followed, token, error, evidence_results(uploads.refused))


@router.post("/corrections/track/{token}/withdraw")
async def withdraw(token: str, store: StoreOf, confirmed: Annotated[str, Form(max_length=8)] = "") -> Response:
    """Take an open application back, once the operator has confirmed it."""
    if confirmed != "yes":
        return RedirectResponse(f"/corrections/track/{token}?withdraw=1", HTTPStatus.SEE_OTHER)
    async with store.unit() as unit:
        application = await by_token(unit.connection, token, lock=True)
        if application is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        if application.state is State.DECIDED:
            raise HTTPException(HTTPStatus.CONFLICT, str(CLOSED))
        if application.state.open:
            await close(unit.connection, application.application_id, State.WITHDRAWN_BY_OPERATOR, unit.now)
            unit.emit(
                ApplicationWithdrawn(
                    application_id=application.application_id,
                    receipt=application.receipt,
                    item_id=application.filing.item_id,
                    withdrawn_at=unit.now,
                )
            )
            unit.record(Entry("operator", "application_withdrawn", application.receipt, application.state, "withdrawn"))
    return RedirectResponse(f"/corrections/track/{token}", HTTPStatus.SEE_OTHER)


@router.get("/corrections/track/{token}/evidence/{number}")
async def file(token: str, number: int, store: StoreOf) -> Response:
    """Return a file that was handed in with the application."""
    async with store.reading() as connection:
        application = await by_token(connection, token)
        found = await evidence_file(connection, application.application_id, number) if application else None
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return download(found)


async def _followed(connection: asyncpg.Connection, token: str) -> Followed:
    application = await by_token(connection, token)
    item = await registers.published_item(connection, application.filing.item_id) if application else None
    if application is None or item is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    rulings = await rulings_of(connection, [application.application_id])
    return Followed(
        application,
        item,
        await held_evidence(connection, application.application_id),
        rulings.get(application.application_id),
        await deadline_changes(connection, application.application_id),
    )


def _page(
    request: Request,
    pages: PagesOf,
    office: OfficeOf,
    store: StoreOf,
    followed: Followed,
    token: str,
    error: Text | None = None,
    files: list[tuple[str, Text, bool]] | None = None,
) -> Response:
    application, ruling = followed.application, followed.ruling
    today = office.today(application.closed_at or store.clock())
    rules = office.rulebook.version(ruling.rules_version if ruling else application.rules_version)
    return pages.render(
        request,
        "track.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        headers={"Cache-Control": "private, no-store"},
        token=token,
        application=application,
        item=followed.item.public,
        current=followed.item.fields(),
        held=followed.held,
        ruling=ruling,
        changes=followed.changes,
        countdown=office.countdown(application, today),
        reason=rules.reason(ruling.proposal.reason_code) if ruling else None,
        matter=office.rulebook.version(application.rules_version).reason(application.filing.reason_code or ""),
        field_name=field_name,
        is_money=is_money,
        error=error,
        files=files or [],
        withdrawing="withdraw" in request.query_params,
        just_filed="filed" in request.query_params,
    )


def _public(followed: Followed) -> dict[str, object]:
    application, ruling = followed.application, followed.ruling
    return {
        "application_id": str(application.application_id),
        "receipt": application.receipt,
        "kind": application.filing.kind,
        "item_id": application.filing.item_id,
        "item_version": application.item_version,
        "state": application.state,
        "filed_at": application.filed_at.isoformat(),
        "due_on": application.due_on.isoformat(),
        "provisional": application.provisional,
        "evidence": len(followed.held),
        "rules_version": application.rules_version,
        "reply": _reply(ruling) if ruling else None,
    }


def _reply(ruling: Ruling) -> dict[str, object]:
    return {
        "number": ruling.reply_number,
        "decision": ruling.proposal.decision,
        "reason_code": ruling.proposal.reason_code,
        "text": ruling.proposal.reply,
        "decided_at": ruling.decided_at.isoformat(),
        "rules_version": ruling.rules_version,
    }
