"""The watch over sources: when each was heard, and how many are silent, which the alert rules read."""

from __future__ import annotations

from datetime import datetime

import asyncpg

from services.intake.ingest import Intake
from services.intake.store.silence import delete_old_hours, fetch_silent_sources, insert_hours
from shared.accounts.service_states import Attention
from shared.metrics import SOURCES_SILENT
from shared.stream import Database

WATCH_INTERVAL_S = 60.0


async def find_silent_sources(connection: asyncpg.Connection, now: datetime) -> list[Attention]:
    """Return the silent sources, for the operations page."""
    return [
        Attention(code="source_silent", subject=each.name, since=each.last_active_at)
        for each in await fetch_silent_sources(connection, now)
    ]


class SourceWatch:
    """Stores which sources were heard; what a process heard in its last minute may be lost."""

    def __init__(self, database: Database, intake: Intake) -> None:
        self._database = database
        self._intake = intake

    async def check(self) -> None:
        """Store which sources were heard since the last time, and count the silent ones."""
        active = self._intake.take_active()
        async with self._database.unit_of_work() as uow:
            await insert_hours(uow.connection, active, uow.now)
            await delete_old_hours(uow.connection, uow.now)
            SOURCES_SILENT.set(len(await fetch_silent_sources(uow.connection, uow.now)))
