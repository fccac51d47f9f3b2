"""Officers: one application with all that it rests on, and the decision with its written reply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, assert_never
from uuid import UUID

import asyncpg
from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse

from services.corrections.domain import (
    REPLIES,
    AlreadyClosed,
    Application,
    ComplaintFact,
    ItemChanged,
    Proposal,
    ProposalFault,
    ProposalRefused,
    PublishedItem,
    Ruling,
    Sound,
    State,
    Verdict,
    judge,
    make_ruling,
)
from services.corrections.store import registers
from services.corrections.store.applications import Held, by_id, close, held_evidence, next_number, open_counts
from services.corrections.store.rulings import insert_ruling, rulings_of
from services.corrections.web.desk import Officer, frame, queue_of
from services.corrections.web.office import Office, OfficeOf, PagesOf
from services.corrections.web.proposal_form import effect_names, first_values, proposal_of, values_of
from services.corrections.web.texts import field_name, in_order, is_money, proposal_errors
from shared.accounts import Person
from shared.contracts import Decision, Outcome
from shared.identifiers import uuid7
from shared.stream import Entry, Unit
from shared.web.i18n import _
from shared.web.problems import problem, wants_page
from shared.web.session import StoreOf

router = APIRouter(tags=["desk"])

MOST_FIELDS = 1_000
# As officers think of it: most applications that are right ask for a correction.
ORDER = (Decision.CORRECTED, Decision.WITHDRAWN, Decision.UPHELD)
TOO_LATE = _("这件申请已经办结，您的决定没有保存。")
ITEM_CHANGED = _("公示信息已更新到第%(version)s版，请核对后重新提交。")


@dataclass(frozen=True, slots=True)
class Case:
    """An application and everything that a decision on it rests on."""

    application: Application
    item: PublishedItem
    complaints: list[ComplaintFact]
    held: list[Held]
    ruling: Ruling | None
    counts: Mapping[State, int]


@router.get("/corrections/desk/{application_id}", include_in_schema=False)
async def show(
    request: Request, application_id: UUID, officer: Officer, store: StoreOf, pages: PagesOf, office: OfficeOf
) -> Response:
    """Show an application: to decide it, or how it was decided."""
    async with store.unit() as unit:
        case = await _case(unit.connection, application_id)
        unit.record(Entry(officer.name, "application_read", case.application.receipt))
    filing = case.application.filing
    values = first_values(case.item, filing.field, filing.value)
    context = _context(case, officer, office, unit.now, values)
    if "decided" in request.query_params and case.ruling:
        context["toast"] = _("决定已保存，答复编号%(number)s", number=case.ruling.reply_number)
    return pages.render(request, "application.html", **context)


@router.post("/corrections/desk/{application_id}/decision")
async def decide(
    request: Request, application_id: UUID, officer: Officer, store: StoreOf, pages: PagesOf, office: OfficeOf
) -> Response:
    """Decide an application: one wins, and whoever comes second is shown the decision that was made."""
    async with request.form(max_fields=MOST_FIELDS) as form, store.unit() as unit:
        case = await _case(unit.connection, application_id, lock=True)
        proposal = proposal_of(form, case.item, case.complaints)
        values = values_of(form)
        verdict = _judged(case, proposal, office, unit)
        if isinstance(verdict, Sound) and proposal and "preview" not in form:
            ruling = await _rule(unit, case, proposal, officer, office)
            return _decided(request, case.application, ruling)
    context = _context(case, officer, office, unit.now, values, preview="preview" in form)
    match verdict:
        case Sound():
            return pages.render(request, "application.html", **context)
        case AlreadyClosed():
            status, code, errors = HTTPStatus.CONFLICT, "already_closed", {"decision": TOO_LATE}
        case ItemChanged(version=version):
            status, code, errors = HTTPStatus.CONFLICT, "item_changed", {"decision": _(ITEM_CHANGED.msgid, version=version)}
        case ProposalRefused(faults=faults):
            status, code, errors = HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", proposal_errors(faults)
        case _ as never:
            assert_never(never)
    if not wants_page(request):
        reasons = [{"field": field, "code": code, "message": str(text)} for field, text in errors.items()]
        return problem(status, code, reasons=reasons)
    return pages.render(request, "application.html", status=status, **(context | {"errors": errors}))


def _judged(case: Case, proposal: Proposal | None, office: Office, unit: Unit) -> Verdict:
    if proposal is None:
        return ProposalRefused((ProposalFault.DECISION,)) if case.application.state.open else AlreadyClosed()
    complaints = {complaint.complaint_id: complaint for complaint in case.complaints}
    return judge(case.application, case.item, complaints, proposal, office.rules(unit.now))


async def _rule(unit: Unit, case: Case, proposal: Proposal, officer: Person, office: Office) -> Ruling:
    today = office.today(unit.now)
    ruling = make_ruling(
        case.application,
        case.item,
        proposal,
        office.rules(unit.now),
        ruling_id=uuid7(),
        number=await next_number(unit.connection, REPLIES, today.year),
        officer=officer.display_name,
        at=unit.now,
        today=today,
    )
    await close(unit.connection, case.application.application_id, State.DECIDED, unit.now)
    await insert_ruling(unit.connection, case.application, ruling)
    made = ruling.made(case.application, case.item)
    unit.emit(made)
    unit.record(
        Entry(
            officer.name, "application_decided", case.application.receipt, case.application.state,
            made.model_dump(mode="json"),
            {"decision": proposal.decision, "rules_version": ruling.rules_version},
        )
    )  # fmt: skip
    return ruling


async def _case(connection: asyncpg.Connection, application_id: UUID, *, lock: bool = False) -> Case:
    application = await by_id(connection, application_id, lock=lock)
    item = await registers.published_item(connection, application.filing.item_id) if application else None
    if application is None or item is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    rulings = await rulings_of(connection, [application_id])
    return Case(
        application,
        item,
        await _complaints(connection, item),
        await held_evidence(connection, application_id),
        rulings.get(application_id),
        await open_counts(connection),
    )


async def _complaints(connection: asyncpg.Connection, item: PublishedItem) -> list[ComplaintFact]:
    """Return the complaints that an item tells of, or that its figures count."""
    public, days = item.public, item.counted_days()
    if public.complaint_id:
        return list((await registers.complaints_by_id(connection, [UUID(public.complaint_id)])).values())
    if public.operator is None or days is None:
        return []
    return await registers.complaints_of_period(connection, public.operator.key, *days)


def _context(
    case: Case, officer: Person, office: Office, at: datetime, values: Mapping[str, str], *, preview: bool = False
) -> dict[str, Any]:
    application, ruling = case.application, case.ruling
    rules = office.rulebook.version(ruling.rules_version) if ruling else office.rules(at)
    filed_under = office.rulebook.version(application.rules_version)
    return frame(officer, case.counts, queue_of(application)) | {
        "application": application,
        "item": case.item.public,
        "fields": [(field, field_name(field), case.item.fields()[field]) for field in in_order(case.item.fields())],
        "current": case.item.fields(),
        "complaints": [(complaint, effect_names(complaint.complaint_id)) for complaint in case.complaints],
        "outcomes": [outcome.value for outcome in Outcome],
        "held": case.held,
        "ruling": ruling,
        "reason": rules.reason(ruling.proposal.reason_code) if ruling else None,
        "rules": rules,
        "decisions": [d for d in ORDER if d in rules.applications.allowed(application.filing.kind)],
        "matter": filed_under.reason(application.filing.reason_code or ""),
        "countdown": office.countdown(application, office.today(application.closed_at or at)),
        "values": {"item_version": str(case.item.public.version)} | dict(values),
        "errors": {},
        "preview": preview,
        "field_name": field_name,
        "is_money": is_money,
        "today": office.today(at),
    }


def _decided(request: Request, application: Application, ruling: Ruling) -> Response:
    if wants_page(request):
        return RedirectResponse(f"/corrections/desk/{application.application_id}?decided=1", HTTPStatus.SEE_OTHER)
    return JSONResponse(
        {
            "application_id": str(application.application_id),
            "ruling_id": str(ruling.ruling_id),
            "decision": ruling.proposal.decision,
            "reply_number": ruling.reply_number,
        }
    )
