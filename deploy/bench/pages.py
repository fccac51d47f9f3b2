"""Public pages and answers of what runs here, asked at a steady rate whether the answers keep up or not."""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from statistics import median, quantiles
from typing import Any

import httpx2

from deploy import runtime
from deploy.stores import connected
from shared.errors import PermanentError
from shared.settings import Settings

TIMEOUT_S = 10.0
SAMPLED = 500
LEAST = 100

Advance = Callable[[int], object]

ITEMS = "SELECT item_id FROM publisher.public_items WHERE state IN ('released', 'corrected') ORDER BY random() LIMIT $1"
OPERATORS = "SELECT key, name FROM publisher.public_operators ORDER BY random() LIMIT $1"
MONTH = "SELECT max(month) FROM publisher.closings"
HELD = "SELECT count(*) FROM stats.contributions"


class NothingToAsk(PermanentError):
    """Nothing runs here, or nothing is released yet: start `gongshi demo` first."""


async def measure(settings: Settings, rate: float, seconds: float, seed: int, advance: Advance) -> dict[str, Any]:
    """Ask for pages of every kind in turn, `rate` a second, each at its time: a slow answer does not put off the next."""
    running = runtime.read(settings.home)
    if running is None:
        raise NothingToAsk
    kinds, held = await _addresses(runtime.addressed(settings), running)
    chance = random.Random(seed)  # noqa: S311 which page is asked for is no secret
    took: dict[str, list[float]] = defaultdict(list)
    failed = 0

    async def ask(client: httpx2.AsyncClient, kind: str, address: str) -> None:
        nonlocal failed
        began = time.monotonic()
        try:
            answer = await client.get(address)
            failed += answer.status_code != httpx2.codes.OK
        except httpx2.HTTPError:
            failed += 1
        took[kind].append(time.monotonic() - began)
        advance(1)

    async with httpx2.AsyncClient(timeout=TIMEOUT_S, trust_env=False, headers={"Accept-Language": "zh"}) as client:
        began, asked = time.monotonic(), set()
        for number in range(round(rate * seconds)):
            await asyncio.sleep(max(0.0, began + number / rate - time.monotonic()))
            kind = list(kinds)[number % len(kinds)]
            task = asyncio.create_task(ask(client, kind, chance.choice(kinds[kind])))
            asked.add(task)
            task.add_done_callback(asked.discard)
        await asyncio.gather(*asked)
    every = [each for times in took.values() for each in times]
    return {
        "bench": "pages",
        "complaints_held": held,
        "requests_per_second": rate,
        "requests": len(every),
        "failed": failed,
        **_milliseconds(every),
        "by_kind": {kind: _milliseconds(times) for kind, times in sorted(took.items())},
    }


async def _addresses(settings: Settings, running: runtime.Runtime) -> tuple[dict[str, Sequence[str]], int]:
    """Return what can be asked for, by kind, and how many complaints stats holds."""
    portal, figures = running.services["publisher"].url, running.services["stats"].url
    async with connected(settings) as connection:
        items = [row["item_id"] for row in await connection.fetch(ITEMS, SAMPLED)]
        operators = await connection.fetch(OPERATORS, SAMPLED)
        month = await connection.fetchval(MONTH)
        held = int(await connection.fetchval(HELD))
    if not items or not operators or month is None:
        raise NothingToAsk
    keys = [row["key"] for row in operators]
    return {
        "front page": [f"{portal}/", f"{portal}/?lang=en"],
        "board": [f"{portal}/boards/basic", f"{portal}/boards/major"],
        "item": [f"{portal}/items/{item}" for item in items],
        "operator": [f"{portal}/operators/{key}" for key in keys],
        "operator's year": [f"{portal}/operators/{key}?window=year" for key in keys],
        "search": [f"{portal}/search?q={row['name'][2:6]}" for row in operators],
        "item as JSON": [f"{portal}/api/items/{item}" for item in items],
        "figures of a month": [f"{figures}/stats/operators/{key}?period={month}" for key in keys],
        "figures of 365 days": [f"{figures}/stats/operators/{key}?window=365d" for key in keys],
    }, held


def _milliseconds(times: Sequence[float]) -> dict[str, float]:
    parts = quantiles(times, n=100) if len(times) >= LEAST else [max(times)] * 99
    return {
        "median_ms": round(1000 * median(times), 1),
        "p95_ms": round(1000 * parts[94], 1),
        "p99_ms": round(1000 * parts[98], 1),
    }
