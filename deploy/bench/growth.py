"""What a report costs by the number of complaints held: new ones and revisions of old ones, through the services."""

from __future__ import annotations

import asyncio
import random
import secrets
import shutil
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import chain
from time import monotonic, perf_counter
from typing import Any

import asyncpg

from deploy.bench.disk import table_bytes, topic_bytes
from deploy.bench.held import HeldReports
from deploy.bench.meter import usage_by_process
from deploy.bench.pipeline import NotFinished
from deploy.cli.simulate import emit
from deploy.cli.status import wait_applied
from deploy.samples import Emission
from deploy.supervisor import SERVICES, Supervisor
from shared.settings import Settings

# The first is not counted: plans, caches and compiled code of services that have just started are cold.
WARM_UP = 1
# Of the measured reports; the pipeline's input has two revisions and repeats to each complaint.
REVISED_SHARE = 0.5
LEAST = 1_000
APPLIED_TIMEOUT_S = 6 * 3_600.0
# PostgreSQL looks for tables to vacuum every fifteen seconds.
QUIET_S = 20.0
QUIET_WITHIN_S = 900.0
# Of the tables and of the topics; the others are told together.
LARGEST = 8

VACUUMS = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'autovacuum worker'"
COUNT_HELD = "SELECT count(*) FROM intake.complaints"

Advance = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Window:
    """What `reports` cost, from the moment they were there until they were applied everywhere."""

    reports: int
    seconds: float
    cpu_s: Mapping[str, float]

    @property
    def cpu_us(self) -> float:
        """Processor microseconds of all processes a report."""
        return sum(self.cpu_s.values()) / self.reports * 1e6


