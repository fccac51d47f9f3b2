"""The clerks' desk: counts of reports, dead letters, and the form for complaints made in person or by letter."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from services.intake.ingest import Intake, Refused
from services.intake.store import cases, contested_names, overview
from services.intake.store.cases import CaseStep
from services.intake.texts import ENTRANCE_TEXTS, REASON_TEXTS, finding_text
from services.intake.web.entry_form import NUMBER, SOURCE, SubmittedForm, new_number, parse_form, to_form_field
from services.intake.web.entry_page import DESK, Clerk, desk_context, find_chosen, form_context
from services.intake.web.form_submission import submit_form
from shared.accounts import Person
from shared.clock import local_day
from shared.settings import Settings
from shared.stream import Database, JournalEntry, UnitOfWork
from shared.web.bodies import STAFF_FORM, accept_body
from shared.web.i18n import Text, _
from shared.web.pages import get_pages
from shared.web.session import DatabaseDep

WINDOW = timedelta(days=30)
MAX_DEAD_LETTERS, MAX_CANDIDATES = 10, 10
router = APIRouter(tags=["desk"])


@router.get(DESK, include_in_schema=False)
async def show_desk(request: Request, clerk: Clerk, database: DatabaseDep) -> Response:
    """Render the desk with an empty form."""
    today = local_day(database.clock(), _settings(request).zone)
    values = {"number": new_number(today), "channel": "on_site", "received_on": today.isoformat()}
    registered = request.query_params.get("registered", "")
    toast = _("已登记，编号%(number)s", number=registered) if NUMBER.fullmatch(registered) else None
    return await _render_desk(request, clerk, database, SubmittedForm(values, None, {}), toast=toast)


@router.post(DESK, include_in_schema=False, dependencies=[Depends(accept_body(STAFF_FORM))])
async def register_complaint(request: Request, clerk: Clerk, database: DatabaseDep) -> Response:
    """Register a complaint; the same form sent twice registers one."""
    async with request.form() as form:
        looks_up = bool(form.get("lookup"))
        chosen = await find_chosen(database, form)
        entry = parse_form(form, _settings(request).zone, chosen=chosen)
    if looks_up:
        return await _render_desk(request, clerk, database, SubmittedForm(entry.values, None, {}), lookup=True)
    intake: Intake = request.app.state.intake
    number = entry.values["number"]

    async def follow(uow: UnitOfWork) -> None:
        complaint_id = await cases.find_id(uow.connection, SOURCE, number)
        if complaint_id is not None and await cases.set_handler(
            uow.connection, complaint_id, clerk.name, before=None, at=uow.now
        ):
            await cases.add_step(uow.connection, complaint_id, CaseStep("registered", clerk.name, uow.now))

    result = await submit_form(database, intake, entry, JournalEntry(clerk.name, "complaint_registered", number), follow)
    if isinstance(result, Refused):
        findings = entry.findings or {to_form_field(finding.field): finding.code for finding in result.findings}
        refused = SubmittedForm(entry.values, None, findings)
        return await _render_desk(request, clerk, database, refused, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return RedirectResponse(f"{DESK}?registered={number}", HTTPStatus.SEE_OTHER)


async def _render_desk(
    request: Request,
    clerk: Person,
    database: Database,
    form: SubmittedForm,
    *,
    status: int = HTTPStatus.OK,
    toast: Text | None = None,
    lookup: bool = False,
) -> Response:
    now = database.clock()
    async with database.snapshot() as connection:
        context = await form_context(connection, form, lookup=lookup)
        shown: dict[str, Any] = {
            "channels": await overview.count_by_channel(connection, local_day(now, _settings(request).zone) - WINDOW),
            "dead_letter_counts": await overview.count_dead_letters_by_reason(connection),
            "dead_letters": await overview.fetch_recent_dead_letters(connection, MAX_DEAD_LETTERS),
            "unattributed": await overview.count_unattributed(connection),
            "contested": await contested_names.count_waiting(connection),
        }
    return get_pages(request).render(
        request,
        "desk.html",
        status=status,
        toast=toast,
        reasons=REASON_TEXTS,
        entrances=ENTRANCE_TEXTS,
        finding_text=finding_text,
        as_of=now,
        **shown,
        **context,
        **desk_context(clerk, DESK),
    )


def _settings(request: Request) -> Settings:
    settings: Settings = request.app.state.settings
    return settings
