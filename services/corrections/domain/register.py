"""What corrections keeps of what others said: published items, and the complaints behind them."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from shared.contracts import Channel, ItemState, Outcome, PublicItem, Status

_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")

# A figure is put right by the complaints that it counts, never by hand.
COUNTED_FIELDS = frozenset(
    {
        "complaints", "accepted", "resolved", "resolution_rate", "mediations", "mediation_successes",
        "mediation_success_rate", "amount", "recovered", "median_days", "p90_days",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PublishedItem:
    """The newest version of an item that was published, in its public form."""

    public: PublicItem

    @property
    def open(self) -> bool:
        """Whether an operator may still apply: a withdrawn or expired item shows nothing that could be wrong."""
        return self.public.state in (ItemState.RELEASED, ItemState.CORRECTED)

    def fields(self) -> dict[str, str]:
        """Return the content fields that a ruling may put right by hand, as text.

        On the basic board the numbers are figures: they follow the complaints and are left out here.
        """
        content = self.public.content or {}
        counted = COUNTED_FIELDS if self.public.period else frozenset[str]()
        return {
            field: str(value)
            for field, value in content.items()
            if field not in counted and isinstance(value, str | int | float | Decimal) and not isinstance(value, bool)
        }

    def counted_days(self) -> tuple[date, date] | None:
        """Return the first and last day of the month that the item counts, None when it counts none."""
        match = _MONTH.fullmatch(self.public.period or "")
        if match is None:
            return None
        year, month = int(match[1]), int(match[2])
        return date(year, month, 1), date(year, month, monthrange(year, month)[1])

    def concerns(self, uscc: str) -> bool:
        """Whether the operator with this code is the one named; an item that names no code concerns any operator."""
        operator = self.public.operator
        return operator is None or operator.uscc is None or operator.uscc == uscc


@dataclass(frozen=True, slots=True)
class ComplaintFact:
    """What corrections knows of a complaint, and what earlier rulings did to it."""

    complaint_id: UUID
    revision: int
    operator_key: str
    external_id: str
    channel: Channel
    received_on: date
    status: Status
    outcome: Outcome | None
    amount: Decimal | None
    excluded: bool = False
