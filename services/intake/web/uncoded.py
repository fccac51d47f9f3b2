"""The clerks' page of names without a credit code: candidates, a code that is entered, or left as they are."""

from __future__ import annotations

from enum import StrEnum
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Form, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse

from services.intake.domain.name_core import name_core
from services.intake.domain.operators import parse_uscc
from services.intake.store import operators, reattributions, uncoded_names
from services.intake.store.operators import Operator
from services.intake.web.entry_page import Clerk, desk_context
from services.intake.web.names import NAMES
from shared.reference import regions
from shared.stream import JournalEntry
from shared.web.bodies import STAFF_FORM, accept_body
from shared.web.i18n import Text, _
from shared.web.pages import PagesDep
from shared.web.parameters import PlainText
from shared.web.session import DatabaseDep

PAGE = 20
CANDIDATES = 5
UNCODED = NAMES + "/uncoded"
PLACE = r"^(?:[0-9]{1,12}~[0-9a-f]{32})?$"
TOASTS: dict[str, Text] = {
    "assigned": _("已记录，投诉随后转到所定的经营者名下。"),
    "left": _("已记录，暂不归属。"),
    "reopened": _("已恢复，重新列入待归属。"),
}


class View(StrEnum):
    """Which names are shown."""

    WAITING = "waiting"
    DECIDED = "decided"


class Act(StrEnum):
    """What is done about a name."""

    ASSIGN = "assign"
    LEAVE = "leave"
    REOPEN = "reopen"


router = APIRouter(tags=["desk"], include_in_schema=False)


@router.get(UNCODED)
async def show_uncoded(
    request: Request, clerk: Clerk, database: DatabaseDep, pages: PagesDep,
    after: Annotated[str, Query(pattern=PLACE)] = "", view: View = View.WAITING, done: str = "", fault: str = "",
) -> Response:  # fmt: skip
    """Show the names without a credit code, those with the most complaints first, or those that were decided."""
    async with database.snapshot() as connection:
        if view is View.DECIDED:
            names = await uncoded_names.list_decided(connection, PAGE * 5)
        else:
            names = await uncoded_names.list_waiting(connection, _parse_place(after), PAGE)
        places = {each.zh for each in regions().values()}
        cores = {each.name_key: name_core(each.name, places) for each in names}
        candidates = await uncoded_names.fetch_candidates(connection, cores, CANDIDATES) if cores else {}
    last = uncoded_names.place_of(names[-1]) if view is View.WAITING and len(names) == PAGE else None
    return pages.render(
        request, "uncoded.html", names=names, candidates=candidates, decided=view is View.DECIDED, toast=TOASTS.get(done),
        bad_code=fault == "uscc", next_after=f"{last[0]}~{last[1]}" if last else None, **desk_context(clerk, NAMES),
    )  # fmt: skip


@router.post(UNCODED, dependencies=[Depends(accept_body(STAFF_FORM))])
async def decide_uncoded(
    clerk: Clerk, database: DatabaseDep, name: Annotated[PlainText, Form(max_length=300)],
    act: Annotated[Act, Form()] = Act.ASSIGN, uscc: Annotated[PlainText, Form(max_length=40)] = "",
    typed: Annotated[PlainText, Form(max_length=40)] = "", registered: Annotated[PlainText, Form(max_length=200)] = "",
) -> Response:  # fmt: skip
    """Decide whose a name is; its complaints follow. 409 where it stands so already or a code claims it by now.

    `uscc` is a candidate's code, `typed` one that was entered, with the `registered` name of an operator that is not known yet.
    """
    code = parse_uscc(uscc or typed) or ""
    if act is Act.ASSIGN and not code:
        return RedirectResponse(f"{UNCODED}?fault=uscc", HTTPStatus.SEE_OTHER)
    async with database.unit_of_work() as uow:
        if act is Act.REOPEN:
            decided = await uncoded_names.reopen(uow.connection, name)
        else:
            target = code if act is Act.ASSIGN else ""
            decided = await uncoded_names.assign(uow.connection, name, target, by=clerk.name, at=uow.now)
        if decided is None:
            raise HTTPException(HTTPStatus.CONFLICT)
        if act is Act.ASSIGN:
            await operators.add_operators(uow.connection, [Operator(code, registered.strip() or decided, None, None)])
        await reattributions.enqueue_names(uow.connection, [name])
        uow.journal(JournalEntry(clerk.name, "name_assigned", decided, detail={"operator": code or None, "act": act}))
    return RedirectResponse(f"{UNCODED}?done={_DONE[act]}", HTTPStatus.SEE_OTHER)


_DONE = {Act.ASSIGN: "assigned", Act.LEAVE: "left", Act.REOPEN: "reopened"}


def _parse_place(after: str) -> tuple[int, str]:
    complaints, _sep, place = after.partition("~")
    return (int(complaints), place) if after else uncoded_names.BEFORE_ALL
