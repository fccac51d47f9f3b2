"""Officers: one application with its case file, and the decision with its written reply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, assert_never
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from services.corrections.domain import (
    REPLY_SERIES,
    AlreadyClosed,
    Application,
    ApplicationState,
    ComplaintFact,
    ItemChanged,
    Proposal,
    ProposalAccepted,
    ProposalFault,
    ProposalRejected,
    PublishedItem,
    Ruling,
    TookPart,
    Verdict,
    check_proposal,
    make_ruling,
)
from services.corrections.domain.notices import NoticeKind
from services.corrections.store import replicas
from services.corrections.store.applications import (
    EvidenceSummary,
    close_application,
    count_open,
    find_by_id,
    list_evidence,
    next_number,
)
from services.corrections.store.case_notes import CaseNote, find_handler, list_notes
from services.corrections.store.case_steps import fetch_disputed
from services.corrections.store.deadlines import DeadlineChange, fetch_deadline_changes
from services.corrections.store.mail import queue_notice
from services.corrections.store.rulings import fetch_rulings, insert_ruling
from services.corrections.web.bureau import BureauContext, BureauDep
from services.corrections.web.desk import Officer, desk_context, queue_name
from services.corrections.web.messages import CAUSES, field_name, is_money, proposal_errors, sort_fields
from services.corrections.web.proposal_form import PROPOSAL_FIELDS, effect_names, form_values, initial_values, parse_proposal
from services.corrections.web.reasons import Reason, respond_with_reasons
from shared.accounts import Person, display_names, fetch_colleagues, took_part
from shared.contracts import Decision, Outcome
from shared.identifiers import uuid7
from shared.metrics import APPLICATIONS
from shared.stream import JournalEntry, UnitOfWork
from shared.web.bodies import STAFF_FORM, accept_body
from shared.web.forms import form_body, require_form
from shared.web.i18n import _
from shared.web.openapi import HTML_PAGE, SEE_OTHER, problems
from shared.web.pages import PagesDep
from shared.web.problems import accepts_html
from shared.web.session import DatabaseDep, session_token

router = APIRouter(tags=["desk"])

MAX_FIELDS = 1_000
# The order on the page: most justified applications end in a correction.
ORDER = (Decision.CORRECTED, Decision.WITHDRAWN, Decision.UPHELD)
TOO_LATE = _("这件申请已经办结，您的决定没有保存。")
TOOK_PART = _("您参与过这条信息的起草、审核或者发布，应当回避，请移交给同事。")
ITEM_CHANGED = _("公示信息已更新到第%(version)s版，请核对后重新提交。")


@dataclass(frozen=True, slots=True)
class CaseFile:
    """An application with all that a decision on it is based on."""

    application: Application
    item: PublishedItem
    complaints: list[ComplaintFact]
    evidence: list[EvidenceSummary]
    ruling: Ruling | None
    counts: Mapping[ApplicationState, int]
    deadline_changes: list[DeadlineChange]
    notes: list[CaseNote]
    names: Mapping[str, str]
    colleagues: Mapping[str, str]
    took_part: bool
    disputed: frozenset[UUID]


@router.get("/corrections/desk/{application_id}", include_in_schema=False)
async def show_application(
    request: Request, application_id: UUID, officer: Officer, database: DatabaseDep, pages: PagesDep, bureau: BureauDep
) -> Response:
    """Show an application: the form of the decision while it is open, the ruling once it is decided."""
    async with database.unit_of_work() as uow:
        case = await _load_case(uow.connection, application_id, session_token(request))
        uow.journal(JournalEntry(officer.name, "application_read", case.application.receipt))
    filing = case.application.filing
    values = initial_values(case.item, filing.field, filing.value)
    context = _context(case, officer, bureau, uow.now, values)
    if "decided" in request.query_params and case.ruling:
        context["toast"] = _("决定已保存，答复编号%(number)s", number=case.ruling.reply_number)
    return pages.render(request, "application.html", **context)


@router.post(
    "/corrections/desk/{application_id}/decision",
    dependencies=[Depends(require_form), Depends(accept_body(STAFF_FORM))],
    openapi_extra=form_body(PROPOSAL_FIELDS),
    responses={**HTML_PAGE, **SEE_OTHER, **problems(HTTPStatus.CONFLICT)},
)
async def decide(
    request: Request, application_id: UUID, officer: Officer, database: DatabaseDep, pages: PagesDep, bureau: BureauDep
) -> Response:
    """Decide an application. Of two concurrent decisions the second gets 409 with the recorded ruling."""
    async with request.form(max_fields=MAX_FIELDS) as form, database.unit_of_work() as uow:
        case = await _load_case(uow.connection, application_id, session_token(request), lock=True)
        proposal = parse_proposal(form, case.item, case.complaints, case.application.filing.response)
        values = form_values(form)
        verdict = _check(case, proposal, bureau, uow)
        if isinstance(verdict, ProposalAccepted) and proposal and "preview" not in form:
            ruling = await _record_ruling(uow, case, proposal, officer, bureau)
            return _decided_response(request, case.application, ruling)
    context = _context(case, officer, bureau, uow.now, values, preview="preview" in form)
    match verdict:
        case ProposalAccepted():
            return pages.render(request, "application.html", **context)
        case AlreadyClosed():
            status, code, errors = HTTPStatus.CONFLICT, "already_closed", {"decision": TOO_LATE}
        case TookPart():
            status, code, errors = HTTPStatus.CONFLICT, "took_part", {"decision": TOOK_PART}
        case ItemChanged(version=version):
            status, code, errors = HTTPStatus.CONFLICT, "item_changed", {"decision": _(ITEM_CHANGED.msgid, version=version)}
        case ProposalRejected(faults=faults):
            status, code, errors = HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", proposal_errors(faults)
        case _ as never:
            assert_never(never)
    if not accepts_html(request):
        return respond_with_reasons(request, [Reason(field, code, text) for field, text in errors.items()], status, code)
    return pages.render(request, "application.html", status=status, **(context | {"errors": errors}))


def _check(case: CaseFile, proposal: Proposal | None, bureau: BureauContext, uow: UnitOfWork) -> Verdict:
    if proposal is None:
        return ProposalRejected((ProposalFault.DECISION,)) if case.application.state.is_open else AlreadyClosed()
    complaints = {complaint.complaint_id: complaint for complaint in case.complaints}
    rules = bureau.rules(uow.now)
    return check_proposal(case.application, case.item, complaints, proposal, rules, took_part=case.took_part)


async def _record_ruling(uow: UnitOfWork, case: CaseFile, proposal: Proposal, officer: Person, bureau: BureauContext) -> Ruling:
    today = bureau.today(uow.now)
    ruling = make_ruling(
        case.application,
        case.item,
        proposal,
        bureau.rules(uow.now),
        ruling_id=uuid7(),
        number=await next_number(uow.connection, REPLY_SERIES, today.year),
        officer=officer.display_name,
        at=uow.now,
        today=today,
    )
    await close_application(uow.connection, case.application.application_id, ApplicationState.DECIDED, uow.now)
    await insert_ruling(uow.connection, case.application, ruling)
    made = ruling.to_event(case.application, case.item)
    uow.emit(made)
    await queue_notice(uow.connection, case.application.application_id, NoticeKind.DECIDED, uow.now)
    APPLICATIONS.labels(made.kind, "decided").inc()
    uow.journal(
        JournalEntry(
            officer.name, "application_decided", case.application.receipt, case.application.state,
            made.model_dump(mode="json"),
            {"decision": proposal.decision, "rules_version": ruling.rules_version, "content": ruling.digest()},
        )
    )  # fmt: skip
    return ruling


async def _load_case(connection: asyncpg.Connection, application_id: UUID, session: str, *, lock: bool = False) -> CaseFile:
    application = await find_by_id(connection, application_id, lock=lock)
    item = await replicas.find_item(connection, application.filing.item_id) if application else None
    if application is None or item is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    rulings = await fetch_rulings(connection, [application_id])
    notes = await list_notes(connection, application_id)
    accounts = {name for note in notes for name in (note.written_by, note.handed_to) if name}
    return CaseFile(
        application,
        item,
        await replicas.fetch_behind(connection, item),
        await list_evidence(connection, application_id),
        rulings.get(application_id),
        await count_open(connection),
        await fetch_deadline_changes(connection, application_id),
        notes,
        await display_names(connection, sorted(accounts)),
        await fetch_colleagues(connection, session),
        await took_part(connection, session, item.public.item_id),
        await fetch_disputed(connection, application_id),
    )


def _context(
    case: CaseFile, officer: Person, bureau: BureauContext, at: datetime, values: Mapping[str, str], *, preview: bool = False
) -> dict[str, Any]:
    application, ruling = case.application, case.ruling
    rules = bureau.rule_book.version(ruling.rules_version) if ruling else bureau.rules(at)
    filed_under = bureau.rule_book.version(application.rules_version)
    return desk_context(officer, case.counts, queue_name(application)) | {
        "application": application,
        "item": case.item.public,
        "fields": [
            (field, field_name(field), case.item.correctable_fields()[field])
            for field in sort_fields(case.item.correctable_fields())
        ],
        "current": case.item.disputable_fields(),
        "complaints": [(complaint, effect_names(complaint.complaint_id)) for complaint in case.complaints],
        "outcomes": [outcome.value for outcome in Outcome],
        "evidence": case.evidence,
        "ruling": ruling,
        "deadline_changes": case.deadline_changes,
        "notes": case.notes,
        "names": case.names,
        "colleagues": case.colleagues,
        "took_part": case.took_part,
        "disputed": case.disputed,
        "stopped": application.is_stopped(bureau.today(at)),
        "moved_by": CAUSES,
        "handler": find_handler(case.notes) or "",
        "reason": rules.reason(ruling.proposal.reason_code) if ruling else None,
        "rules": rules,
        "decisions": [d for d in ORDER if d in rules.applications.allowed_decisions(application.filing.kind)],
        "matter": filed_under.reason(application.filing.reason_code or ""),
        "countdown": bureau.countdown(application, bureau.today(application.closed_at or at)),
        "values": {"item_version": str(case.item.public.version)} | dict(values),
        "errors": {},
        "preview": preview,
        "field_name": field_name,
        "is_money": is_money,
        "today": bureau.today(at),
    }


def _decided_response(request: Request, application: Application, ruling: Ruling) -> Response:
    if accepts_html(request):
        return RedirectResponse(f"/corrections/desk/{application.application_id}?decided=1", HTTPStatus.SEE_OTHER)
    return JSONResponse(
        {
            "application_id": str(application.application_id),
            "ruling_id": str(ruling.ruling_id),
            "decision": ruling.proposal.decision,
            "reply_number": ruling.reply_number,
        }
    )
