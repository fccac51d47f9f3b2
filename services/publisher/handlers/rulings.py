"""Rulings: an accepted application puts its item under review; a ruling corrects it, withdraws it, or upholds it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

import structlog

from services.publisher import drafting, stopping
from services.publisher.bureau import BureauContext
from services.publisher.domain.form import UnknownField
from services.publisher.store import gate, item_versions, rulings
from shared.contracts import ApplicationAccepted, ApplicationWithdrawn, Decision, RulingMade
from shared.contracts.rulings import RULINGS
from shared.stream import DeadLetterReason, JournalEntry, ReceivedEvent, Subscription, UnitOfWork, ValidationFinding, subscribe

log = structlog.get_logger(__name__)


def subscription(bureau: BureauContext) -> Subscription:
    """Return the subscription of `gongshi.rulings`."""

    async def open_reviews(uow: UnitOfWork, events: Sequence[ReceivedEvent[ApplicationAccepted]]) -> None:
        newest = {received.event.application_id: received.event for received in events}
        await rulings.insert_applications(uow.connection, list(newest.values()))
        await gate.notify_listeners(uow.connection)

    async def close_reviews(uow: UnitOfWork, events: Sequence[ReceivedEvent[ApplicationWithdrawn]]) -> None:
        await rulings.close_applications(uow.connection, [received.event for received in events])
        await gate.notify_listeners(uow.connection)

    async def apply_rulings(uow: UnitOfWork, events: Sequence[ReceivedEvent[RulingMade]]) -> None:
        if any(received.event.decision is Decision.WITHDRAWN for received in events):
            # Before any item is locked, and in the order in which the desk takes them.
            await gate.lock_releases(uow.connection)
            await item_versions.lock_drafting(uow.connection)
        new = await rulings.insert_rulings(uow.connection, list({r.event.ruling_id: r.event for r in events}.values()))
        for received in events:
            if received.event.ruling_id in new:
                new.discard(received.event.ruling_id)
                await _apply_ruling(uow, bureau, received)
        await rulings.close_without_effect(uow.connection, [received.event.ruling_id for received in events])
        await gate.notify_listeners(uow.connection)

    return subscribe(
        RULINGS, {ApplicationAccepted: open_reviews, ApplicationWithdrawn: close_reviews, RulingMade: apply_rulings}
    )


async def _apply_ruling(uow: UnitOfWork, bureau: BureauContext, received: ReceivedEvent[RulingMade]) -> None:
    """Apply one ruling to its item. Rulings are few, so one at a time."""
    ruling = received.event
    match ruling.decision:
        case Decision.UPHELD:
            changed = await drafting.respond_by_ruling(uow, bureau, ruling)
        case Decision.CORRECTED:
            changes = [(correction.field, correction.value) for correction in ruling.corrections]
            try:
                changed = await drafting.correct_by_ruling(uow, bureau, ruling.item_id, changes, ruling.response)
            except (UnknownField, ValueError, ArithmeticError):
                uow.refuse(
                    received,
                    DeadLetterReason.INVALID,
                    ValidationFinding("corrections", "unknown_field", "no such field in the item"),
                )
                await rulings.close_corrected(uow.connection, [ruling.item_id])
                return
            if not changed and not ruling.effects:
                # Nothing follows: neither a version now nor figures later.
                await rulings.close_corrected(uow.connection, [ruling.item_id])
        case Decision.WITHDRAWN:
            changed = await stopping.withdraw_by_ruling(uow, bureau, ruling)
            if not changed:
                await rulings.close_corrected(uow.connection, [ruling.item_id])
        case never:
            assert_never(never)
    detail = {"decision": ruling.decision, "reply": ruling.reply_number, "changed": changed}
    uow.journal(JournalEntry(ruling.reply_number, "ruling_followed", ruling.item_id, detail=detail))
