"""The desk's page of the publication plan: what is due until when, for an office its own part."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from services.publisher.domain.plan import Duty, DutyState
from services.publisher.kinds import find_kind
from services.publisher.kinds.report_fields import FIGURES
from services.publisher.planning import fetch_duties, fetch_item_terms
from services.publisher.reporting import ITEM_KINDS
from services.publisher.store import desk, schedules
from services.publisher.web.dependencies import BureauDep, render
from services.publisher.web.desk import drafters, layout_context
from shared.accounts import Person, Role, find_office
from shared.clock import now
from shared.web.session import DatabaseDep, require_role

PLAN = "/desk/plan"
Planner = Annotated[Person, Depends(require_role(Role.REVIEWER, Role.GATEKEEPER, Role.AUDITOR, Role.DRAFTER))]
router = APIRouter(prefix="/desk", include_in_schema=False)


@router.get("/plan")
async def plan_page(request: Request, person: Planner, database: DatabaseDep, bureau: BureauDep) -> Response:
    """Show what the plan asks for: what is late first, then by its last day; what is done last."""
    at = now()
    rules, today = bureau.rules(at), bureau.today(at)
    async with database.snapshot() as connection:
        duties = await fetch_duties(connection, bureau, at)
        terms = await fetch_item_terms(connection, bureau, at)
        planned = [*(duty.item_id for duty in duties if duty.item_id), *(term.item.item_id for term in terms)]
        waiting = await schedules.fetch_waiting_or_held(connection, planned)
        office = await find_office(connection, person.name) if person.role is Role.DRAFTER else None
        counts = {} if person.role is Role.DRAFTER else await desk.count_by_state(connection)
    drafted_by = {board: of_board.drafted_by.value for board, of_board in rules.boards.items()}
    own = [duty for duty in duties if office is None or drafted_by[duty.board] == office]
    own_terms = [term for term in terms if office is None or drafted_by[term.item.board] == office]
    # Of what is public the newest of each rule is shown, so that one sees that it was done.
    newest = {duty.code: duty for duty in own if duty.state is DutyState.PUBLIC}
    return render(
        request, "desk/plan.html", due=[duty for duty in own if duty.state is not DutyState.PUBLIC],
        done=sorted(newest.values(), key=lambda duty: duty.code), today=today, drafters=drafters(rules),
        draft_address=lambda duty: _draft_address(duty) if office else "", terms=own_terms, waiting=waiting,
        late=sum(duty.is_late(today) for duty in own) + sum(term.is_late(today) for term in own_terms),
        **layout_context(person, counts, PLAN, None),
    )  # fmt: skip


def _draft_address(duty: Duty) -> str:
    """Return where the office drafts it; the months of operators are drafted by the program."""
    kind = find_kind(duty.rule.kind)
    if kind is None or duty.state is not DutyState.MISSING:
        return ""
    has_figures = any(each.name == FIGURES for each in kind.fields)
    return (
        f"/desk/reports/new?kind={_report_kind(duty)}&period={duty.period}" if has_figures else f"/desk/drafts/new/{kind.name}"
    )


def _report_kind(duty: Duty) -> str:
    """Return the kind of report that a duty asks for: that of its period's length, where the item's kind has several."""
    named = [kind.value for kind, (item_kind, _part) in ITEM_KINDS.items() if item_kind == duty.rule.kind]
    return duty.rule.every.value if duty.rule.every.value in named else named[0]
