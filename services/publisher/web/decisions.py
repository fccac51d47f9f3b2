"""Decisions at the desk. Each is bound to the digest of the content that the person saw; 409 when it has changed."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from enum import StrEnum
from http import HTTPStatus
from typing import Annotated

import asyncpg
from fastapi import APIRouter, Depends, Form, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from services.publisher import declining, drafting, releasing
from services.publisher.batches import SampleUndecided
from services.publisher.bureau import BureauContext
from services.publisher.declining import NotDeclinable
from services.publisher.drafting import MonthNotClosed
from services.publisher.releasing import ContentChanged, NoticeMissing, NotReleasable, RulingStands, SeenVersion
from services.publisher.scheduling import Disputed, NotHeld, TimeIsPast
from services.publisher.stopping import NotStoppable
from services.publisher.web.dependencies import BureauDep
from services.publisher.web.list_address import back_to
from shared.accounts import Person, Role, act_in_session
from shared.contracts import Decision
from shared.metrics import GATE_REFUSALS
from shared.rules import Reason, Rules
from shared.stream import Database, UnitOfWork
from shared.web.i18n import _
from shared.web.languages import negotiate_language
from shared.web.pages import PagesDep
from shared.web.parameters import Int32, PlainText
from shared.web.periods import period_name
from shared.web.session import DatabaseDep, require_role, session_token
from shared.web.templating import Pages

Reviewer = Annotated[Person, Depends(require_role(Role.REVIEWER))]
Gatekeeper = Annotated[Person, Depends(require_role(Role.GATEKEEPER))]
ReviewerOrGatekeeper = Annotated[Person, Depends(require_role(Role.REVIEWER, Role.GATEKEEPER))]
Items = Annotated[list[PlainText], Form()]
Note = Annotated[PlainText, Form(max_length=500)]
Code = Annotated[PlainText, Form(max_length=3)]
Back = Annotated[PlainText, Form(max_length=1_000)]

router = APIRouter(prefix="/desk", include_in_schema=False)

DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)
MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])", re.ASCII)
REFUSALS = {
    "content_changed": _("他人已处理了同一条信息，或者内容已经更新。"),
    "check_failed": _("有一项检查不通过，不能审核或发布。"),
    "notice_missing": _("公示前须告知经营者；还没有告知，或者告知的期限未满。"),
    "sample_undecided": _("样本还没有全部看过，或者样本中有问题的多于规则允许的数量。"),
    "not_declinable": _("撤回，以及按更正决定起草的内容，不能决定为不予公示。"),
    "ruling_stands": _("更正决定已作出，只等确认撤回，不能退回。"),
    "not_stoppable": _("按规则，这个板块不能以这个理由先行撤下，请提出撤回，由发布岗确认。"),
    "time_is_past": _("定时发布的时间须晚于现在。"),
    "disputed": _("经营者对本条的异议申请还没有决定，不能定时发布。"),
    "not_held": _("本条已经暂缓，或者暂缓已经解除。"),
    "gate_closed": _("起草、审核、发布须由不同人员完成，内容须与审核时一致，且没有被暂缓。"),
    "fault": _("系统出现故障，没有办完。"),
}
REFUSED: Mapping[type[Exception], str] = {
    ContentChanged: "content_changed",
    NotReleasable: "check_failed",
    SampleUndecided: "sample_undecided",
    NoticeMissing: "notice_missing",
    NotDeclinable: "not_declinable",
    RulingStands: "ruling_stands",
    NotStoppable: "not_stoppable",
    TimeIsPast: "time_is_past",
    Disputed: "disputed",
    NotHeld: "not_held",
    asyncpg.IntegrityConstraintViolationError: "gate_closed",
}
MONTH_NOT_CLOSED = "month_not_closed"
# A reason that has not occurred yet is a series at zero: an increase from nothing would not be seen.
for _reason in (*REFUSALS, MONTH_NOT_CLOSED):
    GATE_REFUSALS.labels(_reason)


def name_refusal(error: Exception) -> str:
    """Return the code of an error by which a decision is refused; `fault` of one that is no refusal."""
    return next((reason for kind, reason in REFUSED.items() if isinstance(error, kind)), "fault")


async def decide(
    request: Request, pages: PagesDep, database: Database, action: Callable[[UnitOfWork], Awaitable[object]], target: str
) -> Response:
    """Run one decision in one unit of work and redirect to `target`; 409 with the reason when it is refused."""
    try:
        async with database.unit_of_work() as uow:
            await act_in_session(uow.connection, session_token(request))
            await action(uow)
    except tuple(REFUSED) as error:
        return _refusal(request, pages, name_refusal(error))
    return RedirectResponse(target, HTTPStatus.SEE_OTHER)


def _refusal(request: Request, pages: Pages, reason: str) -> Response:
    GATE_REFUSALS.labels(reason).inc()
    return pages.problem(request, HTTPStatus.CONFLICT, detail=REFUSALS[reason])


def parse_selection(items: list[str], digests: list[str]) -> list[SeenVersion]:
    """Return the chosen items with the digests that stood in the form, as `id=digest`."""
    by_id = dict(entry.partition("=")[::2] for entry in digests)
    selection = [SeenVersion(item_id, by_id.get(item_id, "")) for item_id in dict.fromkeys(items)]
    if not selection:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY)
    return selection


def require_reason(reasons: Mapping[str, Reason], code: str, note: str) -> str:
    """Return the note of a coded reason; 422 where the code is none of these, or nothing is said."""
    if code not in reasons or not note.strip():
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY)
    return note.strip()


@router.post("/approve")
async def approve(
    request: Request, person: Reviewer, database: DatabaseDep, bureau: BureauDep, pages: PagesDep, item: Items, seen: Items,
    back: Back = "",
) -> Response:  # fmt: skip
    """Approve drafts as a reviewer."""
    selection = parse_selection(item, seen)
    return await decide(
        request,
        pages,
        database,
        lambda uow: releasing.review(uow, bureau, person.name, selection),
        back_to("/desk", back, "approved"),
    )


@router.post("/release")
async def release(
    request: Request, person: Gatekeeper, database: DatabaseDep, bureau: BureauDep, pages: PagesDep, item: Items, seen: Items,
    checked: Annotated[PlainText, Form()] = "", back: Back = "",
) -> Response:  # fmt: skip
    """Release approved versions as the gatekeeper."""
    if checked != "yes":
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY)
    selection = parse_selection(item, seen)
    return await decide(
        request,
        pages,
        database,
        lambda uow: releasing.release(uow, bureau, person.name, selection),
        back_to("/desk/approved", back, "released"),
    )


@router.post("/items/{item_id}/return")
async def return_version(
    request: Request, item_id: str, person: ReviewerOrGatekeeper, database: DatabaseDep, bureau: BureauDep, pages: PagesDep,
    seen: Annotated[PlainText, Form()], code: Code, note: Note, back: Back = "",
) -> Response:  # fmt: skip
    """Send a version back with a coded reason and what to mend."""
    return await _decide_with_reason(
        request,
        pages,
        database,
        bureau,
        lambda rules: rules.returns,
        (item_id, seen, code, note),
        releasing.send_back,
        person,
        back_to("/desk", back, "returned"),
    )


@router.post("/items/{item_id}/non-publication")
async def propose_non_publication(
    request: Request, item_id: str, person: Reviewer, database: DatabaseDep, bureau: BureauDep, pages: PagesDep,
    seen: Annotated[PlainText, Form()], note: Note, code: Code = "",
) -> Response:  # fmt: skip
    """Propose not to publish, on a coded ground; another person confirms."""
    return await _decide_with_reason(
        request,
        pages,
        database,
        bureau,
        lambda rules: rules.grounds,
        (item_id, seen, code, note),
        declining.propose,
        person,
        "/desk?done=non_publication_proposed",
    )


@router.post("/items/{item_id}/notice")
async def record_notice(
    request: Request, item_id: str, person: Annotated[Person, Depends(require_role(Role.REVIEWER, Role.DRAFTER))],
    database: DatabaseDep, bureau: BureauDep, pages: PagesDep,
    seen: Annotated[PlainText, Form()], served_on: Annotated[date, Form()], receipt: Annotated[PlainText, Form(max_length=100)],
) -> Response:  # fmt: skip
    """Record that the operator was told of the content before its first publication."""
    if not DIGEST.fullmatch(seen) or not receipt.strip():
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY)

    async def record(uow: UnitOfWork) -> None:
        await releasing.record_notice(uow, bureau, person.name, SeenVersion(item_id, seen), served_on, receipt.strip())

    return await decide(request, pages, database, record, f"/desk/items/{item_id}?done=looked")


class Act(StrEnum):
    """What is done about a proposal or decision not to publish."""

    CONFIRM = "confirm"
    DISMISS = "dismiss"
    REOPEN = "reopen"


NonPublicationAct = Callable[[UnitOfWork, BureauContext, str, SeenVersion], Awaitable[None]]
ACTS: Mapping[Act, tuple[NonPublicationAct, str]] = {
    Act.CONFIRM: (declining.confirm, "/desk/declined?done=rejected"),
    Act.DISMISS: (declining.dismiss, "/desk/declined?done=dismissed"),
    Act.REOPEN: (declining.reopen, "/desk?done=reopened"),
}


@router.post("/items/{item_id}/non-publication/{act}")
async def decide_non_publication(
    request: Request, item_id: str, act: Act, person: ReviewerOrGatekeeper, database: DatabaseDep, bureau: BureauDep,
    pages: PagesDep, seen: Annotated[PlainText, Form()],
) -> Response:  # fmt: skip
    """Confirm or dismiss another person's proposal not to publish, or reopen what was declined."""
    action, target = ACTS[act]
    if not DIGEST.fullmatch(seen):
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY)
    return await decide(
        request, pages, database, lambda uow: action(uow, bureau, person.name, SeenVersion(item_id, seen)), target
    )


