"""What rulings say about complaints."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from shared.contracts import Outcome, RulingMade, Status


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One ruling's word on one complaint: it does not count, or a fact of it is another. `amount` is yuan."""

    complaint_id: UUID
    ruling_id: UUID
    decided_at: datetime
    excluded: bool
    status: Status | None
    outcome: Outcome | None
    amount: str | None

    def said(self) -> dict[str, Any]:
        """Return what it changes."""
        return {"excluded": self.excluded, "status": self.status, "outcome": self.outcome, "amount": self.amount}

    def origin(self) -> dict[str, Any]:
        """Return the ruling it comes from."""
        return {"ruling_id": str(self.ruling_id), "decided_at": self.decided_at.isoformat()}


def adjustments(rulings: Iterable[RulingMade]) -> list[Adjustment]:
    """Return what the rulings say about complaints, each ruling and complaint once."""
    found = {
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
    return sorted(found.values(), key=lambda each: (each.complaint_id, each.decided_at, each.ruling_id))
