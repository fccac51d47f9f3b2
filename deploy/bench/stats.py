"""The stats step alone: complaint revisions from their topic to committed sums, by the real service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Any

import asyncpg
from rich.console import Console
from rich.progress import track

from deploy.bench.meter import Usage, usage
from deploy.bench.peer import ensure_environment, run_quix
from deploy.bench.revisions import Expected, revisions
from deploy.producers import open_producer
from deploy.supervisor import Supervisor
from deploy.supervisor.supervisor import prepare_stores
from shared.contracts import binary_headers
from shared.contracts.complaints import COMPLAINTS
from shared.errors import PermanentError
from shared.identifiers import uuid7
from shared.settings import Settings
from shared.stream.client_options import librdkafka_options

POLL_INTERVAL_S = 0.05
STALLED_S = 120.0
SERVICE = "stats"
QUIX = "quix"

console = Console(stderr=True)


class MiscountedError(PermanentError):
    """A contestant's count differs from what was sent, so its speed is meaningless."""


class StalledError(PermanentError):
    """The service stopped counting."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the service: records a second from its first batch until it caught up, and its resource usage."""

    per_second: float
    used: Usage


async def measure(total: int, seed: int, peer: str | None) -> dict[str, Any]:
    """Return the result of a run on engines of its own, in the order of the command's output."""
    if peer == QUIX:
        console.print("Preparing the peer's environment.")
        await ensure_environment()
    expected = Expected()
    with TemporaryDirectory(prefix="gongshi-bench-") as home:
        async with _run_service(Path(home), total, seed, expected) as supervisor:
            run = await _measure_catch_up(supervisor, total)
            await _check_count(supervisor.settings, expected)
            result = {
                "bench": "stats",
                "complaints": total,
                "complaints_per_second": round(run.per_second),
                "cpu_seconds": round(run.used.cpu_s, 2),
                "peak_rss_mb": round(run.used.peak_mib),
            }
            return result | (await _compare_with_quix(supervisor, total, expected, run) if peer == QUIX else {})


@asynccontextmanager
async def _run_service(home: Path, total: int, seed: int, expected: Expected) -> AsyncIterator[Supervisor]:
    """Start own engines, fill the topic, then start the service."""
    settings = Settings(home=home, kafka_bootstrap_servers="", kafka_port=0, postgres_port=0, stats_port=0)
    fill = partial(_fill, total=total, seed=seed, expected=expected)
    async with Supervisor(settings, services=(SERVICE,), prepare=fill, notify=console.print) as supervisor:
        yield supervisor


async def _fill(settings: Settings, *, total: int, seed: int, expected: Expected) -> None:
    """Prepare the databases and send the revisions."""
    await prepare_stores(settings)
    async with open_producer(settings) as producer:
        generated = revisions(total, seed, expected)
        for complaint in track(generated, "Filling the topic", total=total, console=console):
            headers = list(binary_headers(complaint, event_id=uuid7(), source="/bench", at=datetime.now(UTC)))
            body = complaint.model_dump_json().encode()
            await producer.send(settings.topic_prefix + COMPLAINTS, body, key=complaint.key().encode(), headers=headers)


SUM_OFFSETS = "SELECT coalesce(sum(next_offset), 0)::bigint FROM stats.positions WHERE topic = $1"


async def _measure_catch_up(supervisor: Supervisor, total: int) -> Run:
    """Measure from the first committed batch until the service has caught up."""
    topic = supervisor.settings.topic_prefix + COMPLAINTS
    connection = await asyncpg.connect(supervisor.settings.database_url.get_secret_value())
    try:
        first = counted = await _wait_beyond(connection, topic, 0)
        started, used = monotonic(), usage(supervisor.pid(SERVICE))
        while counted < total:
            counted = await _wait_beyond(connection, topic, counted)
        seconds = monotonic() - started
    finally:
        await connection.close()
    return Run((total - first) / seconds, usage(supervisor.pid(SERVICE)).since(used))


async def _wait_beyond(connection: asyncpg.Connection, topic: str, counted: int) -> int:
    """Return the number of counted records as soon as it exceeds `counted`."""
    deadline = monotonic() + STALLED_S
    while monotonic() < deadline:
        now: int = await connection.fetchval(SUM_OFFSETS, topic)
        if now > counted:
            return now
        await asyncio.sleep(POLL_INTERVAL_S)
    raise StalledError


SUM_COMPLAINTS = "SELECT coalesce(sum(complaints), 0)::bigint FROM stats.day_buckets"


async def _check_count(settings: Settings, expected: Expected) -> None:
    connection = await asyncpg.connect(settings.database_url.get_secret_value())
    try:
        stored = await connection.fetchval(SUM_COMPLAINTS)
    finally:
        await connection.close()
    if stored != expected.complaints:
        raise MiscountedError(f"stats counts {stored} complaints, {expected.complaints} were sent")


async def _compare_with_quix(supervisor: Supervisor, total: int, expected: Expected, run: Run) -> dict[str, Any]:
    """Pause the service, so that the peer has the whole machine."""
    settings = supervisor.settings
    supervisor.pause(SERVICE)
    with console.status("The peer counts the same topic."):
        peer = await run_quix(
            librdkafka_options(settings), settings.topic_prefix + COMPLAINTS, settings.topic_prefix + "quix.sums", total
        )
    supervisor.resume(SERVICE)
    if peer.complaints != expected.complaints:
        raise MiscountedError(f"the peer counts {peer.complaints} complaints, {expected.complaints} were sent")
    per_second = total / peer.seconds
    return {
        "peer": QUIX,
        "peer_per_second": round(per_second),
        "peer_cpu_seconds": peer.cpu_seconds,
        "peer_peak_rss_mb": peer.peak_rss_mb,
        "ratio": round(run.per_second / per_second, 2),
    }