@dataclass(frozen=True, slots=True)
class Size:
    """The windows measured with so many complaints held, and what one of these takes on disk (bytes), by table and topic."""

    complaints: int
    windows: Sequence[Window]
    tables: Mapping[str, int]
    topics: Mapping[str, int]

    @property
    def middle(self) -> Window:
        """The window with the median cost."""
        return sorted(self.windows, key=lambda window: window.cpu_us)[len(self.windows) // 2]


async def measure(
    settings: Settings, sizes: Sequence[int], reports: int, windows: int, seed: int, advance: Advance
) -> list[Size]:
    """Fill up to each size in turn, through the services, and measure windows of so many reports there.

    On engines and in a state directory of its own, deleted afterwards.
    """
    home = settings.home / f"bench-{secrets.token_hex(4)}"
    try:
        async with Supervisor(settings.model_copy(update={"home": home})) as supervisor:
            await supervisor.wait_ready()
            return await _Growth(supervisor, HeldReports(seed), reports, seed, advance).measure(sorted(sizes), windows)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def total_reports(sizes: Sequence[int], reports: int, windows: int) -> int:
    """Return how many reports are sent in all: what a size's windows add is not filled again before the next size."""
    measured = reports * (WARM_UP + windows)
    added = measured - round(reports * REVISED_SHARE) * (WARM_UP + windows)
    return max(sizes) + measured * len(sizes) - added * (len(sizes) - 1)


class _Growth:
    """One system that grows; `_held` complaints are in it, each with its number below that."""

    def __init__(self, supervisor: Supervisor, source: HeldReports, reports: int, seed: int, advance: Advance) -> None:
        self._supervisor = supervisor
        self._source = source
        self._reports = reports
        self._rng = random.Random(seed)  # noqa: S311 synthetic data, not a secret
        self._advance = advance
        self._held = 0
        self._revision = 1

    async def measure(self, sizes: Sequence[int], windows: int) -> list[Size]:
        measured = []
        for size in sizes:
            await self._fill(size)
            runs = [await self._measure_window() for _ in range(WARM_UP + windows)][WARM_UP:]
            measured.append(await self._size(size, runs))
        return measured

    async def _fill(self, size: int) -> None:
        """Report complaints until so many are held."""
        await self._emit(self._source.received(range(self._held, size)))
        self._held = max(size, self._held)
        await self._wait_applied()

    async def _measure_window(self) -> Window:
        """Measure reports of which a share revises complaints that are drawn from all that are held."""
        batch = self._draw_batch()
        await self._settle()
        self._supervisor.pause("intake")
        await self._emit(batch)
        started, before = perf_counter(), usage_by_process(self._supervisor)
        self._supervisor.resume("intake")
        await self._wait_applied(compared=False)
        seconds = perf_counter() - started
        used = {name: now.since(before[name]).cpu_s for name, now in usage_by_process(self._supervisor).items()}
        return Window(len(batch), seconds, used)

    def _draw_batch(self) -> list[Emission]:
        self._revision += 1
        revised = self._rng.sample(range(self._held), min(round(self._reports * REVISED_SHARE), self._held))
        new = range(self._held, self._held + self._reports - len(revised))
        self._held = new.stop
        batch = list(chain(self._source.received(new), self._source.revised(revised, self._revision)))
        self._rng.shuffle(batch)
        return batch

    async def _emit(self, emissions: Iterable[Emission]) -> None:
        await emit(self._supervisor.settings, emissions, on_progress=self._advance)

    async def _wait_applied(self, *, compared: bool = True) -> None:
        if backlog := await wait_applied(self._supervisor.settings, SERVICES, APPLIED_TIMEOUT_S, compared=compared):
            raise NotFinished("; ".join(backlog))

    async def _settle(self) -> None:
        """Wait until all is compared and no table is being vacuumed, and write a checkpoint: every window begins alike."""
        await self._wait_applied()
        async with open_connection(self._supervisor.settings) as connection:
            begun = quiet_since = monotonic()
            while monotonic() - quiet_since < QUIET_S and monotonic() - begun < QUIET_WITHIN_S:
                await asyncio.sleep(1)
                if await connection.fetchval(VACUUMS):
                    quiet_since = monotonic()
            await connection.execute("CHECKPOINT")

    async def _size(self, size: int, windows: Sequence[Window]) -> Size:
        async with open_connection(self._supervisor.settings) as connection:
            held = await connection.fetchval(COUNT_HELD)
            if held != self._held:
                raise NotFinished(f"{held} complaints are held, {self._held} were reported")
            tables = await table_bytes(connection)
        topics = await asyncio.to_thread(topic_bytes, self._supervisor.engines.home / "kafka" / "data")
        return Size(size, windows, _per_complaint(tables, held), _per_complaint(topics, held))


def _per_complaint(sizes: Mapping[str, int], held: int) -> dict[str, int]:
    return {name: round(each / held) for name, each in sizes.items()}


@asynccontextmanager
async def open_connection(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    """Open a connection of the owner of the database."""
    connection = await asyncpg.connect(settings.database_url.get_secret_value())
    try:
        yield connection
    finally:
        await connection.close()


def report(sizes: Sequence[Size], reports: int) -> dict[str, Any]:
    """Return the result. `flat_within`: by how much of the least cost of a report the greatest is above it; less is better."""
    costs = [size.middle.cpu_us for size in sizes]
    return {
        "bench": "growth",
        "reports": reports,
        "flat_within": round(max(costs) / min(costs) - 1, 3),
        "sizes": [_report_size(size) for size in sizes],
    }


def _report_size(size: Size) -> dict[str, Any]:
    middle = size.middle
    return {
        "complaints": size.complaints,
        "cpu_us_per_report": round(middle.cpu_us),
        "cpu_us": {name: round(seconds / middle.reports * 1e6, 1) for name, seconds in middle.cpu_s.items()},
        "windows_cpu_us": [round(window.cpu_us) for window in size.windows],
        "reports_per_second": round(middle.reports / middle.seconds),
        "disk_bytes_per_complaint": sum(size.tables.values()) + sum(size.topics.values()),
        "tables_bytes": _largest(size.tables),
        "topics_bytes": _largest(size.topics),
    }


def _largest(sizes: Mapping[str, int]) -> dict[str, int]:
    """Return the largest by name, and what the others have together."""
    ordered = list(sizes.items())
    rest = sum(each for _, each in ordered[LARGEST:])
    return dict(ordered[:LARGEST]) | ({"others": rest} if rest else {})
