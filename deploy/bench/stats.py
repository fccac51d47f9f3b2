"""The stats step alone: complaint revisions from their topic to committed sums, by the real service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
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

from deploy.bench.java_peer import CompilerMissing
from deploy.bench.meter import Usage, engine_usage, usage
from deploy.bench.peer import Peer, prepared, run_peer
from deploy.bench.revisions import Expected, revisions
from deploy.producers import open_producer
from deploy.supervisor import Supervisor
from deploy.supervisor.supervisor import prepare_stores
from shared.contracts import binary_headers
from shared.contracts.complaints import COMPLAINTS, ComplaintRevised
from shared.errors import PermanentError
from shared.identifiers import uuid7
from shared.settings import Settings

POLL_INTERVAL_S = 0.05
STALLED_S = 120.0
SERVICE = "stats"

console = Console(stderr=True)


class MiscountedError(PermanentError):
    """A contestant's count differs from what was sent, so its speed is meaningless."""


class StalledError(PermanentError):
    """The service stopped counting."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a contestant: records a second from its first to the last, its usage, and the engines' processor seconds."""

    per_second: float
    used: Usage
    engines: Mapping[str, float]


async def measure(total: int, seed: int, peers: Sequence[Peer]) -> dict[str, Any]:
    """Return the result of a run on engines of its own, in the order of the command's output.

    A peer that this machine cannot run is named, with the reason, and the others are measured.
    """
    expected, left_out = Expected(), {}
    async with AsyncExitStack() as stack:
        home = stack.enter_context(TemporaryDirectory(prefix="gongshi-bench-"))
        commands = {}
        for peer in peers:
            console.print(f"Preparing {peer}.")
            try:
                commands[peer] = await stack.enter_async_context(prepared(peer, Settings()))
            except CompilerMissing as error:
                left_out[peer] = str(error)
                console.print(f"{peer} is left out. {error}")
        async with _run_service(Path(home), total, seed, expected) as supervisor:
            ours = await _measure_catch_up(supervisor, total)
            await _check_count(supervisor.settings, expected)
            # The peers have the whole machine.
            supervisor.pause(SERVICE)
            runs = {peer: await _measure_peer(supervisor, peer, command, expected) for peer, command in commands.items()}
            supervisor.resume(SERVICE)
    return report(total, ours, runs, left_out)


def report(total: int, ours: Run, peers: Mapping[Peer, Run], left_out: Mapping[Peer, str]) -> dict[str, Any]:
    """Return the result; `ratios` are of records a second, more is better. The first peer also stands by itself."""
    result: dict[str, Any] = {
        "bench": "stats",
        "complaints": total,
        "complaints_per_second": round(ours.per_second),
        "cpu_seconds": round(ours.used.cpu_s, 2),
        "peak_rss_mb": round(ours.used.peak_mib),
        "engines_cpu_seconds": _rounded(ours.engines),
    }
    ratios = {str(peer): round(ours.per_second / run.per_second, 2) for peer, run in peers.items()}
    for peer, run in list(peers.items())[:1]:
        result |= {
            "peer": peer,
            "peer_per_second": round(run.per_second),
            "peer_cpu_seconds": run.used.cpu_s,
            "peer_peak_rss_mb": run.used.peak_mib,
            "ratio": ratios[peer],
        }
    if peers:
        result["ratios"] = ratios
        result["peers"] = {
            str(peer): {
                "per_second": round(run.per_second),
                "cpu_seconds": run.used.cpu_s,
                "peak_rss_mb": run.used.peak_mib,
                "engines_cpu_seconds": _rounded(run.engines),
            }
            for peer, run in peers.items()
        }
    return result | ({"left_out": {str(peer): reason for peer, reason in left_out.items()}} if left_out else {})


def _rounded(seconds: Mapping[str, float]) -> dict[str, float]:
    return {name: round(each, 2) for name, each in seconds.items()}


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
    await send(settings, track(revisions(total, seed, expected), "Filling the topic", total=total, console=console))


async def send(settings: Settings, complaints: Iterable[ComplaintRevised]) -> None:
    """Send complaint revisions to their topic as intake does."""
    async with open_producer(settings) as producer:
        for complaint in complaints:
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
        started, used, engines = monotonic(), usage(supervisor.pid(SERVICE)), engine_usage(supervisor)
        while counted < total:
            counted = await _wait_beyond(connection, topic, counted)
        seconds = monotonic() - started
    finally:
        await connection.close()
    used = usage(supervisor.pid(SERVICE)).since(used)
    return Run((total - first) / seconds, used, _engines_since(supervisor, engines))


def _engines_since(supervisor: Supervisor, earlier: Mapping[str, Usage]) -> dict[str, float]:
    return {name: now.since(earlier[name]).cpu_s for name, now in engine_usage(supervisor).items()}


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
    check_count(SERVICE, stored, expected)


def check_count(contestant: str, counted: int, expected: Expected) -> None:
    """Raise `MiscountedError` if a contestant counts something else than was sent."""
    if counted != expected.complaints:
        raise MiscountedError(f"{contestant} counts {counted} complaints, {expected.complaints} were sent")


async def _measure_peer(supervisor: Supervisor, peer: Peer, command: tuple[str, ...], expected: Expected) -> Run:
    settings, engines = supervisor.settings, engine_usage(supervisor)
    prefix = settings.topic_prefix
    with console.status(f"{peer} counts the same topic."):
        result = await run_peer(peer, command, settings, prefix + COMPLAINTS, f"{prefix}{peer}.sums", expected.records)
    check_count(peer, result.complaints, expected)
    return Run(expected.records / result.seconds, result.used, _engines_since(supervisor, engines))
