"""The public interface in JSON, open to everyone; every answer says how complete it is."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response

from services.publisher.projection import as_shown
from services.publisher.store import gate, listing, operators, public
from services.publisher.store.listing import Filter
from services.publisher.web.frame import OfficeOf
from services.publisher.web.overview import Overview, OverviewOf
from services.publisher.web.portal import SHORTEST, not_found, today_form
from shared.clock import now
from shared.contracts import Board
from shared.service import Running
from shared.web.session import StoreOf

MOST = 500
MONTHS = 60


def open_to_all(response: Response) -> None:
    """Let pages of other sites read the answer."""
    response.headers["Access-Control-Allow-Origin"] = "*"


router = APIRouter(prefix="/api", dependencies=[Depends(open_to_all)], tags=["public"])


def complete(request: Request, overview: Overview) -> dict[str, Any]:
    """Return how complete an answer is: as of when, how many records wait, what is covered."""
    running: Running = request.app.state.running
    return {
        "as_of": overview.as_of,
        "lag": sum(consumer.lag() for consumer in running.consumers),
        "coverage": overview.coverage,
        "release_seq": overview.seq,
    }


@router.get("/items")
async def items(
    request: Request, store: StoreOf, office: OfficeOf, overview: OverviewOf, board: Board | None = None,
    since: str | None = None, cursor: str | None = None, limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
) -> dict[str, Any]:  # fmt: skip
    """Return public items, newest first. With `since` (a time, or a `release_seq`) what changed after it, oldest first.

    Changes include withdrawn items as tombstones, so that a mirror can follow: start with `since=0`, then go on with
    `next_cursor` until it is null, and later with the last `release_seq` as `since`.
    """
    async with store.reading() as connection:
        if since is not None or (cursor or "").startswith("a"):
            begin = int(_number(cursor, "a") if cursor else await _begin(connection, since or "0"))
            rows = await public.since(connection, board, begin, limit)
            next_cursor = f"a{rows[-1].release_seq}" if len(rows) == limit else None
        else:
            before = _number(cursor, "b") if cursor else None
            rows = (
                await listing.of_board(connection, board, Filter(), before=before, limit=limit)
                if board
                else await listing.newest(connection, before=before, limit=limit)
            )
            next_cursor = f"b{rows[-1].release_seq}" if len(rows) == limit else None
    found = today_form(rows, office)
    return {
        "items": [{**f.item.model_dump(mode="json"), "release_seq": f.release_seq} for f in found],
        "next_cursor": next_cursor,
        **complete(request, overview),
    }


async def _begin(connection: Any, since: str) -> int:
    """Return the release number that a `since` begins behind."""
    if since.isdecimal():
        return int(since)
    try:
        moment = datetime.fromisoformat(since.replace(" ", "+"))
    except ValueError as error:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "since is a time (RFC 3339) or a release_seq") from error
    if moment.tzinfo is None:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "since needs an offset, such as +08:00")
    return await gate.seq_before(connection, moment)


def _number(cursor: str | None, kind: str) -> int:
    text = cursor or ""
    if not text.startswith(kind) or not text[1:].isdecimal():
        raise HTTPException(HTTPStatus.BAD_REQUEST, "the cursor is not one of ours")
    return int(text[1:])


@router.get("/items/{item_id}")
async def item(request: Request, item_id: str, store: StoreOf, office: OfficeOf, overview: OverviewOf) -> dict[str, Any]:
    """Return the current version of an item, its `state`, and every version that was public."""
    async with store.reading() as connection:
        found = await public.public_item(connection, item_id)
        if found is None:
            raise not_found()
        history = await gate.history(connection, item_id)
    shown = as_shown(found.item, office.today(now()), under_review=found.under_review)
    versions = [
        {
            "version": entry.item.version,
            "state": entry.item.state,
            "released_at": entry.item.released_at,
            "reason_code": entry.item.reason_code,
            "reason": entry.item.reason,
            "changes": entry.item.changes,
            "digest": entry.digest.hex(),
            "release_seq": entry.release_seq,
        }
        for entry in history
    ]
    return {**shown.model_dump(mode="json"), "versions": versions, **complete(request, overview)}


@router.get("/operators/{uscc}")
async def operator(request: Request, uscc: str, store: StoreOf, office: OfficeOf, overview: OverviewOf) -> dict[str, Any]:
    """Return an operator with its released months and its items."""
    async with store.reading() as connection:
        found = await operators.operator(connection, uscc)
        if found is None:
            raise not_found()
        months = await operators.months(connection, found.key, MONTHS)
        of_operator = await listing.of_operator(connection, found.key, MOST)
    return {
        "operator": {
            **found.public().model_dump(), "region": found.region, "industry": found.industry,
        },
        "figures": [{"month": m.period, "item_id": m.item_id, **(m.content or {})} for m in months],
        "items": [f.item.model_dump(mode="json") for f in today_form(of_operator, office)],
        **complete(request, overview),
    }  # fmt: skip


@router.get("/search")
async def search(
    request: Request, store: StoreOf, office: OfficeOf, overview: OverviewOf,
    q: Annotated[str, Query(min_length=SHORTEST, max_length=100)],
) -> dict[str, Any]:  # fmt: skip
    """Return operators by name or code, and items by their words; two characters are the least to look for."""
    words = " ".join(q.replace("\x00", "").split())
    asked = len(words) >= SHORTEST
    async with store.reading() as connection:
        found = await operators.search(connection, words, None, 50) if asked else []
        rows = await listing.matching(connection, [o.key for o in found], Filter(q=words), limit=50) if asked else []
    return {
        "q": words,
        "operators": [{**o.public().model_dump(), "region": o.region, "industry": o.industry} for o in found],
        "items": [f.item.model_dump(mode="json") for f in today_form(rows, office)],
        **complete(request, overview),
    }
