"""Health, readiness and metrics of a service."""

from __future__ import annotations

import time

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared.database.pool import acquire
from shared.metrics import COMMIT_AGE, LAG, OUTBOX_DEPTH
from shared.service import Running
from shared.stream.outbox import depth

STALLED_AFTER_S = 60.0

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
async def healthz(request: Request) -> JSONResponse:
    """Alive: no consumer has failed for good, and none stands still while records wait."""
    running: Running = request.app.state.running
    sick = {
        c.health.topic: str(c.health.failure or "stalled")
        for c in running.consumers
        if c.health.failure or c.health.stalled(c.lag(), STALLED_AFTER_S)
    }
    return JSONResponse({"status": "sick" if sick else "ok", "consumers": sick}, 503 if sick else 200)


@router.get("/readyz")
async def readyz(request: Request) -> JSONResponse:
    """Ready: the database answers and every consumer knows its positions."""
    running: Running = request.app.state.running
    waiting = [c.health.topic for c in running.consumers if not c.health.ready]
    async with acquire(running.store.pool) as connection:
        await connection.fetchval("SELECT 1")
    ready = not waiting
    return JSONResponse({"status": "ready" if ready else "starting", "waiting": waiting}, 200 if ready else 503)


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Return the measures of this process in Prometheus' text format."""
    running: Running = request.app.state.running
    for consumer in running.consumers:
        LAG.labels(running.service, consumer.health.topic).set(consumer.lag())
        COMMIT_AGE.labels(running.service, consumer.health.topic).set(time.monotonic() - consumer.health.committed_at)
    async with acquire(running.store.pool) as connection:
        OUTBOX_DEPTH.labels(running.service).set(await depth(connection))
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


@router.get("/asyncapi.json")
async def asyncapi(request: Request) -> Response:
    """Return the AsyncAPI 3 document of this service."""
    running: Running = request.app.state.running
    return Response(running.asyncapi, media_type="application/json")
