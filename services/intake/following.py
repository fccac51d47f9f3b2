"""Complaints follow a name that was claimed late, some at a time: a name may have more of them than one transaction holds."""

from __future__ import annotations

import asyncio

from services.intake.ingest import Intake
from services.intake.store.following import CHANNEL
from shared.service import Running
from shared.waiting import until_set

# A lost notification is made up for after this time.
IDLE_S = 60.0


class Following:
    """The work that goes on where batches left off, woken by their commits."""

    def __init__(self, running: Running, intake: Intake) -> None:
        self._store = running.store
        self._intake = intake
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """Let complaints follow until cancelled, or until the connection that listens is lost."""
        async with self._store.pool.acquire() as listening:
            await listening.add_listener(CHANNEL, self._woken)
            try:
                while not listening.is_closed():
                    self._wake.clear()
                    while await self._some_followed():
                        pass
                    await until_set(self._wake, IDLE_S)
            finally:
                if not listening.is_closed():
                    await listening.remove_listener(CHANNEL, self._woken)

    async def _some_followed(self) -> bool:
        async with self._store.unit() as unit:
            return await self._intake.follow_a_name(unit)

    def _woken(self, *_: object) -> None:
        self._wake.set()
