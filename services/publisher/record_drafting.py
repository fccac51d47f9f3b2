"""The background task that drafts items from handled complaints, at a pace that leaves the stream its processor time."""

from __future__ import annotations

import asyncio
from time import perf_counter

from services.publisher import complaint_items
from services.publisher.bureau import BureauContext
from services.publisher.staging import DraftingPace
from shared.clock import now
from shared.stream import Database

DRAFTING_INTERVAL_S = 1.0


async def draft_due(database: Database, bureau: BureauContext, pace: DraftingPace) -> None:
    """Draft from what waits while no bulk comes in; after each transaction rest as long as it took."""
    drafted = 0
    while pace.is_due(now()) and (pace.behind or not drafted):
        started = perf_counter()
        async with database.unit_of_work() as uow:
            drafted = await complaint_items.draft_waiting(uow, bureau)
        pace.behind = drafted == complaint_items.BATCH
        await asyncio.sleep(perf_counter() - started)
