"""Changes and tombstones in the order of releases: from the beginning they rebuild what is public, exactly."""

from __future__ import annotations

from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Query, Response

from services.publisher.store import public_items
from services.publisher.store.public_items import StoredItem
from services.publisher.web.api import MAX_LIMIT, allow_any_origin
from shared.contracts import ItemState
from shared.web.parameters import Int64
from shared.web.session import DatabaseDep

router = APIRouter(prefix="/api", dependencies=[Depends(allow_any_origin)], tags=["public"])


@router.get("/delta", response_model=dict[str, Any])
async def delta(
    database: DatabaseDep, cursor: Annotated[Int64, Query()] = 0, limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = MAX_LIMIT
) -> Response:
    """Return what changed behind `cursor`, each item once in its newest form, the oldest change first.

    A change is `put` with the public form, or `delete` of what was withdrawn. Go on with `next_cursor` while `complete` is
    false; keep it, and ask for more with it later. Whoever puts and deletes in this order has what is public, whatever was
    released meanwhile.
    """
    async with database.snapshot() as connection:
        rows = await public_items.fetch_items_since(connection, None, cursor, limit + 1)
    shown = rows[:limit]
    next_cursor = shown[-1].release_seq if shown else cursor
    body = {"changes": [_change(row) for row in shown], "next_cursor": next_cursor, "complete": len(rows) <= limit}
    # Written at once: what FastAPI would look through again is thousands of values.
    return Response(orjson.dumps(body), media_type="application/json")


def _change(row: StoredItem) -> dict[str, Any]:
    change = {"item_id": row.item.item_id, "release_seq": row.release_seq}
    if row.item.state is ItemState.WITHDRAWN:
        return {"op": "delete", **change, "reason_code": row.item.reason_code}
    return {"op": "put", **change, "item": row.item.model_dump(mode="json")}
