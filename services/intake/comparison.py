"""When reports are compared with others: not while a bulk comes in, so that intake keeps its pace, and soon after otherwise."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from time import monotonic

MATCHING_KEY_FILE = "matching.key"
# So many in one batch are a bulk, and how long none must have come, in seconds.
BULK = 500
QUIET_S = 2.0


@dataclass(slots=True)
class ComparisonPace:
    """What the comparison knows of the stream; `wake` is set when a batch has been applied."""

    wake: asyncio.Event = field(default_factory=asyncio.Event)
    _bulk_at: float = float("-inf")

    def noted(self, count: int) -> None:
        """Note that so many complaints have changed at once."""
        if count >= BULK:
            self._bulk_at = monotonic()
        if count:
            self.wake.set()

    def rest_s(self) -> float:
        """Return for how many seconds the comparison has to rest."""
        return max(0.0, self._bulk_at + QUIET_S - monotonic())
