"""Seals of the journals: kept as they come, for everybody to copy."""

from __future__ import annotations

from collections.abc import Sequence

from services.publisher.store import seals
from shared.contracts.seals import SEALS, JournalSealed
from shared.metrics import SEALED_AT
from shared.seals import InvalidSeal, verify_signature
from shared.security_events import SecurityEvent, report
from shared.stream import DeadLetterReason, ReceivedEvent, Subscription, UnitOfWork, ValidationFinding, subscribe
from shared.stream.subscription import RELAXED_LINGER_S


def subscription() -> Subscription:
    """Return the subscription of `gongshi.seals`."""
    return subscribe(SEALS, {JournalSealed: _store_seals}, linger_s=RELAXED_LINGER_S)


async def _store_seals(uow: UnitOfWork, events: Sequence[ReceivedEvent[JournalSealed]]) -> None:
    """Store the seals that are signed by the key that they name; whether that is the right one, readers know."""
    signed = []
    for received in events:
        try:
            verify_signature(received.event)
        except InvalidSeal:
            report(SecurityEvent.SEAL_REFUSED, number=received.event.number)
            finding = ValidationFinding("signature", "invalid", "not signed by the key that it names")
            uow.refuse(received, DeadLetterReason.INVALID, finding)
        else:
            signed.append(received.event)
    await seals.insert_seals(uow.connection, signed)
    for seal in signed:
        SEALED_AT.set(seal.sealed_at.timestamp())
