"""The way in for what is not a Kafka batch: a unit of its own, taken again when it met another."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import asyncpg

from services.intake.domain.report import Reported
from services.intake.ingest import Accepted, Answer, Entrance, Intake
from shared.errors import TransientError
from shared.stream import Entry, Store

ATTEMPTS = 6
BACK_OFF_S = 0.02


async def take_in(
    store: Store, intake: Intake, reports: Sequence[Reported], entrance: Entrance, trace: Entry | None = None
) -> list[Answer]:
    """Apply reports in one transaction and return their answers once it is committed; what is accepted leaves `trace`.

    Two transactions that meet at one complaint or one name cannot both go on: the later one starts again.
    """
    for attempt in range(ATTEMPTS):
        try:
            async with store.unit() as unit:
                answers = await intake.take_in(unit, reports, entrance)
                if trace and any(isinstance(answer, Accepted) for answer in answers):
                    unit.record(trace)
                return answers
        except (TransientError, asyncpg.DeadlockDetectedError, asyncpg.SerializationError):
            if attempt == ATTEMPTS - 1:
                raise
            await asyncio.sleep(BACK_OFF_S * 2**attempt)
    raise AssertionError("unreachable")
