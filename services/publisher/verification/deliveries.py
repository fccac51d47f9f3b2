"""Targets against the release record: what was not brought to them, and what they have not acknowledged."""

from __future__ import annotations

from services.publisher.domain.delivery import GIVE_UP_AFTER
from services.publisher.store import deliveries
from services.publisher.verification.progress import Progress, no_progress
from shared.clock import now
from shared.stream import Database


async def find_differences(database: Database, progress: Progress = no_progress) -> list[str]:
    """Return what targets lack, `item: what`; a version that waits for less than a day is no difference."""
    advance = progress("Targets", 2)
    async with database.snapshot() as connection:
        missing = await deliveries.find_missing(connection)
        advance(1)
        overdue = await deliveries.find_overdue(connection, now() - GIVE_UP_AFTER)
        advance(1)
    return [
        *(f"{item_id}: target {target} was not brought v{version}" for target, item_id, version in missing),
        *(f"{item_id}: target {target} has not acknowledged v{version}" for target, item_id, version in overdue),
    ]
