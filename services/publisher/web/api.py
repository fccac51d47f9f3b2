"""The public interface in JSON, open to everyone; every answer carries its completeness."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.encoders import jsonable_encoder

from services.publisher.domain.basic import OPERATOR_MONTH
from services.publisher.domain.major import MAJOR_COMPLAINT
from services.publisher.kinds import KINDS
from services.publisher.projection import with_current_state
from services.publisher.store import gate, listing, operators, public_items
from services.publisher.store.listing import ItemFilter
from services.publisher.web.dependencies import BureauDep
from services.publisher.web.overview import Overview, OverviewDep
from services.publisher.web.portal import MIN_QUERY_LENGTH, not_found, project_for_today, public_entries
from services.publisher.web.release_numbers import Cursor, Since, bad_request, parse_moment, parse_release_number
from shared.clock import now
from shared.contracts import Board, ItemState
from shared.names import fold_name
from shared.service import ServiceContext
from shared.web.problems import problem_response
from shared.web.session import DatabaseDep

MAX_LIMIT = 500
MAX_MONTHS = 60
GONE: dict[int | str, dict[str, Any]] = {
    410: {"description": "Withdrawn: number, day and reason, the members of an item without content."}
}
# The board that items of a kind are on.
BOARDS: Mapping[str, Board] = {
    OPERATOR_MONTH: Board.BASIC,
    MAJOR_COMPLAINT: Board.MAJOR,
    **{kind.name: kind.board for kind in KINDS.values()},
}
VERSION_FIELDS = {"version", "state", "released_at", "reason_code", "reason", "changes"}


def allow_any_origin(response: Response) -> None:
    """Let pages of other sites read the answer."""
    response.headers["Access-Control-Allow-Origin"] = "*"


router = APIRouter(prefix="/api", dependencies=[Depends(allow_any_origin)], tags=["public"])


def completeness(request: Request, overview: Overview) -> dict[str, Any]:
    """Return the completeness of an answer: as-of time, records of lag, coverage, newest release number."""
    context: ServiceContext = request.app.state.context
    return {
        "as_of": overview.as_of,
        "lag": sum(consumer.lag() for consumer in context.consumers),
        "coverage": overview.coverage,
        "release_seq": overview.seq,
    }


@router.get("/items")
async def items(
    request: Request, database: DatabaseDep, bureau: BureauDep, overview: OverviewDep, board: Board | None = None,
    since: Since | None = None, cursor: Cursor | None = None, limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 100,
    kind: Annotated[str | None, Query(pattern="^[a-z_]{1,40}$")] = None,
) -> dict[str, Any]:  # fmt: skip
    """Return public items, newest first, of one kind where it is named.

    With `since` (a time, or a `release_seq`) what changed after it, oldest first.

    Changes include withdrawn items as tombstones, so that a mirror can follow: start with `since=0`, then go on with
    `next_cursor` until it is null, and later with the last `release_seq` as `since`. A `cursor` goes on where it came from.
    """
    async with database.snapshot() as connection:
        if cursor.startswith("a") if cursor else since is not None:
            after_seq = _parse_cursor(cursor, "a") if cursor else await _parse_since(connection, since or "0")
            rows = await public_items.fetch_items_since(connection, board, after_seq, limit, kind)
            next_cursor = f"a{rows[-1].release_seq}" if len(rows) == limit else None
        else:
            before = _parse_cursor(cursor, "b") if cursor else None
            of_board = board or (BOARDS.get(kind) if kind else None)
            rows = (
                await listing.fetch_board_items(connection, of_board, ItemFilter(kind=kind), before=before, limit=limit)
                if of_board
                else []
                if kind
                else await listing.fetch_newest_items(connection, before=before, limit=limit)
            )
            next_cursor = f"b{rows[-1].release_seq}" if len(rows) == limit else None
    found = project_for_today(rows, bureau)
    return {
        "items": [{**f.item.model_dump(mode="json"), "release_seq": f.release_seq} for f in found],
        "next_cursor": next_cursor,
        **completeness(request, overview),
    }


async def _parse_since(connection: Any, since: str) -> int:
    """Return the release number of `since`; changes have a higher one."""
    seq = parse_release_number(since)
    if seq is not None:
        return seq
    # A plus sign that was not quoted arrives as a space.
    moment = parse_moment(since.replace(" ", "+"))
    if moment is None:
        raise bad_request("since is a release_seq, or a time (RFC 3339) with an offset such as +08:00")
    return await gate.last_seq_before(connection, moment)


def _parse_cursor(cursor: str | None, kind: str) -> int:
    text = cursor or ""
    seq = parse_release_number(text[1:]) if text.startswith(kind) else None
    if seq is None:
        raise bad_request("the cursor is not one of ours")
    return seq


@router.get("/items/{item_id}", responses=GONE, response_model=dict[str, Any])
async def item(request: Request, item_id: str, database: DatabaseDep, bureau: BureauDep, overview: OverviewDep) -> Any:
    """Return the current version of an item, its `state`, and every version that was public.

    A withdrawn item answers 410, a problem document with the members of the item: number, day and reason. Neither it nor
    its versions have content.
    """
    async with database.snapshot() as connection:
        found = await public_items.fetch_public_item(connection, item_id)
        if found is None:
            raise not_found()
        history = await gate.fetch_history(connection, item_id)
    shown = with_current_state(found.item, bureau.today(now()), under_review=found.under_review)
    versions = [
        {
            **entry.item.model_dump(include=VERSION_FIELDS),
            "digest": entry.digest.hex(),
            "release_seq": entry.release_seq,
        }
        for entry in public_entries(history)
    ]
    body = {**shown.model_dump(mode="json"), "versions": versions, **completeness(request, overview)}
    return _gone_response(body) if shown.state is ItemState.WITHDRAWN else body


def _gone_response(body: dict[str, Any]) -> Response:
    """Return what stays of a withdrawn item; its title is that of the problem document, since it has none of its own."""
    members = {name: value for name, value in jsonable_encoder(body).items() if name != "title"}
    response = problem_response(HTTPStatus.GONE, ItemState.WITHDRAWN.value, body["reason"] or "", **members)
    allow_any_origin(response)
    return response


@router.get("/operators/{uscc}")
async def operator(
    request: Request, uscc: str, database: DatabaseDep, bureau: BureauDep, overview: OverviewDep
) -> dict[str, Any]:
    """Return an operator with its released months and its items."""
    async with database.snapshot() as connection:
        found = await operators.fetch_operator(connection, uscc)
        if found is None:
            raise not_found()
        months = await operators.fetch_months(connection, found.key, MAX_MONTHS)
        of_operator = await listing.fetch_operator_items(connection, found.key, MAX_LIMIT)
    return {
        "operator": {
            **found.public().model_dump(), "region": found.region, "industry": found.industry,
        },
        "figures": [{"month": m.period, "item_id": m.item_id, **(m.content or {})} for m in months],
        "items": [f.item.model_dump(mode="json") for f in project_for_today(of_operator, bureau)],
        **completeness(request, overview),
    }  # fmt: skip


@router.get("/search")
async def search(
    request: Request, database: DatabaseDep, bureau: BureauDep, overview: OverviewDep,
    q: Annotated[str, Query(min_length=MIN_QUERY_LENGTH, max_length=100)],
) -> dict[str, Any]:  # fmt: skip
    """Return operators by name or code, and items by their words; at least two characters are searched for."""
    words = " ".join(q.replace("\x00", "").split())
    is_searched = len(fold_name(words)) >= MIN_QUERY_LENGTH
    async with database.snapshot() as connection:
        found = await operators.search_operators(connection, words, None, 50) if is_searched else []
        rows = (
            await listing.search_items(connection, [o.key for o in found], ItemFilter(q=words), limit=50) if is_searched else []
        )
    return {
        "q": words,
        "operators": [{**o.public().model_dump(), "region": o.region, "industry": o.industry} for o in found],
        "items": [f.item.model_dump(mode="json") for f in project_for_today(rows, bureau)],
        **completeness(request, overview),
    }
