"""The desk's page of months: drafted, discarded and withdrawn as batches."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Query, Request, Response

from services.publisher import month_batches
from services.publisher.batches import find_sampling
from services.publisher.domain.basic import OPERATOR_MONTH
from services.publisher.store import desk
from services.publisher.store import month_batches as stored
from services.publisher.web.decisions import DIGEST, MONTH, Code, Gatekeeper, Note, Reviewer, decide, require_reason
from services.publisher.web.dependencies import BureauDep, render
from services.publisher.web.desk import Staff, layout_context
from shared.accounts import Role, display_names
from shared.clock import now
from shared.contracts import Decision
from shared.stream import UnitOfWork
from shared.web.pages import PagesDep
from shared.web.parameters import PlainText
from shared.web.session import DatabaseDep

PAGE = 12
router = APIRouter(prefix="/desk", include_in_schema=False)


@router.get("/months")
async def months_page(
    request: Request, person: Staff, database: DatabaseDep, bureau: BureauDep,
    before: Annotated[str, Query(pattern=MONTH.pattern)] = stored.BEHIND_ALL, dialog: str = "", done: str | None = None,
) -> Response:  # fmt: skip
    """Show a page of months, each as a batch; with `dialog`, a month, also the dialog that withdraws it or confirms that."""
    async with database.snapshot() as connection:
        batches = await stored.list_batches(connection, PAGE, before)
        counts = await desk.count_by_state(connection)
        confirms = person.role is Role.GATEKEEPER and MONTH.fullmatch(dialog)
        withdrawals = await stored.fetch_withdrawals(connection, dialog) if confirms else []
        names = await display_names(connection, sorted({each.drafted_by for each in withdrawals}))
    return render(
        request, "desk/months.html", batches=batches, dialog=dialog, withdrawals=withdrawals, names=names,
        batch_digest=month_batches.batch_digest(withdrawals), rules=bureau.rules(now()),
        can_gather=find_sampling(bureau.rules(now()), OPERATOR_MONTH) is not None,
        next_before=batches[-1].month if len(batches) == PAGE else None,
        **layout_context(person, counts, "/desk/months", done),
    )  # fmt: skip


@router.post("/months/{month}/batch")
async def gather(
    request: Request, month: str, person: Reviewer, database: DatabaseDep, bureau: BureauDep, pages: PagesDep
) -> Response:
    """Have a month reviewed as a batch: its sample one by one, the rest together."""
    _require_month(month)
    return await decide(
        request, pages, database, lambda uow: month_batches.gather(uow, bureau, person.name, month), "/desk/batches"
    )


@router.post("/months/{month}/discard")
async def discard(
    request: Request, month: str, person: Reviewer, database: DatabaseDep, bureau: BureauDep, pages: PagesDep
) -> Response:
    """Discard what a month has not released."""
    _require_month(month)
    return await decide(
        request,
        pages,
        database,
        lambda uow: month_batches.discard(uow, bureau, person.name, month),
        "/desk/months?done=discarded",
    )


@router.post("/months/{month}/withdraw")
async def withdraw(
    request: Request, month: str, person: Reviewer, database: DatabaseDep, bureau: BureauDep, pages: PagesDep,
    note: Note, code: Code = "",
) -> Response:  # fmt: skip
    """Propose to withdraw all that is public of a month; the gatekeeper confirms."""
    _require_month(month)

    async def propose(uow: UnitOfWork) -> int:
        reasons = bureau.rules(uow.now).applications.rulings[Decision.WITHDRAWN]
        reason = require_reason(reasons, code, note)
        return await month_batches.propose_withdrawal(uow, bureau, person.name, month, code, reason)

    return await decide(request, pages, database, propose, "/desk/months?done=proposed")


@router.post("/months/{month}/confirm")
async def confirm(
    request: Request, month: str, person: Gatekeeper, database: DatabaseDep, bureau: BureauDep, pages: PagesDep,
    seen: Annotated[PlainText, Form()], checked: Annotated[PlainText, Form()] = "",
) -> Response:  # fmt: skip
    """Confirm the withdrawal of a month in one act."""
    _require_month(month)
    if checked != "yes" or not DIGEST.fullmatch(seen):
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY)
    return await decide(
        request,
        pages,
        database,
        lambda uow: month_batches.confirm_withdrawal(uow, bureau, person.name, month, seen),
        "/desk/months?done=withdrawn",
    )


def _require_month(month: str) -> None:
    if not MONTH.fullmatch(month):
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY)
