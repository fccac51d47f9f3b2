"""The last day by which a version at work is to be public, or to be withdrawn, by the rules of its kind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.publisher.domain.drafting import Purpose
from services.publisher.domain.terms import publication_deadline, withdrawal_deadline
from services.publisher.kinds import find_kind
from shared.calendar import Calendar
from shared.contracts import Board
from shared.rules import Rules

# What is late of either is counted under the name that the limit has in the rules.
LIMITS: Mapping[Purpose, str] = {Purpose.PUBLISH: "publish_within", Purpose.WITHDRAW: "withdraw_within"}


@dataclass(frozen=True, slots=True)
class AtWork:
    """A version at work of a kind with a limit: the first one of an item, or one that withdraws it, and since when."""

    item_id: str
    board: Board
    kind: str
    title: str
    purpose: Purpose
    content: Mapping[str, Any]
    drafted_on: date


@dataclass(frozen=True, slots=True)
class ItemTerm:
    """An item with the last day by which it is to be public, or withdrawn."""

    item: AtWork
    due: date

    def is_late(self, today: date) -> bool:
        """Return whether that day is over."""
        return today > self.due


def kinds_with_terms(rules: Rules) -> list[str]:
    """Return the kinds for which the rules say until when an item is published or withdrawn."""
    return sorted(name for name, of_kind in rules.kinds.items() if of_kind.publish_within or of_kind.withdraw_within)


def find_item_terms(rules: Rules, workdays: Calendar, items: Sequence[AtWork]) -> list[ItemTerm]:
    """Return the items with a last day, what is due first first."""
    return sorted(_terms(rules, workdays, items), key=lambda term: (term.due, term.item.item_id))


def _terms(rules: Rules, workdays: Calendar, items: Sequence[AtWork]) -> Iterator[ItemTerm]:
    for item in items:
        kind = find_kind(item.kind)
        if item.purpose is Purpose.WITHDRAW:
            due = withdrawal_deadline(item.kind, item.drafted_on, rules, workdays)
        else:
            due = publication_deadline(kind, item.content, rules, workdays) if kind else None
        if due is not None:
            yield ItemTerm(item, due)
