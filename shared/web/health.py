"""Health, readiness, metrics and AsyncAPI document of a service."""

from __future__ import annotations

import time

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared.database.pool import acquire
from shared.metrics import COMMIT_AGE, LAG, OUTBOX_DEPTH
from shared.service import ServiceContext
from shared.stream.outbox import count_unsent

STALLED_AFTER_S = 60.0

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
async def healthz(request: Request) -> JSONResponse:
    """Return 200 while no consumer has failed for good and none is stalled with records waiting, else 503."""
    context: ServiceContext = request.app.state.context
    sick = {
        c.health.topic: str(c.health.failure or "stalled")
        for c in context.consumers
        if c.health.failure or c.health.is_stalled(c.lag(), STALLED_AFTER_S)
    }
    return JSONResponse({"status": "sick" if sick else "ok", "consumers": sick}, 503 if sick else 200)


@router.get("/readyz")
async def readyz(request: Request) -> JSONResponse:
    """Return 200 once the database answers and every consumer has its positions, else 503."""
    context: ServiceContext = request.app.state.context
    waiting = [c.health.topic for c in context.consumers if not c.health.ready]
    async with acquire(context.store.pool) as connection:
        await connection.fetchval("SELECT 1")
    ready = not waiting
    return JSONResponse({"status": "ready" if ready else "starting", "waiting": waiting}, 200 if ready else 503)


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Return the metrics of this process in Prometheus' text format."""
    context: ServiceContext = request.app.state.context
    for consumer in context.consumers:
        LAG.labels(context.service, consumer.health.topic).set(consumer.lag())
        COMMIT_AGE.labels(context.service, consumer.health.topic).set(time.monotonic() - consumer.health.committed_at)
    async with acquire(context.store.pool) as connection:
        OUTBOX_DEPTH.labels(context.service).set(await count_unsent(connection))
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


@router.get("/asyncapi.json")
async def asyncapi(request: Request) -> Response:
    """Return the AsyncAPI 3 document of this service."""
    context: ServiceContext = request.app.state.context
    return Response(context.asyncapi, media_type="application/json")
