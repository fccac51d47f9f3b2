"""Background reattribution of complaints whose operator name was claimed later, in limited transactions."""

from __future__ import annotations

import asyncio

from services.intake.ingest import Intake
from services.intake.name_keys import renew_name_keys
from services.intake.store.reattributions import CHANNEL
from shared.service import ServiceContext
from shared.waiting import wait_set

# The queue is polled after this time, should a notification get lost.
IDLE_S = 60.0


class ReattributionTask:
    """Works off the queue of names, woken by NOTIFY from the transactions that fill it."""

    def __init__(self, context: ServiceContext, intake: Intake) -> None:
        self._database = context.database
        self._intake = intake
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """Renew the keys of stored names, then reattribute until cancelled, or until the listening connection is lost."""
        await renew_name_keys(self._database)
        async with self._database.pool.acquire() as listener:
            await listener.add_listener(CHANNEL, self._on_notification)
            try:
                while not listener.is_closed():
                    self._wake.clear()
                    while await self._reattribute_some():
                        pass
                    await wait_set(self._wake, IDLE_S)
            finally:
                if not listener.is_closed():
                    await listener.remove_listener(CHANNEL, self._on_notification)

    async def _reattribute_some(self) -> bool:
        async with self._database.unit_of_work() as uow:
            return await self._intake.reattribute_next_name(uow)

    def _on_notification(self, *_: object) -> None:
        self._wake.set()
