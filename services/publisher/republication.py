"""Sending the public forms of all items again, into a topic that was made anew."""

from __future__ import annotations

from services.publisher.releasing import event_of
from services.publisher.store.public_items import fetch_public_forms
from shared.stream import Database

BATCH = 500


async def republish(database: Database) -> int:
    """Emit the newest public form of every item, in the order of the releases; return how many."""
    seq = count = 0
    while True:
        async with database.unit_of_work() as uow:
            forms = await fetch_public_forms(uow.connection, seq, BATCH)
            for _, item in forms:
                uow.emit(event_of(item))
        count += len(forms)
        if len(forms) < BATCH:
            return count
        seq = forms[-1][0]
