"""The whole pipeline: from reports on the topic to figures emitted and applied by every service."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import time
from collections.abc import Callable
from typing import Any

import asyncpg

from deploy.bench.meter import Usage, usage_by_process
from deploy.cli.simulate import emit
from deploy.cli.status import wait_applied
from deploy.samples import kafka_emissions
from deploy.supervisor import SERVICES, Supervisor
from deploy.supervisor.supervisor import prepare_stores
from shared.errors import PermanentError
from shared.settings import Settings

APPLIED_TIMEOUT_S = 3_600.0
START_TIMEOUT_S = 60.0

SUM_OFFSETS = "SELECT coalesce(sum(next_offset), 0) FROM intake.positions"
COUNT_COMPLAINTS = "SELECT count(*) FROM intake.complaints"
COUNT_EMISSIONS = "SELECT coalesce(sum(version), 0) FROM stats.figures"

Advance = Callable[[int], object]


class NotFinished(PermanentError):
    """The services did not catch up."""


async def measure(settings: Settings, total: int, seed: int, advance: Advance) -> dict[str, Any]:
    """Fill the topic, start the real services, and measure until there is no backlog.

    In a state directory of its own, deleted afterwards. Rates are reports (revisions and repeats included) a second.
    """
    home = settings.home / f"bench-{secrets.token_hex(4)}"

    async def fill(resolved: Settings) -> None:
        await prepare_stores(resolved)
        await emit(resolved, kafka_emissions(total, seed), on_progress=advance)

    async with Supervisor(settings.model_copy(update={"home": home}), prepare=fill) as supervisor:
        started = await _wait_first_batch(supervisor.settings)
        before = usage_by_process(supervisor)
        backlog = await wait_applied(supervisor.settings, SERVICES, APPLIED_TIMEOUT_S, compared=False)
        seconds = time.perf_counter() - started
        if backlog:
            raise NotFinished("; ".join(backlog))
        used = {name: now.since(before[name]) for name, now in usage_by_process(supervisor).items()}
        counts = await _fetch_counts(supervisor.settings)
    shutil.rmtree(home, ignore_errors=True)
    return _report(total, seconds, used) | counts


async def _wait_first_batch(settings: Settings) -> float:
    """Return the time of the first commit, where the measurement starts: the start of the services is excluded."""
    connection = await asyncpg.connect(settings.database_url.get_secret_value())
    try:
        async with asyncio.timeout(START_TIMEOUT_S):
            while not await connection.fetchval(SUM_OFFSETS):
                await asyncio.sleep(0.01)
    finally:
        await connection.close()
    return time.perf_counter()


async def _fetch_counts(settings: Settings) -> dict[str, int]:
    connection = await asyncpg.connect(settings.database_url.get_secret_value())
    try:
        return {
            "distinct_complaints": await connection.fetchval(COUNT_COMPLAINTS),
            "figures_said": int(await connection.fetchval(COUNT_EMISSIONS)),
        }
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
