"""The event handlers of the publisher: one module per topic, and the table of subscriptions."""

from __future__ import annotations

from services.publisher.handlers import complaints, figures, rulings, seals
from services.publisher.office import Office
from shared.stream import Subscription


def subscriptions(office: Office) -> list[Subscription]:
    """Return the subscriptions of the publisher."""
    return [figures.subscription(office), complaints.subscription(office), rulings.subscription(office), seals.subscription()]
