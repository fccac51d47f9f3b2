"""Local replicas of the data of other services: published items, and the complaints behind them."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from shared.contracts import Channel, ItemState, Outcome, PublicItem, Status

_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")

# Yuan with at most two decimals, as contracts and pages write amounts.
_YUAN = re.compile(r"(?:0|[1-9][0-9]{0,11})(?:\.[0-9]{1,2})?")

_COUNT = re.compile(r"0|[1-9][0-9]{0,8}")

# A figure is corrected by the complaints that it counts, never by hand.
COUNTED_FIELDS = frozenset(
    {
        "complaints",
        "accepted",
        "resolved",
        "resolution_rate",
        "mediations",
        "mediation_successes",
        "mediation_success_rate",
        "mediation_success_denominator",
        "closed",
    }
)
# Codes follow the complaint too; the day of the figures cannot be corrected.
CODED_FIELDS = frozenset({"category", "industry", "channel", "status", "outcome", "office", "as_of"})
MONEY_FIELDS = frozenset({"amount", "recovered"})
DAY_FIELDS = frozenset({"received_on", "accepted_on", "closed_on"})
# The correctable fields of the operator; its code identifies whose item it is.
OPERATOR_FIELDS = ("name", "address", "scope")


def days_of_month(name: str) -> tuple[date, date] | None:
    """Return the first and last day of a month like `2026-10`; None for anything else."""
    match = _MONTH.fullmatch(name)
    if match is None or match[1] == "0000":
        return None
    year, month = int(match[1]), int(match[2])
    return date(year, month, 1), date(year, month, monthrange(year, month)[1])


def is_valid_value(field: str, value: str) -> bool:
    """Return whether `value` has the form of `field`: an amount in yuan, a count, an ISO day, or any text."""
    if field in MONEY_FIELDS:
        return bool(_YUAN.fullmatch(value))
    if field in COUNTED_FIELDS:
        return bool(_COUNT.fullmatch(value))
    return field not in DAY_FIELDS or _is_day(value)


def is_yuan(text: str) -> bool:
    """Return whether `text` is an amount in yuan."""
    return bool(_YUAN.fullmatch(text))


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class PublishedItem:
    """The newest version of an item that was published, in its public form."""

    public: PublicItem

    @property
    def is_open(self) -> bool:
        """Whether an operator may still apply: a withdrawn or expired item shows nothing to correct."""
        return self.public.state in (ItemState.RELEASED, ItemState.CORRECTED)

    def correctable_fields(self) -> dict[str, str]:
        """Return the fields that a ruling may correct by hand, as text by the publisher's field names.

        Figures and codes are not among them: they follow the complaints.
        """
        fields = {"title": self.public.title or ""}
        for name, value in (self.public.content or {}).items():
            if name not in COUNTED_FIELDS | CODED_FIELDS and not isinstance(value, bool | list | dict):
                fields[name] = "" if value is None else str(value)
        if self.public.operator:
            fields |= {f"operator.{name}": getattr(self.public.operator, name) or "" for name in OPERATOR_FIELDS}
        return fields

    def disputable_fields(self) -> dict[str, str]:
        """Return what an applicant can name as wrong: the correctable fields, and the counts that follow from complaints."""
        content = self.public.content or {}
        counts = {name: str(content[name]) for name in COUNTED_FIELDS if type(content.get(name)) is int}
        return self.correctable_fields() | counts

    def counted_period(self) -> tuple[date, date] | None:
        """Return the first and last day of the month whose complaints the item counts, or None."""
        return days_of_month(self.public.period or "")

    def names_operator(self, uscc: str) -> bool:
        """Return whether the item names the operator with this code; an item without a code matches any operator."""
        operator = self.public.operator
        return operator is None or operator.uscc is None or operator.uscc == uscc


@dataclass(frozen=True, slots=True)
class ComplaintFact:
    """The facts of a complaint; `excluded` when an earlier ruling excluded it from the figures."""

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
