"""The desk's pages: drafts for review, returned versions, approved versions, released items, corrections and withdrawals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from services.publisher.domain.drafting import DRAFTER, Purpose, State
from services.publisher.kinds import KINDS
from services.publisher.store import closings, desk, gate, listing, non_publications, schedules, screens
from services.publisher.store.desk import VersionFilter
from services.publisher.store.versions import Version
from services.publisher.web.check_texts import most_severe_finding
from services.publisher.web.dependencies import BureauDep, render
from services.publisher.web.list_filter import AGES, KIND_LABELS, FilterDep
from services.publisher.web.overview import OverviewDep
from services.publisher.web.release_batch import count_parts
from services.publisher.web.release_numbers import ReleaseNumber, bad_request, parse_moment
from shared.accounts import Person, Role, display_names
from shared.clock import now
from shared.contracts import Board
from shared.reference import districts
from shared.rules import Rules
from shared.web.i18n import Text, _
from shared.web.session import DatabaseDep, require_role
from shared.web.vocabulary import word

PAGE = 200
DELIVERIES = 3
Staff = Annotated[Person, Depends(require_role(Role.REVIEWER, Role.GATEKEEPER, Role.AUDITOR))]
BoardChoice = Annotated[Board | None, Query()]
router = APIRouter(prefix="/desk", include_in_schema=False)

TABS = (
    (State.DRAFT, _("待审核"), "/desk"),
    (State.RETURNED, _("已退回"), "/desk/returned"),
    (State.APPROVED, _("待发布"), "/desk/approved"),
)
# Where people begin who do not review or release.
TOASTS: dict[str, Text] = {
    "approved": _("已通过，转待发布。"),
    "returned": _("已退回，理由已记录。"),
    "non_publication_proposed": _("已提出不予公示，须由他人确认。"),
    "rejected": _("已决定不予公示。"),
    "dismissed": _("不同意不予公示，继续办理。"),
    "reopened": _("已恢复办理，转待审核。"),
    "released": _("已发布。"),
    "proposed": _("撤回已提出，由发布岗确认。"),
    "stopped": _("已撤下，各渠道同时停止公示。须由他人事后确认。"),
    "stop_confirm": _("已确认撤回。"),
    "stop_reverse": _("不同意撤回，原内容已重新起草，转待审核。"),
    "drafted": _("已起草。"),
    "withdrawn": _("已整批撤回。"),
    "discarded": _("已作废，可以重新起草。"),
    "draft_discarded": _("已作废。"),
    "saved": _("已保存，待审核。"),
    "looked": _("已记录。"),
    "dissolved": _("已改为逐条审核。"),
    "scheduled": _("已定时，到时自动发布。"),
    "schedule_cancelled": _("已取消定时发布，仍待发布。"),
    "held": _("已暂缓发布。"),
    "lifted": _("已解除暂缓。"),
    "edited": _("案情摘要已保存，须由其他审核人员审核。"),
    "screen_registered": _("已登记，请用播放机显示的配对码配对。"),
    "screen_pairing": _("配对码已记下，播放机20秒内配对成功。"),
    "screen_removed": _("已移除。"),
    "target_paused": _("已暂停推送。"),
    "target_resumed": _("已恢复推送。"),
    "target_resent": _("正在重新推送。"),
    "target_tested": _("测试消息已被对方接收。"),
    "target_test_failed": _("测试消息未被接收，原因见推送记录。"),
}


def layout_context(person: Person, counts: Mapping[str, int], current: str, done: str | None) -> dict[str, Any]:
    """Return what the desk's layout needs."""
    tabs = [{"name": n, "url": u, "count": counts.get(s, 0), "current": current == u} for s, n, u in TABS]
    declined = "/desk/declined"
    tabs.append({"name": _("不予公示"), "url": declined, "count": counts.get(desk.PROPOSED, 0), "current": current == declined})
    stopped = "/desk/stops"
    tabs.append({"name": _("事后确认"), "url": stopped, "count": counts.get(desk.STOPPED, 0), "current": current == stopped})
    tabs.append({"name": _("已发布"), "url": "/desk/released", "count": None, "current": current == "/desk/released"})
    tabs.append({"name": _("撤回与更正"), "url": "/desk/changes", "count": None, "current": current == "/desk/changes"})
    waits = "/desk/scheduled"
    tabs.append({"name": _("定时与暂缓"), "url": waits, "count": counts.get(desk.SCHEDULED, 0), "current": current == waits})
    batched, current_batches = counts.get(desk.BATCHED, 0), current == "/desk/batches"
    tabs.append({"name": _("成批审核"), "url": "/desk/batches", "count": batched, "current": current_batches})
    tabs.append({"name": _("按月批次"), "url": "/desk/months", "count": None, "current": current == "/desk/months"})
    planned = {"name": _("公示计划"), "url": "/desk/plan", "count": None, "current": current == "/desk/plan"}
    tabs.append(planned)
    if person.role in {Role.OPS, Role.GATEKEEPER}:
        # Who runs the system keeps its screens, and has nothing to do with what they show.
        others = [] if person.role is Role.OPS else tabs
        kept = ((_("公示屏"), "/desk/screens"), (_("推送对象"), "/desk/targets"))
        tabs = list(others)
        for name, url in kept:
            tabs.append({"name": name, "url": url, "count": None, "current": current == url})
    if person.role is Role.DRAFTER:
        drafts = {"name": _("本单位起草"), "url": "/desk/drafts", "count": None, "current": current == "/desk/drafts"}
        tabs = [drafts, planned]
    return {
        "desk": _("公示工作台"),
        "desk_url": "/desk",
        "person": person,
        "tabs": tabs,
        "toast": TOASTS.get(done or ""),
        "board_choices": [("", _("全部板块")), *((board.value, word("board", board)) for board in Board)],
    }


