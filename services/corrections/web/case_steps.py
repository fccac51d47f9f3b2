"""Officers: ask the applicant for more evidence, while the clock stands still, and extend the term once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from services.corrections.domain import Application, StepFault, ask_for_evidence, extend_term
from services.corrections.domain.notices import NoticeKind
from services.corrections.store.applications import find_by_id
from services.corrections.store.case_steps import save_term
from services.corrections.store.mail import queue_notice
from services.corrections.web.bureau import BureauDep
from services.corrections.web.desk import Officer
from shared.accounts import Person
from shared.calendar import Calendar
from shared.rules import Rules
from shared.stream import Database, JournalEntry, UnitOfWork
from shared.web.i18n import Text, _
from shared.web.parameters import PlainText
from shared.web.problems import respond_with_problem
from shared.web.session import DatabaseDep

router = APIRouter(prefix="/corrections/desk/{application_id}", tags=["desk"], include_in_schema=False)

MAX_TYPED = 2_000
FAULTS: Mapping[StepFault, Text] = {
    StepFault.CLOSED: _("这件申请已经办结。"),
    StepFault.WORDS: _("请填写1到500字。"),
    StepFault.REQUESTED_BEFORE: _("补正只能一次性告知，这件申请已经告知过。"),
    StepFault.EXTENDED_BEFORE: _("期限只能延长一次，这件申请已经延长过。"),
    StepFault.OVERDUE: _("答复期限已过，不能再停止计算或者延长。"),
    StepFault.NOT_PROVIDED: _("现行公示规则没有规定这一步。"),
}
NOTICES = {"evidence_requested": NoticeKind.EVIDENCE_REQUESTED, "extended": NoticeKind.DUE_ON_MOVED}
Words = Annotated[PlainText, Form(max_length=MAX_TYPED)]
Step = Callable[[Application, str, str, date, Calendar, Rules], Application | StepFault]


@router.post("/evidence-request")
async def request_evidence(
    request: Request, application_id: UUID, officer: Officer, database: DatabaseDep, bureau: BureauDep, words: Words = ""
) -> Response:
    """Ask the applicant once for all that is lacking; the clock stands still until it is there or its time is over."""
    return await _take(request, application_id, database, bureau, officer, words, ask_for_evidence, "evidence_requested")


@router.post("/extension")
async def extend(
    request: Request, application_id: UUID, officer: Officer, database: DatabaseDep, bureau: BureauDep, words: Words = ""
) -> Response:
    """Extend the term once, for a reason that the applicant reads."""
    return await _take(request, application_id, database, bureau, officer, words, extend_term, "extended")


async def _take(
    request: Request,
    application_id: UUID,
    database: Database,
    bureau: BureauDep,
    officer: Person,
    words: str,
    step: Step,
    cause: str,
) -> Response:
    """Take a step as an officer, or answer why it is not taken."""
    async with database.unit_of_work() as uow:
        before = await find_by_id(uow.connection, application_id, lock=True)
        if before is None:
            raise HTTPException(HTTPStatus.NOT_FOUND)
        calendar, today = await bureau.current.share(uow.connection), bureau.today(uow.now)
        after = step(before, words.strip(), officer.display_name, today, calendar, bureau.rules(uow.now))
        if not isinstance(after, StepFault):
            await save_moved_term(uow, before, after, officer.name, cause)
            await queue_notice(uow.connection, application_id, NOTICES[cause], uow.now)
    if isinstance(after, StepFault):
        invalid = after is StepFault.WORDS
        status = HTTPStatus.UNPROCESSABLE_ENTITY if invalid else HTTPStatus.CONFLICT
        return respond_with_problem(request, status, after, FAULTS[after])
    return RedirectResponse(f"/corrections/desk/{application_id}", HTTPStatus.SEE_OTHER)


async def save_moved_term(uow: UnitOfWork, before: Application, after: Application, actor: str, cause: str) -> None:
    """Save a term that moved, with its entry in the journal; of an accepted application everybody is told the new day."""
    await save_term(uow.connection, before, after, uow.now, cause)
    uow.journal(JournalEntry(actor, f"application_{cause}", after.receipt, before.due_on, after.due_on))
    if after.started_at is not None and before.due_on != after.due_on:
        uow.emit(after.to_accepted_event(after.started_at))
