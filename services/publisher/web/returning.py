"""Returning what a reviewer has chosen from the list: first the reason is asked for, then all are returned with it."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, HTTPException, Request, Response

from services.publisher import releasing
from services.publisher.domain.drafting import State
from services.publisher.store import desk
from services.publisher.web.decisions import Back, Code, Items, Note, Reviewer, decide, parse_selection, require_reason
from services.publisher.web.dependencies import BureauDep, render
from services.publisher.web.desk import layout_context
from services.publisher.web.list_address import back_to
from shared.clock import now
from shared.stream import UnitOfWork
from shared.web.pages import PagesDep
from shared.web.session import DatabaseDep

router = APIRouter(prefix="/desk", include_in_schema=False)


@router.post("/return")
async def return_selection(
    request: Request, person: Reviewer, database: DatabaseDep, bureau: BureauDep, pages: PagesDep, seen: Items,
    item: Items = [], code: Code = "", note: Note = "", back: Back = "",  # noqa: B006 - FastAPI copies it
) -> Response:  # fmt: skip
    """Without a reason show the chosen drafts and ask for one; with it return them."""
    if not item:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY)
    selection = parse_selection(item, seen)
    rules = bureau.rules(now())
    if not code:
        async with database.snapshot() as connection:
            rows = await desk.fetch_open_versions_of(connection, [each.item_id for each in selection], State.DRAFT)
            counts = await desk.count_by_state(connection)
        return render(
            request, "desk/return.html", rows=rows, selection=selection, rules=rules, back=back,
            **layout_context(person, counts, "/desk", None),
        )  # fmt: skip
    reason = require_reason(rules.returns, code, note)

    async def act(uow: UnitOfWork) -> None:
        await releasing.send_back_all(uow, bureau, person.name, selection, code, reason)

    return await decide(request, pages, database, act, back_to("/desk", back, "returned"))
