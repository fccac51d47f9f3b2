"""Public pages and APIs of the running system under open-loop load: a constant rate, whether responses keep up or not."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any

import httpx2

from deploy import runtime
from deploy.databases import connect_database
from services.publisher.domain.pinyin import read_name
from shared.contracts import Board
from shared.errors import PermanentError
from shared.reference import districts
from shared.settings import Settings

TIMEOUT_S = 10.0
DOCUMENT_TIMEOUT_S = 60.0
DOCUMENT = "report as PDF"
SAMPLE_SIZE = 500
MIN_FOR_PERCENTILES = 100

Advance = Callable[[int], object]

SAMPLE_ITEMS = "SELECT item_id FROM publisher.public_items WHERE state IN ('released', 'corrected') ORDER BY random() LIMIT $1"
SAMPLE_OPERATORS = "SELECT key, name FROM publisher.public_operators ORDER BY random() LIMIT $1"
SAMPLE_REPORTS = """
SELECT item_id
  FROM publisher.public_items
 WHERE board = 'analysis' AND state <> 'withdrawn' AND body #>> '{content,report_figures}' IS NOT NULL
 ORDER BY release_seq DESC
 LIMIT 1
"""
SAMPLE_INDUSTRIES = "SELECT DISTINCT industry FROM publisher.public_operators WHERE industry IS NOT NULL ORDER BY industry"
COUNT_ITEMS = "SELECT count(*) FROM publisher.public_items WHERE state <> 'withdrawn'"
NEWEST_MONTH = "SELECT max(month) FROM publisher.closings"
COUNT_CONTRIBUTIONS = "SELECT count(*) FROM stats.contributions"


class NothingReleased(PermanentError):
    """Nothing runs here, or nothing is released yet: start `gongshi demo` first."""


async def measure(settings: Settings, rate: float, seconds: float, seed: int, advance: Advance) -> dict[str, Any]:
    """Request pages of every kind in turn, `rate` a second, each on schedule: a slow response does not delay the next."""
    running = runtime.read(settings.home)
    if running is None:
        raise NothingReleased
    kinds, held = await sample_urls(runtime.resolve_addresses(settings), running)
    document_s = await time_document(kinds.pop(DOCUMENT))
    load = await request_pages(kinds, rate, seconds, seed, running.reader_key, advance)
    return {
        "bench": "pages",
        **held,
        "document_s": document_s,
        "requests_per_second": rate,
        **load.summary(),
    }


@dataclass(slots=True)
class Load:
    """What came of the requests: seconds by kind of page, and what failed by status or error."""

    seconds_by_kind: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: Counter[str] = field(default_factory=Counter)

    @property
    def times(self) -> list[float]:
        """Seconds of all requests."""
        return [seconds for times in self.seconds_by_kind.values() for seconds in times]

    def summary(self) -> dict[str, Any]:
        """Return how many requests there were, how many failed by what, and their times in all and by kind."""
        return {
            "requests": len(self.times),
            "failed": self.failures.total(),
            "failures": dict(self.failures),
            **milliseconds(self.times),
            "by_kind": {kind: milliseconds(times) for kind, times in sorted(self.seconds_by_kind.items())},
        }


async def request_pages(
    kinds: Mapping[str, Sequence[str]], rate: float, seconds: float, seed: int, reader_key: str | None, advance: Advance
) -> Load:
    """Request pages of every kind in turn, `rate` a second, each on schedule."""
    rng = random.Random(seed)  # noqa: S311 the choice of pages is no secret
    load = Load()

    async def request(client: httpx2.AsyncClient, kind: str, address: str) -> None:
        started = time.monotonic()
        try:
            response = await client.get(address)
            if response.status_code != httpx2.codes.OK:
                load.failures[str(response.status_code)] += 1
        except httpx2.HTTPError as error:
            load.failures[type(error).__name__] += 1
        load.seconds_by_kind[kind].append(time.monotonic() - started)
        advance(1)

    headers = {"Accept-Language": "zh", "Authorization": f"Bearer {reader_key}"}
    async with httpx2.AsyncClient(timeout=TIMEOUT_S, trust_env=False, headers=headers) as client:
        started, tasks = time.monotonic(), set()
        for number in range(round(rate * seconds)):
            await asyncio.sleep(max(0.0, started + number / rate - time.monotonic()))
            kind = list(kinds)[number % len(kinds)]
            task = asyncio.create_task(request(client, kind, rng.choice(kinds[kind])))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        await asyncio.gather(*tasks)
    return load


async def time_document(addresses: Sequence[str]) -> float | None:
    """Return the seconds that a report takes as PDF the first time it is asked for; None where no report is public."""
    if not addresses:
        return None
    async with httpx2.AsyncClient(timeout=DOCUMENT_TIMEOUT_S, trust_env=False) as client:
        started = time.monotonic()
        (await client.get(addresses[0])).raise_for_status()
        return round(time.monotonic() - started, 2)


async def sample_urls(settings: Settings, running: runtime.Runtime) -> tuple[dict[str, Sequence[str]], dict[str, int]]:
    """Return the URLs by kind of page, and how many complaints stats and how many items and operators the publisher holds."""
    portal, figures = running.services["publisher"].url, running.services["stats"].url
    async with connect_database(settings) as connection:
        items = [row["item_id"] for row in await connection.fetch(SAMPLE_ITEMS, SAMPLE_SIZE)]
        operators = await connection.fetch(SAMPLE_OPERATORS, SAMPLE_SIZE)
        month = await connection.fetchval(NEWEST_MONTH)
        industries = [row["industry"] for row in await connection.fetch(SAMPLE_INDUSTRIES)]
        reports = [row["item_id"] for row in await connection.fetch(SAMPLE_REPORTS)]
        held = {
            "complaints_held": int(await connection.fetchval(COUNT_CONTRIBUTIONS)),
            "items_held": int(await connection.fetchval(COUNT_ITEMS)),
        }
    if not items or not operators or month is None:
        raise NothingReleased
    keys = [row["key"] for row in operators]
    return {
        "front page": [f"{portal}/", f"{portal}/?lang=en"],
        "board": [f"{portal}/boards/{board.value}" for board in Board],
        "region": [f"{portal}/regions/{region.code}" for region in districts()],
        "industry": [f"{portal}/industries/{industry}?window=year" for industry in industries] or [f"{portal}/methods"],
        DOCUMENT: [f"{portal}/items/{report}.pdf" for report in reports],
        "item": [f"{portal}/items/{item}" for item in items],
        "operator": [f"{portal}/operators/{key}" for key in keys],
        "operator's year": [f"{portal}/operators/{key}?window=year" for key in keys],
        "search": [f"{portal}/search?q={row['name'][2:6]}" for row in operators],
        "search by sound": [f"{portal}/search?q={read_name(row['name'])[0][7:17]}" for row in operators],
        "item as JSON": [f"{portal}/api/items/{item}" for item in items],
        "figures of a month": [f"{figures}/stats/operators/{key}?period={month}" for key in keys],
        "figures of 365 days": [f"{figures}/stats/operators/{key}?window=365d" for key in keys],
    }, held


def milliseconds(times: Sequence[float]) -> dict[str, float]:
    """Return median, 95th and 99th percentile of times in seconds; of few times the last two are the longest."""
    parts = quantiles(times, n=100) if len(times) >= MIN_FOR_PERCENTILES else [max(times)] * 99
    return {
        "median_ms": round(1000 * median(times), 1),
        "p95_ms": round(1000 * parts[94], 1),
        "p99_ms": round(1000 * parts[98], 1),
    }
