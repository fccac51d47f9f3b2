"""The desk's pages of complaints: what was entered here as a list, one complaint with its history, operators while typing."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

import asyncpg
from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse

from services.intake.domain.handling import WITH_ACCEPTANCE, Step, possible_steps
from services.intake.store import cases
from services.intake.store.cases import CaseFilter, StoredComplaint
from services.intake.store.operator_search import search_operators
from services.intake.web.entry_form import NUMBER, SOURCE
from services.intake.web.entry_page import DESK, Clerk, desk_context
from services.intake.web.handling_form import LABELS, MAX_NOTE, STEP_NAMES, grounds_of
from shared.accounts import Person, Role, display_names, fetch_colleagues
from shared.clock import local_day
from shared.contracts import Status
from shared.reference import categories, industries, regions
from shared.rules import Rules
from shared.stream import Database
from shared.web.i18n import Text, _
from shared.web.pages import get_pages
from shared.web.session import DatabaseDep, require_role, session_token

PAGE = 50
CANDIDATES = 10
COMPLAINTS = DESK + "/complaints"
# Who reviews, releases or decides sees what a figure is made of: facts and redacted texts.
READERS = (Role.CLERK, Role.REVIEWER, Role.GATEKEEPER, Role.OFFICER, Role.AUDITOR)
Reader = Annotated[Person, Depends(require_role(*READERS))]
Search = Annotated[str, Query(max_length=100)]
TOASTS: dict[str, Text] = {
    "recorded": _("已记录。"),
    "edited": _("已修改。"),
    "handed_over": _("已移交。"),
    "noted": _("备注已保存。"),
}

router = APIRouter(tags=["desk"], include_in_schema=False)


@router.get(COMPLAINTS)
async def list_complaints(
    request: Request, clerk: Clerk, database: DatabaseDep,
    q: Search = "", status: str = "", mine: str = "", before: Annotated[str, Query(pattern=r"^(?:D[0-9A-Z-]{15})?$")] = "",
) -> Response:  # fmt: skip
    """Show what was entered at the desk, the newest first; a number finds the complaints of every source."""
    words = q.strip()
    criteria = CaseFilter(
        status if status in set(Status) else None, clerk.name if mine == "yes" else None, words or None
    )  # fmt: skip
    async with database.snapshot() as connection:
        found = await cases.find_by_number(connection, words) if words and not before else []
        rows = [] if found else await cases.list_entered(
            connection, SOURCE, criteria, before=before or cases.BEHIND_ALL, limit=PAGE
        )  # fmt: skip
        names = await display_names(connection, [row.handler for row in (*found, *rows) if row.handler])
    return get_pages(request).render(
        request, "complaints.html", rows=found or rows, names=names, criteria=criteria, mine=mine == "yes", q=words,
        statuses=[each.value for each in Status], source=SOURCE,
        next_before=rows[-1].facts.external_id if len(rows) == PAGE else None, **desk_context(clerk, COMPLAINTS),
    )  # fmt: skip


@router.get(DESK + "/operators")
async def find_operators(_clerk: Clerk, database: DatabaseDep, q: Search = "") -> Response:
    """Return operators by a part of their name, for the field in which it is typed."""
    async with database.snapshot() as connection:
        found = await search_operators(connection, q, CANDIDATES)
    return JSONResponse([{"name": each.name, "uscc": each.uscc} for each in found])


@router.get(COMPLAINTS + "/{complaint_id}")
async def show_complaint(
    request: Request, complaint_id: UUID, person: Reader, database: DatabaseDep, done: str = ""
) -> Response:
    """Show a complaint: facts, redacted texts, what was done about it at the desk, and there what can be done."""
    return await render_complaint(request, person, database, complaint_id, toast=TOASTS.get(done))


async def render_complaint(
    request: Request,
    person: Person,
    database: Database,
    complaint_id: UUID,
    *,
    status: int = HTTPStatus.OK,
    values: Mapping[str, str] | None = None,
    errors: Mapping[str, Text] | None = None,
    toast: Text | None = None,
) -> Response:
    """Render the page of a complaint; `values` and `errors` are those of a form that was refused."""
    async with database.snapshot() as connection:
        complaint = await find_complaint(connection, complaint_id)
        history = await cases.fetch_history(connection, complaint_id)
        accounts = {step.done_by for step in history} | {step.handed_to for step in history if step.handed_to}
        names = await display_names(connection, sorted(accounts | ({complaint.handler} if complaint.handler else set())))
        handles = is_handled_by(complaint, person)
        colleagues = await fetch_colleagues(connection, session_token(request)) if handles else {}
    rules: Rules = rules_now(request, database)
    context: dict[str, Any] = {
        "complaint": complaint,
        "facts": complaint.facts,
        "history": history,
        "names": names,
        "step_names": STEP_NAMES,
        "labels": LABELS,
        "steps": possible_steps(complaint.facts) if handles else (),
        "outcomes": [each.value for each in WITH_ACCEPTANCE],
        "grounds": {step.value: grounds_of(rules, step) for step in Step},
        "rules": rules,
        "colleagues": colleagues,
        "handles": handles,
        "regions": regions(),
        "industries": industries(),
        "categories": categories(),
        "values": values or {"day": local_day(database.clock(), request.app.state.settings.zone).isoformat()},
        "errors": errors or {},
        "max_note": MAX_NOTE,
    }
    return get_pages(request).render(
        request, "complaint.html", status=status, toast=toast, **context, **desk_context(person, COMPLAINTS)
    )


async def find_complaint(connection: asyncpg.Connection, complaint_id: UUID) -> StoredComplaint:
    """Return a complaint; 404 for an unknown one."""
    complaint = await cases.find_by_id(connection, complaint_id)
    if complaint is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return complaint


def is_handled_by(complaint: StoredComplaint, person: Person) -> bool:
    """Return whether a person may record what is done: a clerk, of what was entered at the desk."""
    entered = complaint.source == SOURCE and NUMBER.fullmatch(complaint.facts.external_id) is not None
    return person.role is Role.CLERK and entered


def rules_now(request: Request, database: Database) -> Rules:
    """Return the rules in force."""
    state = request.app.state
    rules: Rules = state.rule_book.in_force(local_day(database.clock(), state.settings.zone))
    return rules
