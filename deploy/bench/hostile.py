"""What a bounded flood from strangers costs everybody else, as ratios to the quiet system, measured in turn in the same run."""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any

import orjson
from rich.progress import Progress

from deploy import runtime
from deploy.backlog import Backlog, measure_backlog
from deploy.bench.flood import FloodPlan
from deploy.bench.meter import reset_peak, usage, usage_by_process
from deploy.bench.own_system import run_own_system
from deploy.bench.pages import DOCUMENT, NothingReleased, milliseconds, request_pages, sample_urls
from deploy.bench.recalls import AcknowledgingScreen, Recalls, prepare_recalls
from deploy.cli.simulate import emit
from deploy.databases import connect_database
from deploy.demo.system import CHECKED_MONTHS, PAIRED_SCREEN, SCREENS, DemoSystem, fill_boards, set_up_demo
from deploy.demo.visitor import Visitor
from deploy.samples import kafka_emissions
from deploy.supervisor import SERVICES
from shared.accounts import Role
from shared.errors import PermanentError
from shared.settings import Settings

PAGES_PER_S = 20.0
REPORTS_PER_S = 50.0
RECALLS = 5
SIGN_IN_INTERVAL_S = 3.0
LAG_INTERVAL_S = 1.0
# Caches and plans of services that have just started are cold.
WARM_UP_S = 5.0
# The flood may take that long until everything of it has begun.
FLOW_TIMEOUT_S = 60.0
PAGES_P95_MS, RECALL_S, PEAK_MIB = 500.0, 1.0, 512.0
# As many releases as are sent at most: a stranger holds a stream for as long as they are read.
MISSED = 90
# What recalled items and their operators answer is right.
GONE = frozenset({"404", "410"})
# Lag is counted in records: one more or less is no change.
LAG_RATIO, LAG_SLACK = 2.0, REPORTS_PER_S


LAST_RELEASE = "SELECT coalesce(max(release_seq), 0) FROM publisher.releases"


class FloodFailed(PermanentError):
    """The flood did not begin."""


@dataclass(frozen=True, slots=True)
class Phase:
    """What was measured for a while: seconds of pages, recalls and sign-ins, failed pages, lags, MiB, processor seconds."""

    pages: Sequence[float]
    failures: Counter[str]
    recalls: Sequence[float]
    sign_ins: Sequence[float]
    lags: Sequence[int]
    peak_mib: Mapping[str, float]
    cpu_s: Mapping[str, float]


def summarize(phases: Sequence[Phase]) -> dict[str, Any]:
    """Return what was measured in some phases together."""
    recalls = [seconds for phase in phases for seconds in phase.recalls]
    sign_ins = [seconds for phase in phases for seconds in phase.sign_ins]
    lags = [lag for phase in phases for lag in phase.lags]
    return {
        "pages": milliseconds([seconds for phase in phases for seconds in phase.pages]),
        "pages_failed": dict(sum((phase.failures for phase in phases), Counter[str]())),
        "recall_s": {"median": round(median(recalls), 3), "worst": round(max(recalls), 3)},
        "sign_in_s": {"median": round(median(sign_ins), 3), "worst": round(max(sign_ins), 3)},
        "lag": {"median": median(lags), "worst": max(lags)},
        "peak_mib": {name: round(max(phase.peak_mib[name] for phase in phases)) for name in phases[0].peak_mib},
        "cpu_seconds": {name: round(sum(phase.cpu_s[name] for phase in phases), 1) for name in phases[0].cpu_s},
    }


@dataclass(frozen=True, slots=True)
class Others:
    """Who uses the system: readers of pages, an officer who recalls, a colleague who signs in, hotlines that report."""

    system: DemoSystem
    kinds: Mapping[str, Any]
    recalls: Recalls
    colleague: Visitor
    seed: int

    async def measure(self, seconds: float) -> Phase:
        """Measure for so many seconds."""
        pids = {name: self.system.supervisor.pid(name) for name in SERVICES}
        for pid in pids.values():
            reset_peak(pid)
        before = usage_by_process(self.system.supervisor)
        reader_key, total = self.system.reader_key, round(REPORTS_PER_S * seconds)
        load, confirmed, sign_ins, lags, _ = await asyncio.gather(
            request_pages(self.kinds, PAGES_PER_S, seconds, self.seed, reader_key, lambda _: None),
            self.recalls.measure(RECALLS, seconds),
            self._sign_in(seconds),
            self._sample_lag(seconds),
            emit(self.system.settings, kafka_emissions(total, self.seed), rate=REPORTS_PER_S),
        )
        used = {name: now.since(before[name]).cpu_s for name, now in usage_by_process(self.system.supervisor).items()}
        failures = Counter({error: count for error, count in load.failures.items() if error not in GONE})
        return Phase(load.times, failures, confirmed, sign_ins, lags, {n: usage(p).peak_mib for n, p in pids.items()}, used)

    async def _sign_in(self, seconds: float) -> list[float]:
        """Sign in again and again in a browser in which the person has signed in before."""
        started, times = time.monotonic(), []
        while (began := time.monotonic()) < started + seconds:
            await self.system.sign_in(self.colleague, Role.REVIEWER)
            times.append(time.monotonic() - began)
            await asyncio.sleep(SIGN_IN_INTERVAL_S)
        return times

    async def _sample_lag(self, seconds: float) -> list[int]:
        started, lags = time.monotonic(), []
        while time.monotonic() < started + seconds:
            lags.append(_lag(await measure_backlog(self.system.settings)))
            await asyncio.sleep(LAG_INTERVAL_S)
        return lags


