"""Release at a set time, and holds: what waits for its time, what was stopped before it, what is held and why."""

from __future__ import annotations

from datetime import date, datetime, time
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request, Response

from services.publisher import scheduling
from services.publisher.store import desk, holds, schedules
from services.publisher.web.decisions import Back, Gatekeeper, Items, Note, ReviewerOrGatekeeper, decide, parse_selection
from services.publisher.web.dependencies import BureauDep, render
from services.publisher.web.desk import PAGE, Staff, layout_context
from services.publisher.web.list_address import back_to
from shared.accounts import Role, display_names
from shared.stream import UnitOfWork
from shared.web.pages import PagesDep
from shared.web.parameters import PlainText
from shared.web.session import DatabaseDep

LIST = "/desk/scheduled"
router = APIRouter(prefix="/desk", include_in_schema=False)


@router.get("/scheduled")
async def scheduled_page(
    request: Request, person: Staff, database: DatabaseDep, bureau: BureauDep, done: str | None = None
) -> Response:
    """Show what is released at a time, what was stopped before it and waits for a decision, and what is held."""
    async with database.snapshot() as connection:
        waiting = await schedules.list_waiting(connection, PAGE)
        stopped = await schedules.list_stopped(connection, PAGE)
        held = await holds.list_holds(connection, PAGE)
        counts = await desk.count_by_state(connection)
        people = {*(row.scheduled_by for row in (*waiting, *stopped)), *(row.held_by for row in held)}
        names = await display_names(connection, sorted(people))
    return render(
        request, "desk/scheduled.html", waiting=waiting, stopped=stopped, held=held, names=names,
        is_rest_day=lambda moment: not bureau.calendar.is_workday(bureau.today(moment)),
        is_gatekeeper=person.role is Role.GATEKEEPER, **layout_context(person, counts, LIST, done),
    )  # fmt: skip


@router.post("/schedule")
async def schedule(
    request: Request, person: Gatekeeper, database: DatabaseDep, bureau: BureauDep, pages: PagesDep, item: Items, seen: Items,
    day: Annotated[date, Form()], at: Annotated[time, Form(alias="time")],
    checked: Annotated[PlainText, Form()] = "", back: Back = "",
) -> Response:  # fmt: skip
    """Release approved versions as the gatekeeper, with effect at a day and time of the bureau."""
    if checked != "yes":
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY)
    selection = parse_selection(item, seen)
    release_at = datetime.combine(day, at.replace(tzinfo=None), bureau.zone)

    async def act(uow: UnitOfWork) -> None:
        await scheduling.schedule(uow, bureau, person.name, selection, release_at)

    return await decide(request, pages, database, act, back_to("/desk/approved", back, "scheduled"))


@router.post("/items/{item_id}/schedule/cancel")
async def cancel(
    request: Request, item_id: str, person: Gatekeeper, database: DatabaseDep, bureau: BureauDep, pages: PagesDep
) -> Response:
    """Cancel what is scheduled of an item."""
    return await decide(
        request,
        pages,
        database,
        lambda uow: scheduling.cancel(uow, bureau, person.name, item_id),
        f"{LIST}?done=schedule_cancelled",
    )


@router.post("/items/{item_id}/hold")
async def hold(
    request: Request, item_id: str, person: ReviewerOrGatekeeper, database: DatabaseDep, bureau: BureauDep, pages: PagesDep,
    note: Note,
) -> Response:  # fmt: skip
    """Keep an item from being released, for a reason."""
    if not note.strip():
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY)
    return await decide(
        request,
        pages,
        database,
        lambda uow: scheduling.hold(uow, bureau, person.name, item_id, note.strip()),
        f"{LIST}?done=held",
    )


@router.post("/items/{item_id}/hold/lift")
async def lift(
    request: Request, item_id: str, person: ReviewerOrGatekeeper, database: DatabaseDep, bureau: BureauDep, pages: PagesDep
) -> Response:
    """Lift a hold: one's own, or as the gatekeeper."""
    return await decide(
        request, pages, database, lambda uow: scheduling.lift(uow, bureau, person.name, item_id), f"{LIST}?done=lifted"
    )
