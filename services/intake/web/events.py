"""`POST /intake/events`: report events over HTTP, each with its own answer."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from typing import Annotated, Any, assert_never
from urllib.parse import unquote

import asyncpg
from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import JSONResponse

from services.intake.batches import EnvelopeUnreadable, Identified, TooLarge, batch, single
from services.intake.cloudevents import BATCH, JSON, MIB, STRUCTURED, Unfit, binary, media_type
from services.intake.domain.allowance import Allowances
from services.intake.domain.findings import finding
from services.intake.domain.keys import key_hash, may_speak_for
from services.intake.domain.report import Reported
from services.intake.entrance import take_in
from services.intake.ingest import Accepted, Answer, Declined, Intake, Repeated, result_of
from services.intake.store import sources
from shared import metrics
from shared.stream import Detail, Reason
from shared.web.problems import problem
from shared.web.session import StoreOf

HEADER_PREFIX = "ce-"

router = APIRouter(prefix="/intake", tags=["events"])


async def holder_of_key(request: Request, store: StoreOf) -> str:
    """Return the name of the source whose key came with the request."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    name = None
    if scheme.lower() == "bearer" and key:
        async with store.reading() as connection:
            name = await sources.by_key(connection, key_hash(key.strip()))
    if name is None:
        raise HTTPException(401, "a source's key is needed: Authorization: Bearer KEY", {"WWW-Authenticate": "Bearer"})
    return name


ANSWERS: dict[int | str, dict[str, Any]] = {
    202: {"description": "A result per event, in the order sent."},
    400: {"description": "The envelope is unreadable."},
    401: {"description": "No source's key."},
    413: {"description": "An event of more than 1 MiB, a batch of more than 32 MiB or 5,000 events."},
    429: {"description": "Too much at once; Retry-After says when to come back."},
    503: {"description": "The database is away; send again."},
}


@router.post("/events", status_code=202, responses=ANSWERS)
async def receive_events(request: Request, store: StoreOf, holder: Annotated[str, Depends(holder_of_key)]) -> JSONResponse:
    """Take one event (structured or binary mode) or a JSON batch of events, and say of each what became of it."""
    try:
        events = _read(request, await request.body())
    except EnvelopeUnreadable as error:
        return problem(400, "envelope", str(error), reasons=_reasons(error.details))
    except TooLarge as error:
        return problem(413, "too_large", str(error))
    wait = _allowances(request).take(holder, len(events), time.monotonic())
    if wait:
        raise HTTPException(429, "too many events at once", {"Retry-After": str(math.ceil(wait))})
    own = [(event_id, _of_holder(event, holder)) for event_id, event in events]
    intake: Intake = request.app.state.intake
    try:
        answers = iter(await take_in(store, intake, [event for _, event in own if isinstance(event, Reported)], "http"))
    except (OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError) as error:
        raise HTTPException(503, "the database is away: send again", {"Retry-After": "5"}) from error
    results = [_unfit(i, event) if isinstance(event, Unfit) else _result(i, next(answers)) for i, event in own]
    return JSONResponse({"results": results}, 202)


def _read(request: Request, body: bytes) -> list[Identified]:
    kind = media_type(request.headers.get("content-type", ""))
    if kind == BATCH:
        return batch(body)
    if len(body) > MIB:
        raise TooLarge
    if kind == STRUCTURED:
        return [single(body)]
    attributes = {
        name[len(HEADER_PREFIX) :]: unquote(value) for name, value in request.headers.items() if name.startswith(HEADER_PREFIX)
    }
    if not attributes or not (kind in {"", JSON} or kind.endswith("+json")):
        raise EnvelopeUnreadable([finding("content-type", "envelope")])
    return [(attributes.get("id"), binary(attributes, body))]


def _allowances(request: Request) -> Allowances:
    allowances: Allowances = request.app.state.allowances
    return allowances


def _of_holder(event: Reported | Unfit, holder: str) -> Reported | Unfit:
    if isinstance(event, Unfit) or may_speak_for(holder, event.source):
        return event
    return Unfit(Reason.INVALID, (finding("source", "foreign_source"),))


def _unfit(event_id: str | None, event: Unfit) -> dict[str, Any]:
    metrics.REPORTS.labels("http", "refused").inc()
    return {"id": event_id, "status": "refused", "reasons": _reasons(event.details)}


def _result(event_id: str | None, answer: Answer) -> dict[str, Any]:
    match answer:
        case Accepted(details) | Repeated(details) | Declined(_, details):
            return {"id": event_id, "status": result_of(answer), "reasons": _reasons(details)}
        case _:
            assert_never(answer)


def _reasons(details: Sequence[Detail]) -> list[dict[str, str]]:
    return [{"field": detail.field, "code": detail.code, "message": detail.message} for detail in details]
