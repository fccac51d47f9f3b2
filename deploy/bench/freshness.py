"""From a report on its topic to the figure on its topic, while other reports background_load at a steady rate."""

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

from deploy.bench import pipeline
from deploy.bench.meter import usage
from deploy.cli.simulate import emit
from deploy.producers import open_producer
from deploy.samples import kafka_emissions
from deploy.samples.carriers import binary_headers
from deploy.supervisor import SERVICES, Supervisor
from shared.contracts import FigureChanged, SubjectKind
from shared.contracts.figures import FIGURES
from shared.contracts.topics import REPORTS
from shared.errors import PermanentError
from shared.settings import Settings
from shared.stream.client_options import client_options

PROBE_INTERVAL_S = 0.25
# Before the first probe: caches and plans of services that have just started are cold.
WARM_UP_S = 10.0
# What the pipeline reaches is measured with these.
PIPELINE_REPORTS = 100_000
LAST_FIGURE_TIMEOUT_S = 30.0
SOURCE = "/bench/freshness"
NAME = "测量{}号商贸有限公司"

Advance = Callable[[int], object]


class FigureMissing(PermanentError):
    """A report was sent and its figure was never emitted."""


async def measure_share(settings: Settings, share: float, seconds: float, seed: int, advance: Advance) -> dict[str, Any]:
    """Measure what the pipeline reaches, then the freshness at this share of it."""
    reached = (await pipeline.measure(settings, PIPELINE_REPORTS, seed, advance))["complaints_per_second"]
    measured = await measure(settings, round(share * reached), seconds, seed, advance)
    return {**measured, "share": share, "pipeline_per_second": reached}


async def measure(settings: Settings, rate: float, seconds: float, seed: int, advance: Advance) -> dict[str, Any]:
    """Start everything in a state directory of its own, emit `rate` reports a second, and time probes among them.

    A probe is the first complaint about an operator of its own; its latency ends when a consumer of the figures topic
    receives that operator's figure.
    """
    home = settings.home / f"bench-{secrets.token_hex(4)}"
    total = round(rate * (seconds + WARM_UP_S))
    async with Supervisor(settings.model_copy(update={"home": home})) as supervisor:
        await supervisor.wait_ready()
        settings = supervisor.settings
        background_load = asyncio.create_task(emit(settings, kafka_emissions(total, seed), rate=rate, on_progress=advance))
        await asyncio.sleep(WARM_UP_S)
        async with open_producer(settings) as producer, _open_consumer(settings) as figures:
            collecting = asyncio.create_task(_collect_figures(figures, round(seconds / PROBE_INTERVAL_S)))
            sent = await _send_probes(settings, producer, round(seconds / PROBE_INTERVAL_S))
            await background_load
            try:
                async with asyncio.timeout(LAST_FIGURE_TIMEOUT_S):
                    received_at = await collecting
            except TimeoutError:
                raise FigureMissing from None
        peaks = {name: round(usage(supervisor.pid(name)).peak_mib) for name in SERVICES}
    shutil.rmtree(home, ignore_errors=True)
    latencies = sorted(received_at[name] - at for name, at in sent.items())
    return {
        "bench": "freshness",
        "reports_per_second": rate,
        "probes": len(latencies),
        "median_s": round(median(latencies), 3),
        "p99_s": round(quantiles(latencies, n=100)[98], 3),
        "worst_s": round(latencies[-1], 3),
        "peak_mib": peaks,
    }


async def _send_probes(settings: Settings, producer: AIOKafkaProducer, probes: int) -> dict[str, float]:
    """Send the probes at a constant rate; return the send time of each by operator name."""
    sent: dict[str, float] = {}
    started = time.monotonic()
    for number in range(probes):
        await asyncio.sleep(max(0.0, started + number * PROBE_INTERVAL_S - time.monotonic()))
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


async def _collect_figures(figures: AIOKafkaConsumer, probes: int) -> dict[str, float]:
    """Return the receive time of the first figure by operator name."""
    mark = NAME.partition("{")[0].encode()
    received_at: dict[str, float] = {}
    while len(received_at) < probes:
        for records in (await figures.getmany(timeout_ms=100)).values():
            now = time.monotonic()
            for record in records:
                if mark in record.value:
                    figure = FigureChanged.model_validate_json(record.value)
                    if figure.subject_kind is SubjectKind.OPERATOR and figure.operator is not None:
                        received_at.setdefault(figure.operator.name, now)
    return received_at


@asynccontextmanager
async def _open_consumer(settings: Settings) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(settings.topic_prefix + FIGURES, **client_options(settings), auto_offset_reset="latest")
    await consumer.start()
    try:
        for partition in consumer.assignment():
            await consumer.position(partition)
        yield consumer
    finally:
        await consumer.stop()
