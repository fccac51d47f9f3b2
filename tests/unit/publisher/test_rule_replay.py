"""An item decided on under one version of the rules, held against another."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from services.publisher.domain.drafting import State
from services.publisher.domain.rule_replay import DecidedItem, find_fate_differences
from shared.contracts import Board
from shared.rules import RuleBook, Rules

RULES = RuleBook.load(Path(__file__).parents[3] / "deploy" / "rules" / "gongshi.yaml").versions[-1]


def changed(board: Board = Board.BASIC, **changes: Any) -> Rules:
    """The rules with another rule of a board."""
    return RULES.model_copy(update={"boards": {**RULES.boards, board: RULES.boards[board].model_copy(update=changes)}})


def item(**changes: Any) -> DecidedItem:
    """A released month of an operator, reviewed by one person."""
    values: dict[str, Any] = {
        "item_id": "GS-2026-000001",
        "board": Board.BASIC,
        "title": "2026年1月基本投诉",
        "state": State.RELEASED,
        "first_released_on": date(2026, 2, 28),
        "reviews": 1,
        "ground": None,
        "amount": None,
        "category": None,
        "words": "",
    }
    return DecidedItem(**(values | changes))


def differences(decided: DecidedItem, other: Rules) -> list[tuple[str, str, str]]:
    return [(each.rule, each.was, each.would_be) for each in find_fate_differences(decided, RULES, other)]


def test_nothing_differs_under_the_same_rules() -> None:
    assert differences(item(), RULES) == []
    assert differences(item(board=Board.MAJOR, amount=Decimal("60000.00")), RULES) == []
    assert differences(item(state=State.REJECTED, ground="N01", first_released_on=None), RULES) == []


def test_a_shorter_term_ends_earlier() -> None:
    other = changed(term_months=6)

    assert differences(item(), other) == [("boards.basic.term_months", "public until 2028-02-28", "public until 2026-08-28")]
    assert differences(item(state=State.APPROVED, first_released_on=None), other) == []


def test_another_term_of_a_kind_is_told_by_its_place() -> None:
    terms = {"ordinary": RULES.kinds["penalty"].terms["ordinary"].model_copy(update={"months": 12})}
    other = RULES.model_copy(update={"kinds": {"penalty": RULES.kinds["penalty"].model_copy(update={"terms": terms})}})
    penalty = item(board=Board.PENALTIES, kind="penalty", content={"seriousness": "ordinary"})

    assert differences(penalty, other) == [("kinds.penalty.terms", "public until 2029-02-28", "public until 2027-02-28")]


def test_more_reviewers_would_hold_what_one_approved() -> None:
    other = changed(reviewers=2)

    assert differences(item(), other) == [("boards.basic.reviewers", "approved by 1", "waits for 1 more")]
    assert differences(item(reviews=2), other) == []
    assert differences(item(state=State.DRAFT, reviews=0), other) == []


def test_a_notice_would_come_first() -> None:
    assert differences(item(), changed(notice_workdays=5)) == [
        ("boards.basic.notice_workdays", "notice of 0 working days", "notice of 5 working days")
    ]


def test_a_complaint_is_major_by_its_amount_only_so_far_as_that_can_be_seen() -> None:
    other = RULES.model_copy(update={"major": RULES.major.model_copy(update={"amount_from": Decimal("80000.00")})})

    by_amount = item(board=Board.MAJOR, amount=Decimal("60000.00"), words="装修合同争议")
    by_harm = item(board=Board.MAJOR, amount=Decimal("60000.00"), words="食用后住院")
    by_hidden_words = item(board=Board.MAJOR, amount=Decimal("10.00"), words="消费者反映食品问题")

    assert [rule for rule, _, _ in differences(by_amount, other)] == ["major.amount_from"]
    assert differences(by_harm, other) == []
    assert differences(by_hidden_words, other) == []


def test_a_ground_that_other_rules_lack_is_told() -> None:
    fewer = {code: reason for code, reason in RULES.grounds.items() if code != "N08"}
    other = RULES.model_copy(update={"grounds": fewer})
    declined = item(state=State.REJECTED, ground="N08", first_released_on=None)

    assert differences(declined, other) == [("grounds.N08", "not published, N08", "no such ground")]
