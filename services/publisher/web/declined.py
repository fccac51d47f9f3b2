"""The desk's list of what is not published: proposals that wait for a second person, and decisions with ground and person."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request, Response

from services.publisher.store import desk, non_publications
from services.publisher.store.versions import Version
from services.publisher.web.dependencies import BureauDep, render
from services.publisher.web.desk import PAGE, Staff, drafters, layout_context
from services.publisher.web.release_numbers import bad_request, parse_moment
from shared.accounts import display_names
from shared.clock import now
from shared.web.session import DatabaseDep

router = APIRouter(prefix="/desk", include_in_schema=False)


@router.get("/declined")
async def declined_page(
    request: Request, person: Staff, database: DatabaseDep, bureau: BureauDep,
    cursor: str | None = None, done: str | None = None,
) -> Response:  # fmt: skip
    """Show proposals and decisions not to publish."""
    async with database.snapshot() as connection:
        waiting = [] if cursor else await non_publications.list_waiting(connection, PAGE)
        rows = await non_publications.list_declined(connection, _parse_cursor(cursor), PAGE)
        counts = await desk.count_by_state(connection)
        names = await display_names(connection, [row.decided_by for row in (*waiting, *rows) if row.decided_by])
    rules = bureau.rules(now())
    return render(
        request, "desk/declined.html", waiting=waiting, rows=rows, names=names, rules=rules, drafters=drafters(rules),
        next_cursor=_next_cursor(rows), **layout_context(person, counts, "/desk/declined", done),
    )  # fmt: skip


def _parse_cursor(cursor: str | None) -> tuple[datetime, str] | None:
    if not cursor:
        return None
    moment, _sep, item_id = cursor.partition("~")
    decided_at = parse_moment(moment)
    if decided_at is None:
        raise bad_request("the cursor is not one of ours")
    return decided_at, item_id


def _next_cursor(rows: list[Version]) -> str | None:
    last = rows[-1] if len(rows) == PAGE else None
    return f"{last.decided_at.isoformat()}~{last.item_id}" if last and last.decided_at else None
