"""What a clerk does about a complaint that was entered at the desk: steps, edits, notes, handing it over."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from services.intake.domain.handling import HandlingFault, apply_step, find_faults, to_report_data
from services.intake.domain.report import ReportEvent
from services.intake.ingest import Intake, Refused
from services.intake.store import cases
from services.intake.store.cases import CaseStep, StoredComplaint
from services.intake.submission import submit_reports
from services.intake.texts import finding_text
from services.intake.web.complaints import COMPLAINTS, find_complaint, is_handled_by, render_complaint, rules_now
from services.intake.web.entry_form import SOURCE, SubmittedForm, parse_form, to_form_field, to_values
from services.intake.web.entry_page import Clerk, find_chosen, render_entry_form
from services.intake.web.handling_form import FAULTS, MAX_NOTE, parse_handling, redact_note
from shared.accounts import Person, fetch_colleagues
from shared.clock import local_day
from shared.contracts.reports import ComplaintReport
from shared.stream import Database, JournalEntry, UnitOfWork
from shared.web.bodies import STAFF_FORM, accept_body
from shared.web.i18n import Text, _
from shared.web.parameters import PlainText
from shared.web.session import DatabaseDep, session_token

CHANGED = _("这件投诉刚由他人更新，请核对最新情况后重新提交。您填写的内容还在。")
WITH_FORM = [Depends(accept_body(STAFF_FORM))]
router = APIRouter(prefix=COMPLAINTS + "/{complaint_id}", tags=["desk"], include_in_schema=False)


@router.post("/steps", dependencies=WITH_FORM)
async def record_step(request: Request, complaint_id: UUID, clerk: Clerk, database: DatabaseDep) -> Response:
    """Record a step of the handling. What cannot be recorded is shown again with everything that was typed."""
    complaint = await _find_entered(database, complaint_id, clerk)
    zone = request.app.state.settings.zone
    async with request.form() as submitted:
        form = parse_handling(submitted, rules_now(request, database), zone)
    faults: dict[str, HandlingFault] = dict(form.faults)
    if form.recorded is not None:
        faults = find_faults(complaint.facts, form.recorded, local_day(database.clock(), zone)) | faults
    errors: dict[str, Text] = {name: FAULTS[fault] for name, fault in faults.items()}
    if form.values["seen"] != str(complaint.source_revision):
        return await _refuse(request, clerk, database, complaint_id, form.values, {"step": CHANGED}, HTTPStatus.CONFLICT)
    if errors or form.recorded is None:
        return await _refuse(request, clerk, database, complaint_id, form.values, errors)
    stored = to_report_data(complaint.facts, complaint.source_revision + 1, zone)
    data = apply_step(stored, complaint.facts, form.recorded, zone)
    ground = form.recorded.ground if form.recorded.ground in form.recorded.grounds else None
    done = CaseStep(form.recorded.step, clerk.name, database.clock(), form.recorded.day, ground, form.note)
    refused = await _submit(request, database, complaint, data, done)
    if refused is not None:
        first = {"step": finding_text(refused.findings[0].code)} if refused.findings else {"step": CHANGED}
        return await _refuse(request, clerk, database, complaint_id, form.values, first)
    return RedirectResponse(f"{COMPLAINTS}/{complaint_id}?done=recorded", HTTPStatus.SEE_OTHER)


@router.get("/edit")
async def edit_page(request: Request, complaint_id: UUID, clerk: Clerk, database: DatabaseDep) -> Response:
    """Show the form of the registration with what is stored."""
    complaint = await _find_entered(database, complaint_id, clerk)
    return await render_entry_form(request, clerk, database, SubmittedForm(to_values(complaint.facts), None, {}), complaint)


@router.post("/edit", dependencies=WITH_FORM)
async def edit_complaint(request: Request, complaint_id: UUID, clerk: Clerk, database: DatabaseDep) -> Response:
    """Change what was registered. What cannot be stored is shown again with everything that was typed."""
    complaint = await _find_entered(database, complaint_id, clerk)
    zone = request.app.state.settings.zone
    stored = to_report_data(complaint.facts, complaint.source_revision + 1, zone)
    async with request.form() as submitted:
        seen, looks_up = str(submitted.get("seen") or ""), bool(submitted.get("lookup"))
        form = parse_form(submitted, zone, stored, await find_chosen(database, submitted))
    if looks_up:
        return await render_entry_form(request, clerk, database, SubmittedForm(form.values, None, {}), complaint, lookup=True)
    if seen != str(complaint.source_revision):
        return await render_entry_form(
            request, clerk, database, form, complaint, status=HTTPStatus.CONFLICT, notice=CHANGED
        )  # fmt: skip
    if form.event is None:
        return await render_entry_form(request, clerk, database, form, complaint, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    done = CaseStep("edited", clerk.name, database.clock())
    refused = await _submit(request, database, complaint, form.data, done)
    if refused is not None:
        findings = {to_form_field(finding.field): finding.code for finding in refused.findings}
        again = SubmittedForm(form.values, None, findings)
        return await render_entry_form(request, clerk, database, again, complaint, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return RedirectResponse(f"{COMPLAINTS}/{complaint_id}?done=edited", HTTPStatus.SEE_OTHER)


@router.post("/notes")
async def add_note(
    complaint_id: UUID, clerk: Clerk, database: DatabaseDep, note: Annotated[PlainText, Form(max_length=MAX_NOTE)]
) -> Response:
    """Add a note to the history, without personal data."""
    await _find_entered(database, complaint_id, clerk)
    words = redact_note(note.strip())
    if words is None:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY)
    async with database.unit_of_work() as uow:
        await cases.add_step(uow.connection, complaint_id, CaseStep("noted", clerk.name, uow.now, note=words))
    return RedirectResponse(f"{COMPLAINTS}/{complaint_id}?done=noted", HTTPStatus.SEE_OTHER)


@router.post("/hand-over")
async def hand_over(
    request: Request, complaint_id: UUID, clerk: Clerk, database: DatabaseDep,
    to: Annotated[PlainText, Form(max_length=64)], handler: Annotated[PlainText, Form(max_length=64)] = "",
) -> Response:  # fmt: skip
    """Hand a complaint over to a colleague, or take it over; 409 where somebody else handles it by now."""
    complaint = await _find_entered(database, complaint_id, clerk)
    async with database.unit_of_work() as uow:
        known = {clerk.name} | (await fetch_colleagues(uow.connection, session_token(request))).keys()
        if to not in known:
            raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY)
        if not await cases.set_handler(uow.connection, complaint_id, to, before=handler or None, at=uow.now):
            raise HTTPException(HTTPStatus.CONFLICT)
        await cases.add_step(uow.connection, complaint_id, CaseStep("handed_over", clerk.name, uow.now, handed_to=to))
        uow.journal(JournalEntry(clerk.name, "complaint_handed_over", complaint.facts.external_id, detail={"to": to}))
    return RedirectResponse(f"{COMPLAINTS}/{complaint_id}?done=handed_over", HTTPStatus.SEE_OTHER)


async def _find_entered(database: Database, complaint_id: UUID, clerk: Person) -> StoredComplaint:
    """Return a complaint that was entered at the desk; 404 for any other."""
    async with database.snapshot() as connection:
        complaint = await find_complaint(connection, complaint_id)
    if not is_handled_by(complaint, clerk):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return complaint


async def _submit(
    request: Request, database: Database, complaint: StoredComplaint, data: Mapping[str, Any], done: CaseStep
) -> Refused | None:
    """Submit a further revision with its step in the history; return why it was refused, if it was."""
    intake: Intake = request.app.state.intake
    number = complaint.facts.external_id
    event = ReportEvent(SOURCE, number, ComplaintReport.model_validate_json(orjson.dumps(data)))

    async def follow(uow: UnitOfWork) -> None:
        await cases.add_step(uow.connection, complaint.complaint_id, done)

    action = "complaint_amended" if done.step == "edited" else "complaint_handled"
    entry = JournalEntry(done.done_by, action, number, detail={"step": done.step, "ground": done.ground})
    (result,) = await submit_reports(database, intake, [event], "desk", entry, follow)
    return result if isinstance(result, Refused) else None


async def _refuse(
    request: Request,
    clerk: Person,
    database: Database,
    complaint_id: UUID,
    values: Mapping[str, str],
    errors: Mapping[str, Text],
    status: int = HTTPStatus.UNPROCESSABLE_ENTITY,
) -> Response:
    return await render_complaint(request, clerk, database, complaint_id, status=status, values=values, errors=errors)
