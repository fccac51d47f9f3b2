"""The sweep of what has come to its end: tracking codes that open nothing any more."""

from __future__ import annotations

import asyncio

import structlog

from services.corrections.store.tracking_codes import sweep_codes
from shared.stream import Database

log = structlog.get_logger(__name__)

INTERVAL_S = 3_600.0


class Sweeper:
    """The background task that deletes what has come to its end."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def run(self) -> None:
        """Sweep every `INTERVAL_S` until cancelled."""
        while True:
            await self.sweep()
            await asyncio.sleep(INTERVAL_S)

    async def sweep(self) -> None:
        """Sweep once."""
        async with self._database.unit_of_work() as uow:
            codes = await sweep_codes(uow.connection, uow.now)
        if codes:
            log.info("swept", tracking_codes=codes)
