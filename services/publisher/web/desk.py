"""The desk's pages: what waits for review, what was returned, what waits for release, what was released and changed."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response

from services.publisher.domain.drafting import Purpose, State
from services.publisher.store import closings, desk, gate, listing, screens
from services.publisher.store.desk import Wanted
from services.publisher.store.versions import Version
from services.publisher.web.check_texts import check_entries, first_doubt
from services.publisher.web.fields import Showing, place
from services.publisher.web.frame import OfficeOf, ShowingOf, render
from services.publisher.web.overview import OverviewOf
from shared.accounts import Person, Role
from shared.clock import now
from shared.contracts import Board
from shared.rules import Rules
from shared.web.i18n import Text, _
from shared.web.session import StoreOf, require
from shared.web.vocabulary import word

PAGE = 200
DELIVERIES = 3
STAFF = Annotated[Person, Depends(require(Role.REVIEWER, Role.GATEKEEPER, Role.AUDITOR))]
BoardChoice = Annotated[Board | None, Query()]
router = APIRouter(prefix="/desk", include_in_schema=False)

TABS = (
    (State.DRAFT, _("待审核"), "/desk"),
    (State.RETURNED, _("已退回"), "/desk/returned"),
    (State.APPROVED, _("待发布"), "/desk/approved"),
)
DONE: dict[str, Text] = {
    "approved": _("已通过，转待发布。"),
    "returned": _("已退回，理由已记录。"),
    "rejected": _("已决定不予公示。"),
    "released": _("已发布。"),
    "proposed": _("撤回已提出，由发布岗确认。"),
    "drafted": _("已起草。"),
}


def frame(person: Person, counts: dict[State, int], current: str, done: str | None) -> dict[str, Any]:
    """Return what the desk's layout needs."""
    tabs = [{"name": n, "url": u, "count": counts.get(s, 0), "current": current == u} for s, n, u in TABS]
    tabs.append({"name": _("已发布"), "url": "/desk/released", "count": None, "current": current == "/desk/released"})
    tabs.append({"name": _("撤回与更正"), "url": "/desk/changes", "count": None, "current": current == "/desk/changes"})
    return {
        "desk": _("公示工作台"),
        "desk_url": "/desk",
        "person": person,
        "tabs": tabs,
        "toast": DONE.get(done or ""),
        "board_choices": [("", _("全部板块")), *((board.value, word("board", board)) for board in Board)],
    }


def drafters(rules: Rules) -> dict[str, Text]:
    """Return which office drafts each board."""
    return {board.value: OFFICES[of_board.drafted_by] for board, of_board in rules.boards.items()}


OFFICES: dict[str, Text] = {
    "command_centre": _("指挥中心"),
    "handling_office": _("承办单位"),
    "consumer_council": _("消保委"),
    "case_office": _("办案单位"),
    "office_concerned": _("相关单位"),
}


def _cursor(cursor: str | None) -> desk.Place:
    if not cursor:
        return desk.BEGINNING
    fails, _sep, rest = cursor.partition("~")
    moment, _sep, item_id = rest.partition("~")
    try:
        return fails == "1", datetime.fromisoformat(moment), item_id
    except ValueError as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST) from error


def _next(rows: list[Version], limit: int) -> str | None:
    if len(rows) < limit:
        return None
    last = rows[-1]
    return f"{int(last.failing > 0)}~{last.drafted_at.isoformat()}~{last.item_id}"


@router.get("")
async def queue(
    request: Request, person: STAFF, store: StoreOf, office: OfficeOf,
    board: str = "", check: str = "", q: str = "", cursor: str | None = None, done: str | None = None, select: str = "",
) -> Response:  # fmt: skip
    """Show the drafts that wait for review."""
    wanted = Wanted(State.DRAFT, Board(board) if board in set(Board) else None, check or None, q.strip() or None)
    async with store.reading() as connection:
        rows = await desk.listed(connection, wanted, after=_cursor(cursor), limit=PAGE)
        total = await desk.counted(connection, wanted)
        counts = dict(await desk.counts(connection))
        waiting = await closings.waiting(connection)
    return render(
        request, "desk/queue.html", rows=rows, why=lambda row: first_doubt(row.checks), total=total, wanted=wanted,
        waiting=waiting, all_checked=select == "all", next_cursor=_next(rows, PAGE), cursor=cursor,
        drafters=drafters(office.rules(now())), **frame(person, counts, "/desk", done),
    )  # fmt: skip


@router.get("/returned")
async def returned(
    request: Request, person: STAFF, store: StoreOf, office: OfficeOf, cursor: str | None = None, done: str | None = None
) -> Response:
    """Show what was sent back, with the reasons."""
    async with store.reading() as connection:
        rows = await desk.listed(connection, Wanted(State.RETURNED), after=_cursor(cursor), limit=PAGE)
        counts = dict(await desk.counts(connection))
        names = await desk.display_names(connection, [row.decided_by for row in rows if row.decided_by])
    return render(
        request, "desk/returned.html", rows=rows, names=names, next_cursor=_next(rows, PAGE), rules=office.rules(now()),
        drafters=drafters(office.rules(now())), **frame(person, counts, "/desk/returned", done),
    )  # fmt: skip


