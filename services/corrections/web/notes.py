"""Officers: notes on an application for colleagues, and handing it over."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from services.corrections.domain import Application
from services.corrections.store.applications import find_by_id
from services.corrections.store.case_notes import CaseNote, add_note, find_handler, list_notes
from services.corrections.web.desk import Officer
from shared.accounts import fetch_colleagues
from shared.personal_data import search_patterns
from shared.personal_data.normalization import normalize
from shared.personal_data.spans import replace_spans
from shared.stream import JournalEntry
from shared.web.parameters import PlainText
from shared.web.session import DatabaseDep, session_token

MAX_NOTE = 1_000
router = APIRouter(prefix="/corrections/desk/{application_id}", tags=["desk"], include_in_schema=False)


@router.post("/notes")
async def write_note(
    application_id: UUID, officer: Officer, database: DatabaseDep, note: Annotated[PlainText, Form(max_length=MAX_NOTE)]
) -> Response:
    """Write a note; numbers of telephones and papers are taken out of it."""
    words = redact(note.strip(), database.clock().year)
    if not words:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY)
    async with database.unit_of_work() as uow:
        application = await _find(uow.connection, application_id)
        await add_note(uow.connection, application_id, CaseNote(officer.name, uow.now, words))
        uow.journal(JournalEntry(officer.name, "application_noted", application.receipt))
    return RedirectResponse(f"/corrections/desk/{application_id}#notes", HTTPStatus.SEE_OTHER)


@router.post("/hand-over")
async def hand_over(
    request: Request, application_id: UUID, officer: Officer, database: DatabaseDep,
    to: Annotated[PlainText, Form(max_length=64)], handler: Annotated[PlainText, Form(max_length=64)] = "",
) -> Response:  # fmt: skip
    """Hand an open application over to a colleague, or take it over; 409 where it is with somebody else by now, or closed."""
    async with database.unit_of_work() as uow:
        application = await _find(uow.connection, application_id)
        colleagues = await fetch_colleagues(uow.connection, session_token(request))
        if to != officer.name and to not in colleagues:
            raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY)
        now_with = find_handler(await list_notes(uow.connection, application_id)) or ""
        if not application.state.is_open or now_with != handler or now_with == to:
            raise HTTPException(HTTPStatus.CONFLICT)
        await add_note(uow.connection, application_id, CaseNote(officer.name, uow.now, handed_to=to))
        detail = {"to": to}
        uow.journal(JournalEntry(officer.name, "application_handed_over", application.receipt, detail=detail))
    return RedirectResponse(f"/corrections/desk/{application_id}#notes", HTTPStatus.SEE_OTHER)


async def _find(connection: asyncpg.Connection, application_id: UUID) -> Application:
    """Return an application, locked; 404 for an unknown one."""
    application = await find_by_id(connection, application_id, lock=True)
    if application is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return application


def redact(note: str, year: int) -> str:
    """Return a note of a year without patterned personal data."""
    form = normalize(note)
    spans = search_patterns(form.text, year)
    return replace_spans(note, form.original_spans(spans))[:MAX_NOTE] if spans else note
