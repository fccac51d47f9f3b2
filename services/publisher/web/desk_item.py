"""The desk's page of one item: the version at work against the public one, its checks, and what can be decided."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response

from services.publisher.desk_drafts import is_editable as is_draft_editable
from services.publisher.domain.case_summary import MAX_SUMMARY
from services.publisher.domain.drafting import DRAFTER, Purpose, State
from services.publisher.editing import is_editable
from services.publisher.kinds import find_kind
from services.publisher.reporting import find_moved
from services.publisher.store import case_summaries, desk, gate, gate_steps, holds, non_publications, schedules, stops
from services.publisher.store.versions import Version, version_at_work
from services.publisher.web.check_texts import check_entries
from services.publisher.web.dependencies import BureauDep, PresenterDep, render
from services.publisher.web.desk import current_approvals, drafters, is_own_step, layout_context
from services.publisher.web.list_filter import FilterDep
from services.publisher.web.presenter import FormPresenter, field_position
from shared.accounts import Person, Role, display_names, find_office
from shared.clock import now
from shared.contracts import Decision
from shared.rules import Reason, Rules
from shared.web.session import DatabaseDep, require_role

Reader = Annotated[Person, Depends(require_role(Role.REVIEWER, Role.GATEKEEPER, Role.AUDITOR, Role.DRAFTER))]
router = APIRouter(prefix="/desk", include_in_schema=False)


@router.get("/items/{item_id}")
async def detail_page(
    request: Request, item_id: str, person: Reader, database: DatabaseDep, bureau: BureauDep, presenter: PresenterDep,
    narrowed: FilterDep, dialog: str = "", only: str = "", done: str | None = None,
) -> Response:  # fmt: skip
    """Show one item: the version at work against the public one, its checks, and what can be decided."""
    async with database.snapshot() as connection:
        versions = await desk.fetch_versions(connection, item_id)
        counts = await desk.count_by_state(connection)
        approvals = await gate.fetch_approvals(connection, [item_id])
        names = await display_names(connection, [name for v in versions for name in (v.decided_by, v.drafted_by) if name])
        texts = await case_summaries.fetch_texts(connection, item_id)
        proposal = await non_publications.fetch_waiting(connection, item_id)
        stopped = await stops.fetch_of_item(connection, item_id)
        hold = await holds.fetch_hold(connection, item_id)
        scheduled = (await schedules.fetch_of_items(connection, [item_id])).get(item_id)
        names |= await display_names(
            connection, [*([hold.held_by] if hold else []), *([scheduled.scheduled_by] if scheduled else [])]
        )
        if proposal:
            names |= await display_names(connection, [proposal.proposed_by])
        office = await find_office(connection, person.name)
        notices = await gate_steps.fetch_notices(connection, [item_id])
        current = version_at_work(versions)
        found = await find_moved(connection, bureau, current.form, bureau.rules(now())) if current else None
        previous, following = (
            await desk.fetch_neighbours(connection, current, narrowed.of_state(current.state)) if current else (None, None)
        )
    if current is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    rules = bureau.rules(now())
    kind = find_kind(current.form.kind) or next((find_kind(v.form.kind) for v in versions if v.form.kind), None)
    owns = kind is not None and rules.boards[kind.board].drafted_by == office
    if person.role is Role.DRAFTER and not owns:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    base = _comparison_base(versions, current)
    rows = _diff_rows(presenter, base, current)
    changed = [row for row in rows if row[1] != row[2]]
    return render(
        request, "desk/detail.html", version=current, notice=notices.get((item_id, current.digest)),
        notice_workdays=needed_notice(rules, current, versions), base=base, versions=versions, changes=len(changed),
        rows=changed if base and only == "changes" else rows, only=only, checks=check_entries(current.checks),
        previous=previous, following=following, approvals=current_approvals(current, approvals), names=names, dialog=dialog,
        rules=rules, narrowed=narrowed.query, drafters=drafters(rules), office_edits=owns and person.role is Role.DRAFTER,
        moved=found[1] if found else (), can_edit=is_draft_editable(current), is_own=is_own_step(current, approvals, person),
        proposal=proposal if proposal and proposal.is_about(current) else None,
        stopped=stopped if stopped and stopped.outcome is None else None, stop_reasons=_stop_reasons(rules, versions),
        hold=hold, scheduled=scheduled, texts=texts,
        may_edit=person.role is Role.REVIEWER and is_editable(current), MAX_SUMMARY=MAX_SUMMARY, DRAFTER=DRAFTER,
        Purpose=Purpose, State=State, Role=Role, **layout_context(person, counts, "", done),
    )  # fmt: skip


def _stop_reasons(rules: Rules, versions: list[Version]) -> dict[str, Reason]:
    """Return the reasons for which one person may take the item off public view at once."""
    reasons = rules.applications.rulings[Decision.WITHDRAWN]
    return {code: reason for code, reason in reasons.items() if rules.stops.allows(versions[0].board, code)}


def needed_notice(rules: Rules, current: Version, versions: list[Version]) -> int:
    """Return for how many working days the operator is to be told of a version before it is released; 0 is not at all."""
    is_first = not any(version.state in {State.RELEASED, State.SUPERSEDED} for version in versions)
    if current.purpose is Purpose.WITHDRAW or not current.form.operator or not is_first:
        return 0
    return rules.notice_workdays(current.board, current.form.kind)


def _comparison_base(versions: list[Version], current: Version) -> Version | None:
    """Return the version that the one at work is compared with: what is public, else what was before."""
    earlier = [v for v in versions if v.version < current.version and v.purpose is Purpose.PUBLISH]
    return next((v for v in earlier if v.state is State.RELEASED), earlier[0] if earlier else None)


def _diff_rows(presenter: FormPresenter, base: Version | None, current: Version) -> list[tuple[str, str, str]]:
    before = base.form.fields() if base else {}
    after = current.form.fields()
    names = sorted({*after, *before}, key=lambda name: (field_position(name), name))
    return [
        (
            presenter.label(name),
            *(presenter.field_change(name, before, after) if base else ("", presenter.field_value(name, after))),
        )
        for name in names
        if before.get(name) or after.get(name)
    ]
