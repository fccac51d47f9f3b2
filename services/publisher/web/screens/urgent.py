"""What a screen shows at once and in front of everything: warnings, while they are new."""

from __future__ import annotations

from datetime import datetime, timedelta

from services.publisher.kinds import find_kind
from shared.contracts import ItemState, PublicItem

URGENT_PERIOD = timedelta(days=1)


def is_urgent(item: PublicItem, at: datetime) -> bool:
    """Return whether an item is of a kind that interrupts, and was released within `URGENT_PERIOD`."""
    kind = find_kind(item.kind)
    is_new = at - item.released_at <= URGENT_PERIOD
    return kind is not None and kind.interrupts and is_new and item.state is not ItemState.WITHDRAWN
