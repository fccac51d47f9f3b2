"""The event handlers of the publisher: one module per topic, and the table of subscriptions."""

from __future__ import annotations

from services.publisher.bureau import BureauContext
from services.publisher.handlers import complaints, figures, rulings, seals
from services.publisher.staging import DraftingPace
from shared.stream import Subscription


def subscriptions(bureau: BureauContext, pace: DraftingPace) -> list[Subscription]:
    """Return the subscriptions of the publisher."""
    return [
        figures.subscription(bureau),
        complaints.subscription(bureau, pace),
        rulings.subscription(bureau),
        seals.subscription(),
    ]
