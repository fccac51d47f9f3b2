"""`POST /intake/events`: report events over HTTP, each with its own result."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Sequence
from typing import Annotated, Any, assert_never

import asyncpg
from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import JSONResponse

from services.intake.domain.rate_limit import SourceRateLimiter
from services.intake.event_batch import EnvelopeUnreadable, TooLarge
from services.intake.ingest import Duplicate, Ingested, IngestResult, Intake, Refused, result_label
from services.intake.store.source_keys import Holder, find_holder
from services.intake.submission import Submission, submit
from services.intake.web.event_request import EventRequest, parse_request
from services.intake.web.event_schemas import REQUEST_BODY, RESULTS
from shared.database.connections import acquire
from shared.keys import key_hash, parse_bearer
from shared.stream import ValidationFinding
from shared.web.bodies import DEFAULT_BODY, MIB, accept_body
from shared.web.problems import problem_response
from shared.web.session import DatabaseDep

router = APIRouter(prefix="/intake", tags=["events"])

MAX_BODY = 32 * MIB


async def authenticate_source(request: Request, database: DatabaseDep) -> Holder:
    """Return the source whose key the request carries. Raises `HTTPException` 401."""
    holder = None
    if key := parse_bearer(request.headers.get("authorization", "")):
        async with acquire(database.pool) as connection:
            holder = await find_holder(connection, key_hash(key))
    if holder is None:
        raise HTTPException(401, "a source's key is needed: Authorization: Bearer KEY", {"WWW-Authenticate": "Bearer"})
    return holder


RESPONSES: dict[int | str, dict[str, Any]] = {
    202: {"description": "A result per event, in the order sent.", "content": {"application/json": {"schema": RESULTS}}},
    400: {"description": "The envelope is unreadable."},
    401: {"description": "No source's key."},
    413: {"description": "An event of more than 1 MiB, a batch of more than 32 MiB or 5,000 events."},
    415: {"description": "A compressed body; send without Content-Encoding."},
    422: {"description": "A single event that is refused, with its reasons; it is kept as a dead letter."},
    429: {"description": "Too much at once; Retry-After says when to come back."},
    503: {"description": "The database is away; send again."},
}


@router.post(
    "/events",
    status_code=202,
    dependencies=[Depends(accept_body(MAX_BODY))],
    responses=RESPONSES,
    openapi_extra={"requestBody": REQUEST_BODY},
)
async def receive_events(
    request: Request, database: DatabaseDep, holder: Annotated[Holder, Depends(authenticate_source)]
) -> JSONResponse:
    """Ingest one event (structured or binary mode) or a JSON batch of events, and return a result for each."""
    if request.headers.get("content-encoding", "identity").strip().lower() not in {"", "identity"}:
        return problem_response(415, "compressed", "bodies are taken uncompressed: send without Content-Encoding")
    try:
        sent = await _parse(request, holder)
    except EnvelopeUnreadable as error:
        return problem_response(400, "envelope", str(error), reasons=_reasons_json(error.findings))
    except TooLarge as error:
        return problem_response(413, "too_large", str(error))
    wait = _rate_limiter(request).reserve(holder.name, len(sent.events), time.monotonic())
    if wait:
        raise HTTPException(429, "too many events at once", {"Retry-After": str(math.ceil(wait))})
    intake: Intake = request.app.state.intake
    try:
        ingested = await submit(database, intake, Submission("http", sent.events, sent.to_record))
    except (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError) as error:
        raise HTTPException(503, "the database is away: send again", {"Retry-After": "5"}) from error
    results = [_to_json(sent.event_id(index), result) for index, result in enumerate(ingested)]
    if not sent.is_batch and isinstance(ingested[0], Refused):
        return problem_response(422, "refused", "the event is refused", reasons=results[0]["reasons"], results=results)
    return JSONResponse({"results": results}, 202)


async def _parse(request: Request, holder: Holder) -> EventRequest:
    """Return the events of the request; a large body is parsed in a thread. Raises `EnvelopeUnreadable` and `TooLarge`."""
    body = await request.body()
    if len(body) <= DEFAULT_BODY:
        return parse_request(request.headers, body, holder)
    return await asyncio.to_thread(parse_request, request.headers, body, holder)


def _rate_limiter(request: Request) -> SourceRateLimiter:
    rate_limiter: SourceRateLimiter = request.app.state.rate_limiter
    return rate_limiter


def _to_json(event_id: str | None, result: IngestResult) -> dict[str, Any]:
    match result:
        case Ingested(findings) | Duplicate(findings) | Refused(_, findings):
            return {"id": event_id, "status": result_label(result), "reasons": _reasons_json(findings)}
        case _:
            assert_never(result)


def _reasons_json(findings: Sequence[ValidationFinding]) -> list[dict[str, str]]:
    return [{"field": finding.field, "code": finding.code, "message": finding.message} for finding in findings]
