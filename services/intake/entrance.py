"""The way in for what is not a Kafka batch: a unit of its own, taken again when it met another."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import asyncpg

from services.intake.domain.report import Reported
from services.intake.ingest import Answer, Entrance, Intake
from shared.errors import TransientError
from shared.stream import Store

ATTEMPTS = 6
BACK_OFF_S = 0.02


async def take_in(store: Store, intake: Intake, reports: Sequence[Reported], entrance: Entrance) -> list[Answer]:
    """Apply reports in one transaction and return their answers once it is committed.

    Two transactions that meet at one complaint or one name cannot both go on: the later one starts again.
    """
    for attempt in range(ATTEMPTS):
        try:
            async with store.unit() as unit:
                return await intake.take_in(unit, reports, entrance)
        except (TransientError, asyncpg.DeadlockDetectedError, asyncpg.SerializationError):
            if attempt == ATTEMPTS - 1:
                raise
            await asyncio.sleep(BACK_OFF_S * 2**attempt)
    raise AssertionError("unreachable")