@router.get("/approved")
async def approved(
    request: Request, person: STAFF, store: StoreOf, office: OfficeOf, cursor: str | None = None, done: str | None = None,
    item: Annotated[list[str] | None, Query()] = None, select: str = "",
) -> Response:  # fmt: skip
    """Show what waits for release; with `item` the dialog that releases these."""
    async with store.reading() as connection:
        rows = await desk.listed(connection, Wanted(State.APPROVED), after=_cursor(cursor), limit=PAGE)
        counts = dict(await desk.counts(connection))
        given = await gate.approvals(connection, [row.item_id for row in rows])
        online = await screens.counts(connection)
        latest = await gate.latest(connection, DELIVERIES)
        delivered = await screens.delivered(connection, [(entry.item.item_id, entry.item.version) for entry in latest])
    chosen = set(item or ())
    marked = {row.item_id for row in rows if not _own_step(row, given, person)}
    picked = [row for row in rows if row.item_id in chosen & marked]
    return render(
        request, "desk/approved.html", rows=rows, waiting=counts.get(State.APPROVED, 0), picked=picked, screens=online,
        reviews={row.item_id: _reviews(row, given) for row in rows}, own=lambda row: row.item_id not in marked,
        checked=marked if select == "all" else chosen, latest=latest, delivered=delivered, rules=office.rules(now()), at=now(),
        next_cursor=_next(rows, PAGE), cursor=cursor, may_release=person.role is Role.GATEKEEPER,
        drafters=drafters(office.rules(now())), **frame(person, counts, "/desk/approved", done),
    )  # fmt: skip


def _reviews(row: Version, given: list[gate.Approval]) -> list[gate.Approval]:
    return [a for a in given if (a.item_id, a.version) == (row.item_id, row.version) and a.current]


def _own_step(row: Version, given: list[gate.Approval], person: Person) -> bool:
    return row.drafted_by == person.name or any(a.person == person.name for a in _reviews(row, given))


@router.get("/released")
async def released(
    request: Request, person: STAFF, store: StoreOf, overview: OverviewOf,
    board: str = "", before: int | None = None, done: str | None = None,
) -> Response:  # fmt: skip
    """Show what is public."""
    of = Board(board) if board in set(Board) else None
    async with store.reading() as connection:
        if of:
            rows = await listing.of_board(connection, of, listing.Filter(), before=before, limit=PAGE)
        else:
            rows = await listing.newest(connection, before=before, limit=PAGE)
        counts = dict(await desk.counts(connection))
    total = sum(count.items for name, count in overview.boards.items() if of in {None, name})
    return render(
        request, "desk/released.html", rows=rows, total=total, board=board,
        next_before=rows[-1].release_seq if len(rows) == PAGE else None, **frame(person, counts, "/desk/released", done),
    )  # fmt: skip


@router.get("/changes")
async def changes(
    request: Request, person: STAFF, store: StoreOf, office: OfficeOf, before: int | None = None, done: str | None = None
) -> Response:
    """Show corrections and withdrawals, newest first."""
    async with store.reading() as connection:
        rows = await gate.changes_before(connection, before, PAGE)
        counts = dict(await desk.counts(connection))
        names = await desk.display_names(connection, [row.released_by for row in rows])
        shown = await screens.acknowledged(connection, [(row.item.item_id, row.item.version) for row in rows])
    return render(
        request, "desk/changes.html", rows=rows, rules=office.rules(now()), names=names, shown=shown,
        next_before=rows[-1].release_seq if len(rows) == PAGE else None, **frame(person, counts, "/desk/changes", done),
    )  # fmt: skip


@router.get("/items/{item_id}")
async def detail(
    request: Request, item_id: str, person: STAFF, store: StoreOf, office: OfficeOf, show: ShowingOf,
    dialog: str = "", only: str = "", done: str | None = None,
) -> Response:  # fmt: skip
    """Show one item: the version at work against the public one, its checks, and what can be decided."""
    async with store.reading() as connection:
        versions = await desk.of_item(connection, item_id)
        counts = dict(await desk.counts(connection))
        given = await gate.approvals(connection, [item_id])
        names = await desk.display_names(connection, [v.decided_by for v in versions if v.decided_by])
    if not versions:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    current = versions[0]
    base = _base(versions)
    rows = _difference(show, base, current)
    changed = [row for row in rows if row[1] != row[2]]
    return render(
        request, "desk/detail.html", version=current, base=base, versions=versions, changes=len(changed),
        rows=changed if base and only == "changes" else rows, only=only, checks=check_entries(current.checks),
        approvals=_reviews(current, given), names=names, dialog=dialog,
        rules=office.rules(now()), drafters=drafters(office.rules(now())), own=_own_step(current, given, person),
        Purpose=Purpose, State=State, Role=Role, **frame(person, counts, "", done),
    )  # fmt: skip


def _base(versions: list[Version]) -> Version | None:
    """Return the version that the newest one is compared with: what is public, else what was before."""
    earlier = [v for v in versions[1:] if v.purpose is Purpose.PUBLISH]
    return next((v for v in earlier if v.state is State.RELEASED), earlier[0] if earlier else None)


def _difference(show: Showing, base: Version | None, current: Version) -> list[tuple[str, str, str]]:
    before = base.form.fields() if base else {}
    after = current.form.fields()
    names = sorted({*after, *before}, key=lambda name: (place(name), name))
    return [
        (show.label(n), show.value(n, before.get(n)) if base else "", show.value(n, after.get(n)))
        for n in names
        if before.get(n) or after.get(n)
    ]
