"""What is done at night: the days of large operators, and the recount of all figures, which the publisher shows."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog

from services.stats.store.large_operators import add_large_operator, find_large_operators
from services.stats.store.verifications import (
    Verification,
    claim_verification,
    fetch_newest_verification,
    upsert_verification,
)
from services.stats.verification import VerificationReport, find_differences
from shared.clock import local_day
from shared.contracts import FiguresVerified
from shared.metrics import FIGURES_DIFFERENT, FIGURES_VERIFIED_AT
from shared.stream import Database, JournalEntry

if TYPE_CHECKING:  # commands record a recount without the web
    from shared.service import ServiceContext

log = structlog.get_logger(__name__)

CHECK_INTERVAL_S = 600.0
# The hour from which on the day's recount is made: it reads everything, and few report at night.
NIGHT_HOUR = 3


async def record_verification(database: Database, report: VerificationReport, zone: ZoneInfo, actor: str) -> Verification:
    """Store the result of a recount, say it, and enter it into the journal, which is sealed."""
    async with database.unit_of_work() as uow:
        day = local_day(uow.now, zone)
        verification = Verification(day, uow.now, report.complaints, report.figures, len(report.differences))
        await upsert_verification(uow.connection, verification)
        counts = {"complaints": report.complaints, "figures": report.figures, "differences": verification.differences}
        uow.emit(FiguresVerified(day=day, verified_at=uow.now, **counts))
        uow.journal(JournalEntry(actor, "figures_verified", day.isoformat(), after=counts, detail=counts))
    return verification


async def measure_verification(database: Database) -> None:
    """Measure when the newest recount was and what it found; before the first one it is awaited from now on."""
    async with database.snapshot() as connection:
        newest = await fetch_newest_verification(connection)
    FIGURES_VERIFIED_AT.set((newest.verified_at if newest else database.clock()).timestamp())
    FIGURES_DIFFERENT.set(newest.differences if newest else 0)


async def keep_large_operators(database: Database, today: date) -> int:
    """Keep the operators that were large within a year by the day from now on; return how many were added."""
    async with database.snapshot() as connection:
        found = await find_large_operators(connection, today.replace(day=1) - timedelta(days=366))
    for operator_key in found:
        async with database.unit_of_work() as uow:
            await add_large_operator(uow.connection, operator_key, uow.now)
    return len(found)


class NightlyRecount:
    """The background task that recounts all figures once a day."""

    def __init__(self, context: ServiceContext) -> None:
        self._database = context.database
        self._zone = context.settings.zone

    async def run(self) -> None:
        """Check every `CHECK_INTERVAL_S` until cancelled."""
        while True:
            await asyncio.sleep(CHECK_INTERVAL_S)
            await self.check()

    async def check(self) -> None:
        """Recount where today's recount is due and nobody else makes it; measure when the newest was and what it found."""
        now = self._database.clock()
        if self._is_due(now) and await self._claim(now):
            await keep_large_operators(self._database, local_day(now, self._zone))
            report = await find_differences(self._database)
            made = await record_verification(self._database, report, self._zone, "stats")
            log.info("figures_verified", complaints=made.complaints, figures=made.figures, differences=made.differences)
        await measure_verification(self._database)

    def _is_due(self, now: datetime) -> bool:
        return now.astimezone(self._zone).hour >= NIGHT_HOUR

    async def _claim(self, now: datetime) -> bool:
        async with self._database.unit_of_work() as uow:
            return await claim_verification(uow.connection, local_day(now, self._zone), now)
