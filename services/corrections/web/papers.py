"""Applicants: the receipt and the written reply as official documents."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, HTTPException, Response

from services.corrections.domain import canonical_code
from services.corrections.web.bureau import BureauDep
from services.corrections.web.letters import receipt_document, reply_document
from services.corrections.web.tracked import load_tracked
from shared.web.documents import PDF, PressDep, answer_with_pdf
from shared.web.languages import HTML_LANG
from shared.web.openapi import problems
from shared.web.pages import PagesDep
from shared.web.session import DatabaseDep

router = APIRouter(tags=["applications"])


@router.get(
    "/corrections/track/{token}/letter.pdf",
    response_class=Response,
    responses={200: {"content": {PDF: {}}}, **problems(HTTPStatus.NOT_FOUND, HTTPStatus.SERVICE_UNAVAILABLE)},
)
async def read_letter(token: str, database: DatabaseDep, pages: PagesDep, bureau: BureauDep, press: PressDep) -> Response:
    """Return the written reply as an official document; 404 until there is one."""
    async with database.snapshot() as connection:
        tracked = await load_tracked(connection, token, database.clock())
    ruling = tracked.ruling
    if ruling is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    rules = bureau.rule_book.version(ruling.rules_version)
    reason = rules.reason(ruling.proposal.reason_code)
    item = tracked.item.public
    title = item.title or item.item_id
    document = reply_document(
        tracked.application, title, ruling, reason, rules.applications.remedies, pages.site, pages.formats("zh")
    )
    private = {"Cache-Control": "private, no-store", "Content-Language": HTML_LANG["zh"]}
    return await answer_with_pdf(press, document, ruling.decided_at, ruling.reply_number, private)


@router.get(
    "/corrections/track/{token}/receipt.pdf",
    response_class=Response,
    responses={200: {"content": {PDF: {}}}, **problems(HTTPStatus.NOT_FOUND, HTTPStatus.SERVICE_UNAVAILABLE)},
)
async def read_receipt(token: str, database: DatabaseDep, pages: PagesDep, press: PressDep) -> Response:
    """Return the receipt of an application as an official document, with the code that finds it again."""
    async with database.snapshot() as connection:
        tracked = await load_tracked(connection, token, database.clock())
    application, item = tracked.application, tracked.item.public
    document = receipt_document(application, item.title or item.item_id, canonical_code(token), pages.site, pages.formats("zh"))
    private = {"Cache-Control": "private, no-store", "Content-Language": HTML_LANG["zh"]}
    return await answer_with_pdf(press, document, application.filed_at, application.receipt, private)
