"""One publisher of all brings items to others: that which holds the lock, with one connection for all its workers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

import asyncpg

from services.publisher.store import gate
from shared.database.connections import acquire
from shared.stream import Database
from shared.waiting import wait_set

CHANNEL = "deliveries"
LOCK_INTERVAL_S = 2.0
TRY_LOCK = "SELECT pg_try_advisory_lock(hashtext('publisher.delivering'))"
UNLOCK = "SELECT pg_advisory_unlock(hashtext('publisher.delivering'))"
NOTIFY = "SELECT pg_notify($1, '')"


class Worker(Protocol):
    """Does what is due, step by step."""

    async def step(self) -> float:
        """Do what is due; return the seconds after which there may be more."""

    async def stop(self) -> None:
        """Leave what is on its way."""


async def notify_workers(connection: asyncpg.Connection) -> None:
    """NOTIFY the workers that there is something to do beside a release."""
    await connection.execute(NOTIFY, CHANNEL)


async def lead(database: Database, workers: Sequence[Worker], wake: asyncio.Event) -> None:
    """Let the workers work, each at its own pace, for as long as the lock is held; `wake` ends their pauses.

    Raises `ConnectionError` when the connection that holds the lock is lost.
    """
    wakes = [asyncio.Event() for _ in workers]

    def on_notify(*_: object) -> None:
        for each in (wake, *wakes):
            each.set()

    async with acquire(database.pool) as connection:
        while not await connection.fetchval(TRY_LOCK):
            await asyncio.sleep(LOCK_INTERVAL_S)
        connection.add_termination_listener(on_notify)
        for channel in (CHANNEL, gate.CHANNEL):
            await connection.add_listener(channel, on_notify)
        try:
            async with asyncio.TaskGroup() as group:
                for worker, own in zip(workers, wakes, strict=True):
                    group.create_task(_work(worker, own, connection))
                group.create_task(_pass_on(wake, wakes))
        finally:
            for worker in workers:
                await worker.stop()
            with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                connection.remove_termination_listener(on_notify)
                for channel in (CHANNEL, gate.CHANNEL):
                    await connection.remove_listener(channel, on_notify)
                await connection.execute(UNLOCK)


async def _work(worker: Worker, wake: asyncio.Event, connection: asyncpg.Connection) -> None:
    while True:
        wake.clear()
        if connection.is_closed():
            raise ConnectionError("the connection that holds the lock was lost")
        await wait_set(wake, await worker.step())


async def _pass_on(wake: asyncio.Event, wakes: Sequence[asyncio.Event]) -> None:
    while True:
        await wake.wait()
        wake.clear()
        for each in wakes:
            each.set()
