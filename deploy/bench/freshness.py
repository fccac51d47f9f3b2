"""From a report on its topic to the figure on its topic, while other reports flow at a steady rate."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from statistics import median, quantiles
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from deploy.bench.meter import usage
from deploy.cli.simulate import emit
from deploy.samples import on_kafka
from deploy.samples.carriers import binary_headers
from deploy.supervisor import SERVICES, Supervisor
from shared.contracts import FigureChanged, SubjectKind
from shared.contracts.figures import FIGURES
from shared.contracts.topics import REPORTS
from shared.errors import PermanentError
from shared.settings import Settings
from shared.stream.relay import outbox_producer

PROBE_EVERY_S = 0.25
# Before the first probe: services that have just started are still learning.
WARM_UP_S = 10.0
LAST_WITHIN_S = 30.0
SOURCE = "/bench/freshness"
NAME = "测量{}号商贸有限公司"

Advance = Callable[[int], object]


class FigureMissing(PermanentError):
    """A report was sent and its figure never said."""


async def measure(settings: Settings, rate: float, seconds: float, seed: int, advance: Advance) -> dict[str, Any]:
    """Start everything in a state directory of its own, let `rate` reports a second flow, and time probes among them.

    A probe is the first complaint about an operator of its own; its time ends when a reader of the figures topic has that
    operator's figure.
    """
    home = settings.home / f"bench-{secrets.token_hex(4)}"
    total = round(rate * (seconds + WARM_UP_S))
    async with Supervisor(settings.model_copy(update={"home": home})) as supervisor:
        await supervisor.until_ready()
        reached = supervisor.settings
        flow = asyncio.create_task(emit(reached, on_kafka(total, seed), rate=rate, on_progress=advance))
        await asyncio.sleep(WARM_UP_S)
        async with _producing(reached) as producer, _figures(reached) as figures:
            hearing = asyncio.create_task(_heard(figures, round(seconds / PROBE_EVERY_S)))
            sent = await _probe(reached, producer, round(seconds / PROBE_EVERY_S))
            await flow
            try:
                async with asyncio.timeout(LAST_WITHIN_S):
                    heard = await hearing
            except TimeoutError:
                raise FigureMissing from None
        peaks = {name: round(usage(supervisor.pid(name)).peak_mib) for name in SERVICES}
    shutil.rmtree(home, ignore_errors=True)
    waited = sorted(heard[name] - at for name, at in sent.items())
    return {
        "bench": "freshness",
        "reports_per_second": rate,
        "probes": len(waited),
        "median_s": round(median(waited), 3),
        "p99_s": round(quantiles(waited, n=100)[98], 3),
        "worst_s": round(waited[-1], 3),
        "peak_mib": peaks,
    }


async def _probe(settings: Settings, producer: AIOKafkaProducer, probes: int) -> dict[str, float]:
    """Send the probes at an even pace; return when each was sent."""
    sent: dict[str, float] = {}
    began = time.monotonic()
    for number in range(probes):
        await asyncio.sleep(max(0.0, began + number * PROBE_EVERY_S - time.monotonic()))
        name, now = NAME.format(number), datetime.now(UTC).isoformat()
        report = {
            "channel": "hotline_12345", "external_id": f"M{number}", "kind": "complaint", "received_at": now,
            "operator": {"name": name}, "title": "手机屏幕有亮点", "status": "received", "amount": "1299.00",
        }  # fmt: skip
        sent[name] = time.monotonic()
        await producer.send(
            settings.topic_prefix + REPORTS,
            orjson.dumps(report),
            key=name.encode(),
            headers=binary_headers(SOURCE, f"m{number}", now),
        )
    return sent


async def _heard(figures: AIOKafkaConsumer, probes: int) -> dict[str, float]:
    """Return when the first figure of each probe's operator was heard."""
    mark = NAME.partition("{")[0].encode()
    heard: dict[str, float] = {}
    while len(heard) < probes:
        for records in (await figures.getmany(timeout_ms=100)).values():
            now = time.monotonic()
            for record in records:
                if mark in record.value:
                    figure = FigureChanged.model_validate_json(record.value)
                    if figure.subject_kind is SubjectKind.OPERATOR and figure.operator is not None:
                        heard.setdefault(figure.operator.name, now)
    return heard


@asynccontextmanager
async def _producing(settings: Settings) -> AsyncIterator[AIOKafkaProducer]:
    producer = outbox_producer(settings.kafka_bootstrap_servers)
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


@asynccontextmanager
async def _figures(settings: Settings) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        settings.topic_prefix + FIGURES, bootstrap_servers=settings.kafka_bootstrap_servers, auto_offset_reset="latest"
    )
    await consumer.start()
    try:
        for partition in consumer.assignment():
            await consumer.position(partition)
        yield consumer
    finally:
        await consumer.stop()
