"""The whole pipeline: from reports on the topic to figures said and known to every service."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import time
from collections.abc import Callable
from typing import Any

import asyncpg

from deploy.bench.meter import Usage, usage
from deploy.cli.simulate import emit
from deploy.cli.status import until_applied
from deploy.samples import on_kafka
from deploy.supervisor import SERVICES, Supervisor
from deploy.supervisor.supervisor import prepare_stores
from shared.errors import PermanentError
from shared.settings import Settings

APPLIED_WITHIN_S = 3_600.0
STARTED_WITHIN_S = 60.0

BEGUN = "SELECT coalesce(sum(next_offset), 0) FROM intake.positions"
HELD = "SELECT count(*) FROM intake.complaints"
SAID = "SELECT coalesce(sum(version), 0) FROM stats.figures"

Advance = Callable[[int], object]


class NotFinished(PermanentError):
    """The services did not catch up."""


async def measure(settings: Settings, total: int, seed: int, advance: Advance) -> dict[str, Any]:
    """Fill the topic, start the real services, and time them until nothing waits anywhere.

    In a state directory of its own, which is removed. Rates are reports (revisions and repeats included) a second.
    """
    home = settings.home / f"bench-{secrets.token_hex(4)}"

    async def fill(reached: Settings) -> None:
        await prepare_stores(reached)
        await emit(reached, on_kafka(total, seed), on_progress=advance)

    async with Supervisor(settings.model_copy(update={"home": home}), prepare=fill) as supervisor:
        began = await _first_batch(supervisor.settings)
        before = _used(supervisor)
        behind = await until_applied(supervisor.settings, SERVICES, APPLIED_WITHIN_S)
        seconds = time.perf_counter() - began
        if behind:
            raise NotFinished("; ".join(behind))
        used = {name: now.since(before[name]) for name, now in _used(supervisor).items()}
        counts = await _counts(supervisor.settings)
    shutil.rmtree(home, ignore_errors=True)
    return _report(total, seconds, used) | counts


def _used(supervisor: Supervisor) -> dict[str, Usage]:
    """Return what the services and the engines that run here have used so far."""
    pids = {name: supervisor.pid(name) for name in SERVICES}
    engines = (supervisor.engines.postgres, supervisor.engines.kafka)
    pids |= {engine.name: engine.process.pid for engine in engines if engine is not None}
    return {name: usage(pid) for name, pid in pids.items()}


async def _first_batch(settings: Settings) -> float:
    """Return when the first batch was committed; the clock starts there, behind the start of the services."""
    connection = await asyncpg.connect(settings.database_url.get_secret_value())
    try:
        async with asyncio.timeout(STARTED_WITHIN_S):
            while not await connection.fetchval(BEGUN):
                await asyncio.sleep(0.01)
    finally:
        await connection.close()
    return time.perf_counter()


async def _counts(settings: Settings) -> dict[str, int]:
    connection = await asyncpg.connect(settings.database_url.get_secret_value())
    try:
        return {"distinct_complaints": await connection.fetchval(HELD), "figures_said": int(await connection.fetchval(SAID))}
    finally:
        await connection.close()


def _report(total: int, seconds: float, used: dict[str, Usage]) -> dict[str, Any]:
    return {
        "bench": "pipeline",
        "reports": total,
        "seconds": round(seconds, 2),
        "complaints_per_second": round(total / seconds),
        "cpu_seconds": {name: round(u.cpu_s, 1) for name, u in used.items()},
        "peak_mib": {name: round(u.peak_mib) for name, u in used.items()},
    }
