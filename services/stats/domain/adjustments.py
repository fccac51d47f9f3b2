"""What rulings change of complaints."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.contracts import Outcome, RulingMade, Status


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What one ruling changes of one complaint: it does not count, or a fact of it is another. `amount` is yuan."""

    complaint_id: UUID
    ruling_id: UUID
    decided_at: datetime
    excluded: bool
    status: Status | None
    outcome: Outcome | None
    amount: str | None

    def changes(self) -> dict[str, Any]:
        """Return the changed facts, as the journal takes them."""
        return {"excluded": self.excluded, "status": self.status, "outcome": self.outcome, "amount": self.amount}

    def origin(self) -> dict[str, Any]:
        """Return the ruling behind it, as the journal takes it."""
        return {"ruling_id": str(self.ruling_id), "decided_at": self.decided_at.isoformat()}


def to_adjustments(rulings: Iterable[RulingMade]) -> list[Adjustment]:
    """Return what the rulings change, each pair of complaint and ruling once, in the order of decisions."""
    by_pair = {
        (effect.complaint_id, ruling.ruling_id): Adjustment(
            effect.complaint_id,
            ruling.ruling_id,
            ruling.decided_at,
            effect.exclude,
            effect.status,
            effect.outcome,
            effect.amount,
        )
        for ruling in rulings
        for effect in ruling.effects
    }
    return sorted(by_pair.values(), key=lambda one: (one.complaint_id, one.decided_at, one.ruling_id))