async def _decide_with_reason(
    request: Request,
    pages: PagesDep,
    database: Database,
    bureau: BureauDep,
    reasons: Callable[[Rules], Mapping[str, Reason]],
    form: tuple[str, str, str, str],
    action: Callable[..., Awaitable[None]],
    person: Person,
    target: str,
) -> Response:
    item_id, seen, code, note = form

    async def act_with_reason(uow: UnitOfWork) -> None:
        reason = require_reason(reasons(bureau.rules(uow.now)), code, note)
        await action(uow, bureau, person.name, SeenVersion(item_id, seen), code, reason)

    return await decide(request, pages, database, act_with_reason, target)


@router.post("/items/{item_id}/withdraw")
async def withdraw(
    request: Request, item_id: str, person: Reviewer, database: DatabaseDep, bureau: BureauDep, pages: PagesDep,
    version: Annotated[Int32, Form()], code: Code, note: Note,
) -> Response:  # fmt: skip
    """Propose to withdraw what is public; the gatekeeper confirms."""

    async def propose(uow: UnitOfWork) -> None:
        reasons = bureau.rules(uow.now).applications.rulings[Decision.WITHDRAWN]
        reason = require_reason(reasons, code, note)
        await releasing.propose_withdrawal(uow, bureau, person.name, item_id, version, code, reason)

    return await decide(request, pages, database, propose, "/desk/released?done=proposed")


@router.post("/months", dependencies=[Depends(require_role(Role.REVIEWER))])
async def draft_month(
    request: Request, database: DatabaseDep, bureau: BureauDep, pages: PagesDep, month: Annotated[PlainText, Form()]
) -> Response:
    """Draft a closed month on demand, from what figures there are."""
    if not MONTH.fullmatch(month):
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY)
    try:
        return await decide(
            request, pages, database, lambda uow: drafting.draft_month(uow, bureau, month), "/desk?done=drafted"
        )
    except MonthNotClosed as error:
        return _refuse_month(request, pages, error)


def _refuse_month(request: Request, pages: Pages, error: MonthNotClosed) -> Response:
    GATE_REFUSALS.labels(MONTH_NOT_CLOSED).inc()
    language = negotiate_language(request)
    month = period_name(error.month, language)
    if error.draftable_from is None:
        detail = _("%(month)s没有已完成统计的数据，不能起草。", month=month)
    else:
        day = pages.formats(language).day(error.draftable_from)
        detail = _("%(month)s的统计尚未完成，%(day)s起可以起草。", month=month, day=day)
    return pages.problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, detail=detail)
