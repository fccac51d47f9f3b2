"""The daily recounts of all figures as open data."""

from __future__ import annotations

from dataclasses import asdict

import orjson
from fastapi import APIRouter, Response

from services.publisher.store.figure_verifications import fetch_verifications
from shared.web.session import DatabaseDep

PATH = "/open-data/verifications.jsonl"
JSON_LINES = "application/jsonl"
MAX_DAYS = 366

router = APIRouter(tags=["figures"])


@router.get(
    PATH,
    response_class=Response,
    responses={200: {"content": {JSON_LINES: {}}, "description": "A recount a line, the newest first."}},
)
async def list_verifications(database: DatabaseDep) -> Response:
    """Return the recounts of a year: complaints recounted, figures compared, how many differ, the first seal after it."""
    async with database.snapshot() as connection:
        found = await fetch_verifications(connection, MAX_DAYS)
    lines = (orjson.dumps(asdict(each), option=orjson.OPT_APPEND_NEWLINE) for each in found)
    return Response(b"".join(lines), media_type=JSON_LINES)