def _lag(backlog: Backlog) -> int:
    """Return how many records the consumers have not applied; figures are emitted at a pace of their own."""
    return sum(count or 0 for consumers in backlog.lag.values() for count in consumers.values())


async def measure(
    settings: Settings, seconds: float, rounds: int, complaints: int, seed: int, bars: Progress
) -> dict[str, Any]:
    """Set up the demo's system in a state directory of its own, and measure it quiet and flooded in turn, `seconds` each."""
    async with run_own_system(settings) as supervisor:
        system = await set_up_demo(supervisor, seed, complaints, bars, CHECKED_MONTHS, with_ledger=False)
        await fill_boards(system, bars)
        result = await _compare(system, seconds, rounds, seed, bars)
    return {"bench": "hostile", "seconds": seconds, "rounds": rounds, "complaints": complaints, **result}


async def _compare(system: DemoSystem, seconds: float, rounds: int, seed: int, bars: Progress) -> dict[str, Any]:
    running = runtime.read(system.settings.home)
    if running is None:
        raise NothingReleased
    kinds, _ = await sample_urls(system.settings, running)
    kinds.pop(DOCUMENT)
    publisher = system.supervisor.urls["publisher"]
    async with (
        system.visitor() as officer, system.visitor() as colleague,
        AcknowledgingScreen(publisher, PAIRED_SCREEN.screen_id, system.screen_secret) as screen,
    ):  # fmt: skip
        await system.sign_in(officer, Role.OFFICER)
        await system.sign_in(colleague, Role.REVIEWER)
        recalls = await prepare_recalls(system, officer, screen, 2 * RECALLS * rounds)
        step = bars.add_task("Measuring, in turn", total=2 * rounds)
        await request_pages(kinds, PAGES_PER_S, WARM_UP_S, seed, system.reader_key, lambda _: None)
        quiet, flooded, answers = [], [], []
        for number in range(rounds):
            quiet.append(await Others(system, kinds, recalls, colleague, seed + 2 * number + 1).measure(seconds))
            bars.update(step, advance=1)
            async with _flood(system, seconds) as answered:
                await screen.connect_again()
                flooded.append(await Others(system, kinds, recalls, colleague, seed + 2 * number + 2).measure(seconds))
            answers.append(answered)
            bars.update(step, advance=1)
    return {**judge(quiet, flooded), "screen_refused": screen.refused, "flood": answers}


@asynccontextmanager
async def _flood(system: DemoSystem, seconds: float) -> AsyncIterator[dict[str, Any]]:
    """Let the flood flow inside; what came back to it is in the dictionary afterwards. Raises `FloodFailed`."""
    urls = system.supervisor.urls
    screens = tuple(screen.screen_id for screen in (*SCREENS, PAIRED_SCREEN))
    async with system.visitor() as visitor:
        item_id = (await visitor.json("publisher", "/api/items?limit=1"))["items"][0]["item_id"]
    async with connect_database(system.settings) as connection:
        after = max(0, int(await connection.fetchval(LAST_RELEASE)) - MISSED)
    plan = FloodPlan(urls["publisher"], urls["corrections"], screens, item_id, after, seconds)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "deploy.bench.flood", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    answers: dict[str, Any] = {}
    try:
        if process.stdin is None or process.stdout is None:
            raise FloodFailed
        process.stdin.write(plan.to_json())
        process.stdin.close()
        async with asyncio.timeout(FLOW_TIMEOUT_S):
            if not await process.stdout.readline():
                raise FloodFailed
        yield answers
        answers.update(orjson.loads(await process.stdout.read() or b"{}"))
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


VALUES: Mapping[str, Callable[[Mapping[str, Any]], float]] = {
    "pages_p95": lambda phase: phase["pages"]["p95_ms"],
    "recall_median": lambda phase: phase["recall_s"]["median"],
    "recall_worst": lambda phase: phase["recall_s"]["worst"],
    "sign_in_worst": lambda phase: phase["sign_in_s"]["worst"],
    "lag_median": lambda phase: phase["lag"]["median"],
    "peak_mib": lambda phase: max(phase["peak_mib"].values()),
}


def judge(quiet: Sequence[Phase], flooded: Sequence[Phase]) -> dict[str, Any]:
    """Return both in sum, the medians of the ratios within each pair, and whether each target is reached."""
    pairs = [(summarize([before]), summarize([after])) for before, after in zip(quiet, flooded, strict=True)]
    ratios = {name: _ratio([(of(before), of(after)) for before, after in pairs]) for name, of in VALUES.items()}
    calm, storm = summarize(quiet), summarize(flooded)
    lag = storm["lag"]["median"]
    reached = {
        "pages_p95": storm["pages"]["p95_ms"] < PAGES_P95_MS and not storm["pages_failed"],
        "recall": storm["recall_s"]["worst"] < RECALL_S,
        "peak_mib": max(storm["peak_mib"].values()) < PEAK_MIB,
        "lag": lag <= max(LAG_RATIO * calm["lag"]["median"], calm["lag"]["median"] + LAG_SLACK),
    }
    return {"quiet": calm, "flooded": storm, "ratios": ratios, "reached": reached}


def _ratio(pairs: Sequence[tuple[float, float]]) -> float:
    return round(median(after / max(before, 0.001) for before, after in pairs), 2)
