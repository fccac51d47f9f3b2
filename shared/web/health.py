"""Health, readiness, metrics and AsyncAPI document of a service."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from shared.database.connections import acquire
from shared.metrics import BLOCKED_PARTITIONS, COMMIT_AGE, DISK_FREE, DISK_SIZE, LAG, OUTBOX_DEPTH
from shared.service import ServiceContext
from shared.stream.blocked_partitions import BlockedPartition
from shared.stream.consumer import BatchConsumer
from shared.stream.outbox import count_unsent

STALLED_AFTER_S = 60.0

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
async def healthz(request: Request) -> JSONResponse:
    """Return 200 while every consumer consumes all its partitions, else 503 and what is blocked, each with a reason."""
    context: ServiceContext = request.app.state.context
    consumers = {topic: reason for each in context.consumers for topic, reason in _find_failures(each)}
    partitions = [
        _blocked_json(blocked, context.service)
        for each in context.consumers
        for blocked in each.health.unhealthy_partitions(STALLED_AFTER_S)
    ]
    is_healthy = not (consumers or partitions)
    report = {"status": "ok" if is_healthy else "sick", "consumers": consumers, "partitions": partitions}
    return JSONResponse(report, 200 if is_healthy else 503)


def _find_failures(consumer: BatchConsumer) -> Iterator[tuple[str, str]]:
    """Yield the topic of a consumer that does not go on, and why."""
    health = consumer.health
    blocked = health.unhealthy_partitions(STALLED_AFTER_S)
    if health.failure:
        yield health.topic, str(health.failure)
    elif blocked:
        yield health.topic, ", ".join(sorted({each.cause for each in blocked}))
    elif health.is_stalled(consumer.lag(), STALLED_AFTER_S):
        yield health.topic, "stalled"


def _blocked_json(blocked: BlockedPartition, service: str) -> dict[str, Any]:
    return {
        "topic": blocked.partition.topic,
        "partition": blocked.partition.partition,
        "cause": blocked.cause,
        "offset": blocked.next_offset,
        "reason": blocked.describe(service),
    }


@router.get("/readyz")
async def readyz(request: Request) -> JSONResponse:
    """Return 200 once the database answers and every consumer has its positions, else 503."""
    context: ServiceContext = request.app.state.context
    waiting = [c.health.topic for c in context.consumers if not c.health.ready]
    async with acquire(context.database.pool) as connection:
        await connection.fetchval("SELECT 1")
    ready = not waiting
    return JSONResponse({"status": "ready" if ready else "starting", "waiting": waiting}, 200 if ready else 503)


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    """Return the metrics of this process in Prometheus' text format."""
    context: ServiceContext = request.app.state.context
    BLOCKED_PARTITIONS.clear()
    for consumer in context.consumers:
        for blocked in consumer.health.blocked.values():
            place = (context.service, consumer.health.topic, str(blocked.partition.partition))
            BLOCKED_PARTITIONS.labels(*place, blocked.cause).set(1)
        LAG.labels(context.service, consumer.health.topic).set(consumer.lag())
        COMMIT_AGE.labels(context.service, consumer.health.topic).set(time.monotonic() - consumer.health.committed_at)
    home = context.settings.home.absolute()
    disk = shutil.disk_usage(next(folder for folder in (home, *home.parents) if folder.exists()))
    DISK_FREE.labels(context.service).set(disk.free)
    DISK_SIZE.labels(context.service).set(disk.total)
    async with acquire(context.database.pool) as connection:
        OUTBOX_DEPTH.labels(context.service).set(await count_unsent(connection))
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


@router.get("/asyncapi.json")
async def asyncapi(request: Request) -> Response:
    """Return the AsyncAPI 3 document of this service."""
    context: ServiceContext = request.app.state.context
    return Response(context.asyncapi, media_type="application/json")