def filter_choices() -> dict[str, Any]:
    """Return what the lists can be narrowed by, as pairs of value and text."""
    any_of: tuple[str, Text] = ("", _("全部"))
    return {
        "kind_choices": [any_of, *KIND_LABELS.items()],
        "age_choices": [any_of, *((str(days), _("%(days)s天以上", days=days)) for days in AGES)],
        "region_choices": districts(),
    }


def drafters(rules: Rules) -> dict[str, Text | str]:
    """Return which office drafts each board."""
    return {board.value: word("office", of_board.drafted_by) for board, of_board in rules.boards.items()}


def _parse_cursor(cursor: str | None) -> desk.KeysetPosition:
    if not cursor:
        return desk.FIRST_POSITION
    order, _sep, rest = cursor.partition("~")
    moment, _sep, item_id = rest.partition("~")
    drafted_at = parse_moment(moment)
    if drafted_at is None:
        raise bad_request("the cursor is not one of ours")
    return order.startswith("1"), order.endswith("1"), drafted_at, item_id


def _next_cursor(rows: list[Version], limit: int) -> str | None:
    if len(rows) < limit:
        return None
    last = rows[-1]
    return f"{int(not last.urgent)}{int(last.failing > 0)}~{last.drafted_at.isoformat()}~{last.item_id}"


@router.get("")
async def queue_page(
    request: Request, person: Staff, database: DatabaseDep, bureau: BureauDep,
    narrowed: FilterDep, cursor: str | None = None, done: str | None = None, select: str = "",
) -> Response:  # fmt: skip
    """Show the drafts to be reviewed."""
    draft_filter = narrowed.of_state(State.DRAFT)
    async with database.snapshot() as connection:
        rows = await desk.fetch_open_versions(connection, draft_filter, after=_parse_cursor(cursor), limit=PAGE)
        total = await desk.count_open_versions(connection, draft_filter)
        counts = await desk.count_by_state(connection)
        urgent = await desk.count_urgent(connection, State.DRAFT)
        titles = await desk.fetch_public_titles(connection, _withdrawn_ids(rows))
        waiting = await closings.fetch_incomplete_months(connection)
        proposed = await non_publications.fetch_proposed(connection, [row.item_id for row in rows])
    return render(
        request, "desk/queue.html", rows=rows, proposed=proposed, total=total,
        finding_of=lambda row: most_severe_finding(row.checks),
        narrowed=narrowed, at=now(), **filter_choices(), waiting=waiting, all_checked=select == "all", cursor=cursor,
        next_cursor=_next_cursor(rows, PAGE), urgent=urgent, titles=titles,
        drafters=drafters(bureau.rules(now())), **layout_context(person, counts, "/desk", done),
    )  # fmt: skip


@router.get("/returned")
async def returned_page(
    request: Request,
    person: Staff,
    database: DatabaseDep,
    bureau: BureauDep,
    cursor: str | None = None,
    done: str | None = None,
) -> Response:
    """Show what was sent back, with the reasons."""
    async with database.snapshot() as connection:
        returned = VersionFilter(State.RETURNED)
        rows = await desk.fetch_open_versions(connection, returned, after=_parse_cursor(cursor), limit=PAGE)
        counts = await desk.count_by_state(connection)
        names = await display_names(connection, [row.decided_by for row in rows if row.decided_by])
        titles = await desk.fetch_public_titles(connection, _withdrawn_ids(rows))
    return render(
        request, "desk/returned.html", rows=rows, names=names, titles=titles, next_cursor=_next_cursor(rows, PAGE),
        rules=bureau.rules(now()), drafters=drafters(bureau.rules(now())),
        **layout_context(person, counts, "/desk/returned", done),
    )  # fmt: skip


