"""Deltas that mirrors follow, under writes: the client of `deploy/mirror` beside releases, and whether it is exact then."""

from __future__ import annotations

import asyncio
import hashlib
import random
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg

from deploy.bench.own_system import run_own_system
from deploy.bench.pages import milliseconds
from deploy.databases import connect_database
from deploy.mirror import __main__ as mirror
from services.publisher.store import gate, public_items
from shared.contracts import Board, ItemState, PublicItem, PublicOperator
from shared.settings import Settings

FILL = 1_000
# Items of one transaction: releases are of several, and each takes a lock.
BATCH = 10
OPERATORS = 2_000
AT = datetime(2026, 10, 9, tzinfo=UTC)
RULES = "bench"
BODIES = "SELECT body FROM publisher.public_items WHERE state <> 'withdrawn' ORDER BY release_seq"
Advance = Callable[[int], object]


async def measure(settings: Settings, items: int, rate: float, seconds: float, seed: int, advance: Advance) -> dict[str, Any]:
    """Fill a system of its own with so many items, then follow it from the beginning while items change, `rate` a second.

    Items are written past the gate, which the bench does not measure: by the database's owner, under the lock that gives out
    release numbers.
    """
    async with run_own_system(settings) as supervisor, _writer(supervisor.settings) as connection:
        for first in range(0, items, FILL):
            await _write(connection, [_item(n, 1, n % 2) for n in range(first, min(items, first + FILL))])
            advance(min(FILL, items - first))
        home = supervisor.settings.home
        result = await _follow(connection, supervisor.urls["publisher"], home, items, rate, seconds, seed)
    return {"bench": "mirror", "items": items, **result}


@asynccontextmanager
async def _writer(settings: Settings) -> AsyncIterator[asyncpg.Connection]:
    async with connect_database(settings) as connection:
        await connection.execute("SET session_replication_role = replica")
        yield connection


async def _follow(
    connection: asyncpg.Connection, url: str, home: Path, items: int, rate: float, seconds: float, seed: int
) -> dict[str, Any]:
    file, started = home / "mirror.sqlite3", time.monotonic()
    writing = asyncio.create_task(_change(connection, items, rate, seconds, seed))
    rounds = changes = 0
    while not writing.done():
        changes += await asyncio.to_thread(_bring_up_to_date, file, url)
        rounds += 1
    times = writing.result()
    changes += await asyncio.to_thread(_bring_up_to_date, file, url)
    with closing(sqlite3.connect(file)) as mirrored:
        ours = mirror.digest(mirrored)
    return {
        "seconds": round(time.monotonic() - started, 1),
        "writes": len(times) * BATCH,
        "writes_per_second": round(len(times) * BATCH / seconds, 1),
        "write": milliseconds(times),
        "rounds": rounds,
        "changes": changes,
        "exact": ours == await _truth(connection),
    }  # fmt: skip


def _bring_up_to_date(file: Path, url: str) -> int:
    with closing(sqlite3.connect(file)) as database:
        return mirror.follow(database, url)


async def _change(connection: asyncpg.Connection, items: int, rate: float, seconds: float, seed: int) -> list[float]:
    """Correct and withdraw items for so long, on schedule; return the seconds that each transaction took."""
    rng, versions, gone, times = random.Random(seed), dict[int, int](), set[int](), list[float]()  # noqa: S311 sample data
    started = time.monotonic()
    for number in range(round(rate * seconds / BATCH)):
        await asyncio.sleep(max(0.0, started + number * BATCH / rate - time.monotonic()))
        chosen = [n for n in rng.sample(range(items), BATCH) if n not in gone]
        versions.update({each: versions.get(each, 1) + 1 for each in chosen})
        leaving = {n for n in chosen if rng.random() < 1 / BATCH}
        gone |= leaving
        began = time.monotonic()
        await _write(connection, [_item(n, versions[n], rng.random(), withdrawn=n in leaving) for n in chosen])
        times.append(time.monotonic() - began)
    return times


async def _write(connection: asyncpg.Connection, items: list[PublicItem]) -> None:
    async with connection.transaction():
        first_seq = await gate.lock_releases(connection) + 1
        bodies = [item.model_dump_json() for item in items]
        await gate.append_releases(connection, first_seq, items, bodies, by="bench", at=AT, rules_version=RULES)
        await public_items.upsert_public_items(connection, first_seq, items, bodies)


def _item(number: int, version: int, value: float, *, withdrawn: bool = False) -> PublicItem:
    operator = PublicOperator(key=f"bench-{number % OPERATORS}", name=f"云州第{number % OPERATORS}商贸有限公司")
    state = ItemState.WITHDRAWN if withdrawn else ItemState.CORRECTED if version > 1 else ItemState.RELEASED
    shown = {"title": "示例", "summary": None, "content": {"complaints": value}, "operator": operator, "region": "990102"}
    return PublicItem(
        item_id=f"GS-BENCH-{number:07}", board=Board.MAJOR, version=version, state=state, first_released_at=AT, released_at=AT,
        rules_version=RULES, **(dict.fromkeys(shown) if withdrawn else shown),
    )  # fmt: skip


async def _truth(connection: asyncpg.Connection) -> str:
    """Return the digest that a mirror of what is public has."""
    found = hashlib.sha256()
    async with connection.transaction():
        async for (body,) in connection.cursor(BODIES):
            item = PublicItem.model_validate_json(body)
            found.update(mirror.canonical(item.model_dump(mode="json")).encode() + b"\n")
    return found.hexdigest()
