"""What would have become of an item under another version of the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from services.publisher.domain.drafting import State
from services.publisher.domain.terms import expiry
from shared.contracts import Board
from shared.rules import MajorGround, Rules

# Versions that were decided on: what still waits will be decided under the rules of that day.
APPROVED = frozenset({State.APPROVED, State.RELEASED})


@dataclass(frozen=True, slots=True)
class DecidedItem:
    """A version of an item as far as the rules decide on it, with the item's first release and the version's reviews.

    `ground` is the code of not publishing it; amount (yuan), category and words are those of its public form.
    """

    item_id: str
    board: Board
    title: str
    state: State
    first_released_on: date | None
    reviews: int
    ground: str | None
    amount: Decimal | None
    category: str | None
    words: str
    kind: str | None = None
    content: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FateDifference:
    """A rule, by its place in the rules file, that decides otherwise: what it led to, and what it would lead to."""

    item_id: str
    title: str
    rule: str
    was: str
    would_be: str


def find_fate_differences(item: DecidedItem, made: Rules, other: Rules) -> Iterator[FateDifference]:
    """Yield what would differ had `other` been in force instead of `made`, a difference a rule."""
    for compare in COMPARISONS:
        found = compare(item, made, other)
        if found is not None:
            yield FateDifference(item.item_id, item.title, *found)


def _compare_term(item: DecidedItem, made: Rules, other: Rules) -> tuple[str, str, str] | None:
    if item.state is not State.RELEASED or item.first_released_on is None:
        return None
    first = item.first_released_on
    was, would_be = (expiry(item.kind, item.content, item.board, rules, first) for rules in (made, other))
    if was == would_be:
        return None
    rule = f"kinds.{item.kind}.terms" if item.kind in other.kinds else f"boards.{item.board}.term_months"
    return rule, f"public until {was or 'withdrawn'}", f"public until {would_be or 'withdrawn'}"


def _compare_reviewers(item: DecidedItem, made: Rules, other: Rules) -> tuple[str, str, str] | None:
    wanted, wanted_then = (rules.reviewers(item.board, item.kind, at_risk=False) for rules in (other, made))
    if item.state not in APPROVED or item.reviews >= wanted or wanted <= wanted_then:
        return None
    return f"boards.{item.board}.reviewers", f"approved by {item.reviews}", f"waits for {wanted - item.reviews} more"


def _compare_notice(item: DecidedItem, made: Rules, other: Rules) -> tuple[str, str, str] | None:
    was, would_be = (rules.notice_workdays(item.board, item.kind) for rules in (made, other))
    if item.state is not State.RELEASED or would_be <= was:
        return None
    return f"boards.{item.board}.notice_workdays", f"notice of {was} working days", f"notice of {would_be} working days"


def _compare_major(item: DecidedItem, made: Rules, other: Rules) -> tuple[str, str, str] | None:
    if item.board is not Board.MAJOR:
        return None
    grounds = [rules.major.ground(amount=item.amount, category=item.category, text=item.words) for rules in (made, other)]
    # Harm may have been read in words that are not public, so nothing follows from their absence here.
    if grounds[0] is not MajorGround.AMOUNT or grounds[1] is not None:
        return None
    return "major.amount_from", f"major, {item.amount} yuan", f"not major by amount: under {other.major.amount_from} yuan"


def _compare_ground(item: DecidedItem, made: Rules, other: Rules) -> tuple[str, str, str] | None:
    if (
        item.state is not State.REJECTED
        or item.ground is None
        or item.ground in other.grounds
        or item.ground not in made.grounds
    ):
        return None
    return f"grounds.{item.ground}", f"not published, {item.ground}", "no such ground"


Comparison = Callable[[DecidedItem, Rules, Rules], tuple[str, str, str] | None]
COMPARISONS: tuple[Comparison, ...] = (_compare_term, _compare_reviewers, _compare_notice, _compare_major, _compare_ground)