@router.get("/approved")
async def approved_page(
    request: Request, person: Staff, database: DatabaseDep, bureau: BureauDep, narrowed: FilterDep,
    cursor: str | None = None, done: str | None = None, item: Annotated[list[str] | None, Query()] = None, select: str = "",
) -> Response:  # fmt: skip
    """Show the approved versions; with `item` also the dialog that releases these."""
    async with database.snapshot() as connection:
        approved = narrowed.of_state(State.APPROVED)
        rows = await desk.fetch_open_versions(connection, approved, after=_parse_cursor(cursor), limit=PAGE)
        total = await desk.count_open_versions(connection, approved)
        # What was chosen on an item's own page may stand anywhere in the list.
        chosen = await desk.fetch_open_versions_of(connection, (item or [])[:PAGE], State.APPROVED)
        counts = await desk.count_by_state(connection)
        urgent = await desk.count_urgent(connection, State.APPROVED)
        titles = await desk.fetch_public_titles(connection, _withdrawn_ids([*rows, *chosen]))
        waiting = await schedules.fetch_waiting_or_held(connection, [row.item_id for row in (*rows, *chosen)])
        approvals = await gate.fetch_approvals(connection, [row.item_id for row in (*rows, *chosen)])
        screen_count = await screens.count_screens(connection)
        latest = await gate.fetch_latest_releases(connection, DELIVERIES)
        deliveries = await screens.fetch_deliveries(connection, [(entry.item.item_id, entry.item.version) for entry in latest])
    selection = set(item or ())
    releasable = {
        row.item_id for row in (*rows, *chosen) if row.item_id not in waiting and not is_own_step(row, approvals, person)
    }
    selected = [row for row in chosen if row.item_id in releasable]
    return render(
        request, "desk/approved.html", rows=rows, narrowed=narrowed, **filter_choices(), total=total,
        waiting=counts.get(State.APPROVED, 0), selected=selected,
        batch=count_parts(selected), KINDS=KINDS, screens=screen_count,
        reviews={row.item_id: current_approvals(row, approvals) for row in rows},
        is_own=lambda row: is_own_step(row, approvals, person), scheduled=waiting, releasable=releasable,
        checked=releasable if select == "all" else selection,
        latest=latest, deliveries=deliveries, urgent=urgent, titles=titles, DRAFTER=DRAFTER,
        rules=bureau.rules(now()), at=now(), today=bureau.today(now()),
        next_cursor=_next_cursor(rows, PAGE), cursor=cursor, may_release=person.role is Role.GATEKEEPER,
        drafters=drafters(bureau.rules(now())), **layout_context(person, counts, "/desk/approved", done),
    )  # fmt: skip


def _withdrawn_ids(rows: list[Version]) -> list[str]:
    """Return the items that a page's versions withdraw: their forms have no title, what is public has."""
    return [row.item_id for row in rows if row.purpose is Purpose.WITHDRAW]


def current_approvals(row: Version, approvals: list[gate.Approval]) -> list[gate.Approval]:
    """Return the approvals of a version whose content is still the approved one."""
    return [a for a in approvals if (a.item_id, a.version) == (row.item_id, row.version) and a.current]


def is_own_step(row: Version, approvals: list[gate.Approval], person: Person) -> bool:
    """Return whether the person drafted or approved the version, so that another one takes the next step."""
    return row.drafted_by == person.name or any(a.person == person.name for a in current_approvals(row, approvals))


@router.get("/released")
async def released_page(
    request: Request, person: Staff, database: DatabaseDep, overview: OverviewDep,
    board: str = "", before: ReleaseNumber = None, done: str | None = None,
) -> Response:  # fmt: skip
    """Show what is public."""
    board_filter = Board(board) if board in set(Board) else None
    async with database.snapshot() as connection:
        if board_filter:
            rows = await listing.fetch_board_items(connection, board_filter, listing.ItemFilter(), before=before, limit=PAGE)
        else:
            rows = await listing.fetch_newest_items(connection, before=before, limit=PAGE)
        counts = await desk.count_by_state(connection)
    total = sum(count.items for name, count in overview.boards.items() if board_filter in {None, name})
    return render(
        request, "desk/released.html", rows=rows, total=total, board=board,
        next_before=rows[-1].release_seq if len(rows) == PAGE else None,
        **layout_context(person, counts, "/desk/released", done),
    )  # fmt: skip


@router.get("/changes")
async def changes_page(
    request: Request,
    person: Staff,
    database: DatabaseDep,
    bureau: BureauDep,
    before: ReleaseNumber = None,
    done: str | None = None,
) -> Response:
    """Show corrections and withdrawals, newest first."""
    async with database.snapshot() as connection:
        rows = await gate.fetch_changes_before(connection, before, PAGE)
        counts = await desk.count_by_state(connection)
        names = await display_names(connection, [row.released_by for row in rows])
        versions = [(row.item.item_id, row.item.version) for row in rows]
        screens_by_version = await screens.count_acknowledgements(connection, versions)
    return render(
        request, "desk/changes.html", rows=rows, rules=bureau.rules(now()), names=names, screens_by_version=screens_by_version,
        next_before=rows[-1].release_seq if len(rows) == PAGE else None,
        **layout_context(person, counts, "/desk/changes", done),
    )  # fmt: skip
