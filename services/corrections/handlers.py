"""What corrections does with what others say: it keeps the newest of it, by key."""

from __future__ import annotations

from collections.abc import Sequence

from services.corrections.store import registers
from shared.contracts import ComplaintFacts, ItemCorrected, ItemReleased, ItemWithdrawn
from shared.contracts.complaints import COMPLAINTS
from shared.contracts.publications import PUBLICATIONS, ItemEvent
from shared.stream import AT_LEISURE_S, Received, Subscription, Unit, listen


async def keep_items(unit: Unit, run: Sequence[Received[ItemEvent]]) -> None:
    """Keep the newest public form of each item."""
    await registers.keep_items(unit.connection, [received.event.item for received in run])


async def keep_complaints(unit: Unit, run: Sequence[Received[ComplaintFacts]]) -> None:
    """Keep the newest facts of each complaint."""
    await registers.keep_complaints(unit.connection, [received.event for received in run])


SUBSCRIPTIONS: tuple[Subscription, ...] = (
    listen(PUBLICATIONS, {ItemReleased: keep_items, ItemCorrected: keep_items, ItemWithdrawn: keep_items}),
    listen(COMPLAINTS, {ComplaintFacts: keep_complaints}, batches=2, gather_s=AT_LEISURE_S),
)
