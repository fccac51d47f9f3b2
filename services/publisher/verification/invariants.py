"""The release record against approvals, versions and the public projection, within the database."""

from __future__ import annotations

from services.publisher.store import verification
from services.publisher.store.verification import INVARIANTS
from services.publisher.verification.progress import Progress, no_progress
from shared.stream import Database


async def find_differences(database: Database, progress: Progress = no_progress) -> list[str]:
    """Return the violations of every invariant, `item: what`; empty where all hold."""
    advance = progress("Release record", len(INVARIANTS))
    found: list[str] = []
    async with database.snapshot() as connection:
        for invariant in INVARIANTS:
            found += [f"{subject}: {what}" for subject, what in await verification.find_violations(connection, invariant)]
            advance(1)
    return found
