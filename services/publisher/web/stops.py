"""The desk's list of what one person took off public view at once, and what a second person says of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from services.publisher import stopping
from services.publisher.bureau import BureauContext
from services.publisher.store import desk, stops
from services.publisher.web.decisions import Code, Note, ReviewerOrGatekeeper, decide, require_reason
from services.publisher.web.dependencies import BureauDep, render
from services.publisher.web.desk import PAGE, Staff, layout_context
from services.publisher.web.release_numbers import bad_request, parse_moment
from shared.accounts import Role, display_names
from shared.clock import now
from shared.contracts import Decision
from shared.stream import UnitOfWork
from shared.web.pages import PagesDep
from shared.web.parameters import Int32
from shared.web.session import DatabaseDep

LIST = "/desk/stops"
router = APIRouter(prefix="/desk", include_in_schema=False)


@router.get("/stops")
async def stops_page(
    request: Request, person: Staff, database: DatabaseDep, bureau: BureauDep,
    cursor: str | None = None, done: str | None = None,
) -> Response:  # fmt: skip
    """Show what waits for a second person, and what was decided."""
    async with database.snapshot() as connection:
        waiting = [] if cursor else await stops.list_stops(connection, waiting=True, limit=PAGE)
        rows = await stops.list_stops(connection, waiting=False, before=_parse_cursor(cursor), limit=PAGE)
        counts = await desk.count_by_state(connection)
        names = await display_names(
            connection, [name for row in (*waiting, *rows) for name in (row.stopped_by, row.decided_by) if name]
        )
    last = rows[-1] if len(rows) == PAGE else None
    return render(
        request, "desk/stops.html", waiting=waiting, rows=rows, names=names, rules=bureau.rules(now()),
        may_decide=person.role in {Role.REVIEWER, Role.GATEKEEPER},
        next_cursor=f"{last.stopped_at.isoformat()}~{last.item_id}" if last else None,
        **layout_context(person, counts, LIST, done),
    )  # fmt: skip


def _parse_cursor(cursor: str | None) -> tuple[datetime, str] | None:
    if not cursor:
        return None
    moment, _sep, item_id = cursor.partition("~")
    stopped_at = parse_moment(moment)
    if stopped_at is None:
        raise bad_request("the cursor is not one of ours")
    return stopped_at, item_id


@router.post("/items/{item_id}/stop")
async def stop(
    request: Request, item_id: str, person: ReviewerOrGatekeeper, database: DatabaseDep, bureau: BureauDep, pages: PagesDep,
    version: Annotated[Int32, Form()], note: Note, code: Code = "",
) -> Response:  # fmt: skip
    """Take what is public off view at once; another person confirms it afterwards."""

    async def act(uow: UnitOfWork) -> None:
        reasons = bureau.rules(uow.now).applications.rulings[Decision.WITHDRAWN]
        reason = require_reason(reasons, code, note)
        await stopping.stop(uow, bureau, person.name, item_id, version, code, reason)

    return await decide(request, pages, database, act, f"{LIST}?done=stopped")


class StopAct(StrEnum):
    """What a second person says of a stop."""

    CONFIRM = "confirm"
    REVERSE = "reverse"


ACTS: Mapping[StopAct, Callable[[UnitOfWork, BureauContext, str, str], Awaitable[object]]] = {
    StopAct.CONFIRM: stopping.confirm,
    StopAct.REVERSE: stopping.reverse,
}


@router.post("/items/{item_id}/stop/{act}")
async def decide_stop(
    request: Request, item_id: str, act: StopAct, person: ReviewerOrGatekeeper, database: DatabaseDep, bureau: BureauDep,
    pages: PagesDep,
) -> Response:  # fmt: skip
    """Confirm what another person stopped, or draft it anew."""
    return await decide(
        request,
        pages,
        database,
        lambda uow: ACTS[act](uow, bureau, person.name, item_id),
        f"{LIST}?done=stop_{act}",
    )
