"""Event handlers of corrections: they store the newest version of each item and complaint, by key."""

from __future__ import annotations

from collections.abc import Sequence

from services.corrections.store import replicas
from shared.contracts import ComplaintFacts, ItemCorrected, ItemReleased, ItemWithdrawn
from shared.contracts.complaints import COMPLAINTS
from shared.contracts.facts_struct import Facts, read_facts
from shared.contracts.publications import PUBLICATIONS, ItemEvent
from shared.stream import RELAXED_LINGER_S, ReceivedEvent, Subscription, UnitOfWork, subscribe
from shared.stream.record import contract_decoder


async def upsert_items(uow: UnitOfWork, events: Sequence[ReceivedEvent[ItemEvent]]) -> None:
    """Store the newest public form of each item."""
    await replicas.upsert_items(uow.connection, [received.event.item for received in events])


async def upsert_complaints(uow: UnitOfWork, events: Sequence[ReceivedEvent[Facts]]) -> None:
    """Store the newest facts of each complaint."""
    await replicas.upsert_complaints(uow.connection, [received.event for received in events])


SUBSCRIPTIONS: tuple[Subscription, ...] = (
    subscribe(PUBLICATIONS, {ItemReleased: upsert_items, ItemCorrected: upsert_items, ItemWithdrawn: upsert_items}),
    Subscription(
        COMPLAINTS,
        contract_decoder([(ComplaintFacts.type, ComplaintFacts)], {ComplaintFacts.type: read_facts}),
        {ComplaintFacts: upsert_complaints},
        batch_factor=2,
        lingers_under_load=True,
        linger_s=RELAXED_LINGER_S,
    ),
)
