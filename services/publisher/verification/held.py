"""The release record against approvals, versions and what is kept for showing, within the database."""

from __future__ import annotations

from services.publisher.store import verification
from services.publisher.store.verification import FAULTS
from services.publisher.verification.bar import Bar, unseen
from shared.stream import Store


async def differences(store: Store, bar: Bar = unseen) -> list[str]:
    """Return what is wrong by each rule, `item: what`. Empty: nothing is."""
    advance = bar("Release record", len(FAULTS))
    found: list[str] = []
    async with store.reading() as connection:
        for rule in FAULTS:
            found += [f"{subject}: {what}" for subject, what in await verification.faults(connection, rule)]
            advance(1)
    return found
