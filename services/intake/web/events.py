"""`POST /intake/events`: report events over HTTP, each with its own result."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Annotated, Any, assert_never
from urllib.parse import unquote

import asyncpg
from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import JSONResponse

from services.intake.batches import EnvelopeUnreadable, IdentifiedEvent, TooLarge, parse_batch, parse_single
from services.intake.cloudevents import BATCH, JSON, MIB, STRUCTURED, InvalidEvent, media_type, parse_binary
from services.intake.domain.findings import create_finding
from services.intake.domain.keys import key_hash, may_send_for
from services.intake.domain.rate_limit import SourceRateLimiter
from services.intake.domain.report import ReportEvent
from services.intake.ingest import Accepted, Duplicate, IngestResult, Intake, Rejected, result_label
from services.intake.store import sources
from services.intake.submission import submit_reports
from shared import metrics
from shared.stream import DeadLetterReason, ValidationFinding
from shared.web.problems import problem_response
from shared.web.session import StoreDep

HEADER_PREFIX = "ce-"

router = APIRouter(prefix="/intake", tags=["events"])


async def authenticate_source(request: Request, store: StoreDep) -> str:
    """Return the name of the source whose key the request carries. Raises `HTTPException` 401."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    name = None
    if scheme.lower() == "bearer" and key:
        async with store.snapshot() as connection:
            name = await sources.fetch_name_by_key(connection, key_hash(key.strip()))
    if name is None:
        raise HTTPException(401, "a source's key is needed: Authorization: Bearer KEY", {"WWW-Authenticate": "Bearer"})
    return name


RESPONSES: dict[int | str, dict[str, Any]] = {
    202: {"description": "A result per event, in the order sent."},
    400: {"description": "The envelope is unreadable."},
    401: {"description": "No source's key."},
    413: {"description": "An event of more than 1 MiB, a batch of more than 32 MiB or 5,000 events."},
    429: {"description": "Too much at once; Retry-After says when to come back."},
    503: {"description": "The database is away; send again."},
}


@router.post("/events", status_code=202, responses=RESPONSES)
async def receive_events(
    request: Request, store: StoreDep, holder: Annotated[str, Depends(authenticate_source)]
) -> JSONResponse:
    """Ingest one event (structured or binary mode) or a JSON batch of events, and return a result for each."""
    try:
        events = _parse_request(request, await request.body())
    except EnvelopeUnreadable as error:
        return problem_response(400, "envelope", str(error), reasons=_reasons_json(error.details))
    except TooLarge as error:
        return problem_response(413, "too_large", str(error))
    wait = _rate_limiter(request).reserve(holder, len(events), time.monotonic())
    if wait:
        raise HTTPException(429, "too many events at once", {"Retry-After": str(math.ceil(wait))})
    verified = [(event_id, _verify_source(event, holder)) for event_id, event in events]
    intake: Intake = request.app.state.intake
    try:
        valid = [event for _, event in verified if isinstance(event, ReportEvent)]
        ingested = iter(await submit_reports(store, intake, valid, "http"))
    except (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError) as error:
        raise HTTPException(503, "the database is away: send again", {"Retry-After": "5"}) from error
    results = [
        _invalid_event_result(event_id, event) if isinstance(event, InvalidEvent) else _to_result(event_id, next(ingested))
        for event_id, event in verified
    ]
    return JSONResponse({"results": results}, 202)


def _parse_request(request: Request, body: bytes) -> list[IdentifiedEvent]:
    kind = media_type(request.headers.get("content-type", ""))
    if kind == BATCH:
        return parse_batch(body)
    if len(body) > MIB:
        raise TooLarge
    if kind == STRUCTURED:
        return [parse_single(body)]
    attributes = {
        name[len(HEADER_PREFIX) :]: unquote(value) for name, value in request.headers.items() if name.startswith(HEADER_PREFIX)
    }
    if not attributes or not (kind in {"", JSON} or kind.endswith("+json")):
        raise EnvelopeUnreadable([create_finding("content-type", "envelope")])
    return [(attributes.get("id"), parse_binary(attributes, body))]


def _rate_limiter(request: Request) -> SourceRateLimiter:
    rate_limiter: SourceRateLimiter = request.app.state.rate_limiter
    return rate_limiter


def _verify_source(event: ReportEvent | InvalidEvent, holder: str) -> ReportEvent | InvalidEvent:
    if isinstance(event, InvalidEvent) or may_send_for(holder, event.source):
        return event
    return InvalidEvent(DeadLetterReason.INVALID, (create_finding("source", "foreign_source"),))


def _invalid_event_result(event_id: str | None, event: InvalidEvent) -> dict[str, Any]:
    metrics.REPORTS.labels("http", "refused").inc()
    return {"id": event_id, "status": "refused", "reasons": _reasons_json(event.details)}


def _to_result(event_id: str | None, result: IngestResult) -> dict[str, Any]:
    match result:
        case Accepted(details) | Duplicate(details) | Rejected(_, details):
            return {"id": event_id, "status": result_label(result), "reasons": _reasons_json(details)}
        case _:
            assert_never(result)


def _reasons_json(details: Sequence[ValidationFinding]) -> list[dict[str, str]]:
    return [{"field": detail.field, "code": detail.code, "message": detail.message} for detail in details]
