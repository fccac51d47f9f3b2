"""The seals of the journals as open data: whoever keeps a copy can prove that a journal was shortened or rewritten."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from services.publisher.store import seals
from shared.web.session import DatabaseDep

PATH = "/open-data/seals.jsonl"
JSON_LINES = "application/jsonl"
PAGE = 2_000
MAX_ID = 2**63 - 1

router = APIRouter(tags=["seals"])


@router.get(
    PATH,
    response_class=Response,
    responses={200: {"content": {JSON_LINES: {}}, "description": "A seal a line, the oldest first."}},
)
async def list_seals(database: DatabaseDep, after: Annotated[int, Query(ge=0, le=MAX_ID)] = 0) -> Response:
    """Return the signed states of the journals, 2,000 at a time; the header `Link` names the next page."""
    async with database.snapshot() as connection:
        found = await seals.fetch_seals_after(connection, after, PAGE)
    headers = {"Link": f'<{PATH}?after={found[-1].id}>; rel="next"'} if len(found) == PAGE else {}
    return Response("".join(f"{seal.body}\n" for seal in found), media_type=JSON_LINES, headers=headers)
