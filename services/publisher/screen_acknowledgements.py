"""What screens acknowledge is stored in batches: a withdrawal is acknowledged by all of them within a second."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.publisher.domain.lease import Lease
from services.publisher.store import screens
from services.publisher.store.screens import Screen, ShownVersion
from shared.stream import Database


@dataclass(slots=True)
class _Batch:
    shown: dict[Lease, list[ShownVersion]] = field(default_factory=dict)
    # The leases that hold for the secrets that their screens have now, once the batch is stored.
    stored: asyncio.Task[set[Lease]] | None = None


class AcknowledgementBatches:
    """Stores a batch in a transaction; what arrives meanwhile is the next batch."""

    def __init__(self) -> None:
        self._writing = asyncio.Lock()
        self._open = _Batch()

    async def store(self, database: Database, lease: Lease, shown: Sequence[ShownVersion]) -> bool:
        """Return once it is stored; False, and nothing is, where the screen has another secret than the lease."""
        batch = self._open
        batch.shown.setdefault(lease, []).extend(shown)
        if batch.stored is None:
            batch.stored = asyncio.create_task(self._store(database, batch))
        # Whoever leaves takes nobody with it.
        return lease in await asyncio.shield(batch.stored)

    async def _store(self, database: Database, batch: _Batch) -> set[Lease]:
        async with self._writing:
            self._open = _Batch()
            async with database.unit_of_work() as uow:
                known = await screens.fetch_some(uow.connection, {lease.screen_id for lease in batch.shown})
                held = {lease for lease in batch.shown if _holds(lease, known.get(lease.screen_id))}
                # An open screen may be anybody: what it says is heard and proves nothing.
                proven = [lease for lease in held if not known[lease.screen_id].is_open]
                shown = [version for lease in proven for version in batch.shown[lease]]
                if shown:
                    await screens.insert_acknowledgements(uow.connection, shown, uow.now)
        return held


def _holds(lease: Lease, screen: Screen | None) -> bool:
    return screen is not None and screen.credential == lease.credential
