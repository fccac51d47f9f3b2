"""Rulings: an application puts its item under review; a decision corrects it, withdraws it, or leaves it as it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

import structlog

from services.publisher import drafting, releasing
from services.publisher.domain.form import UnknownField
from services.publisher.office import Office
from services.publisher.store import gate
from services.publisher.store import rulings as store
from shared.contracts import ApplicationFiled, ApplicationWithdrawn, Decision, RulingMade
from shared.contracts.rulings import RULINGS
from shared.stream import Detail, Entry, Reason, Received, Subscription, Unit, listen

log = structlog.get_logger(__name__)


def subscription(office: Office) -> Subscription:
    """Return the subscription of `gongshi.rulings`."""

    async def review(unit: Unit, events: Sequence[Received[ApplicationFiled]]) -> None:
        await store.keep_applications(unit.connection, [received.event for received in events])
        await gate.announce(unit.connection)

    async def let_be(unit: Unit, events: Sequence[Received[ApplicationWithdrawn]]) -> None:
        await store.end_applications(unit.connection, [received.event for received in events])
        await gate.announce(unit.connection)

    async def follow(unit: Unit, events: Sequence[Received[RulingMade]]) -> None:
        new = await store.keep_rulings(unit.connection, list({r.event.ruling_id: r.event for r in events}.values()))
        for received in events:
            if received.event.ruling_id in new:
                new.discard(received.event.ruling_id)
                await _follow(unit, office, received)
        await gate.announce(unit.connection)

    return listen(RULINGS, {ApplicationFiled: review, ApplicationWithdrawn: let_be, RulingMade: follow})


async def _follow(unit: Unit, office: Office, received: Received[RulingMade]) -> None:
    """Do what one ruling says. Rulings are few, each is of one item."""
    ruling = received.event
    match ruling.decision:
        case Decision.UPHELD:
            done = False
        case Decision.CORRECTED:
            changes = [(correction.field, correction.value) for correction in ruling.corrections]
            try:
                done = await drafting.correct_by_ruling(unit, office, ruling.item_id, changes)
            except (UnknownField, ValueError):
                unit.refuse(received, Reason.UNPROCESSABLE, Detail("corrections", "unknown_field", "no such field in the item"))
                return
        case Decision.WITHDRAWN:
            done = await releasing.withdraw_by_ruling(unit, office, ruling)
        case never:
            assert_never(never)
    detail = {"decision": ruling.decision, "reply": ruling.reply_number, "changed": done}
    unit.record(Entry(ruling.reply_number, "ruling_followed", ruling.item_id, detail=detail))
