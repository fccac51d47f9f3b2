"""Submission of reports outside Kafka: a unit of work of its own, retried on a conflict with another transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import asyncpg

from services.intake.domain.report import ReportEvent
from services.intake.ingest import Accepted, Entrance, IngestResult, Intake
from shared.errors import TransientError
from shared.stream import JournalEntry, Store

MAX_ATTEMPTS = 6
BACKOFF_S = 0.02


async def submit_reports(
    store: Store, intake: Intake, reports: Sequence[ReportEvent], entrance: Entrance, entry: JournalEntry | None = None
) -> list[IngestResult]:
    """Ingest reports in one transaction and return their results after the commit; `entry` is journalled if any was accepted.

    Two transactions on one complaint or one name cannot both commit: the later one starts again.
    """
    for attempt in range(MAX_ATTEMPTS):
        try:
            async with store.unit_of_work() as uow:
                results = await intake.ingest(uow, reports, entrance)
                if entry and any(isinstance(result, Accepted) for result in results):
                    uow.journal(entry)
                return results
        except (TransientError, asyncpg.DeadlockDetectedError, asyncpg.SerializationError):
            if attempt == MAX_ATTEMPTS - 1:
                raise
            await asyncio.sleep(BACKOFF_S * 2**attempt)
    raise AssertionError("unreachable")
