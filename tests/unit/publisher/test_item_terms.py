"""The last day of single items: a penalty from its decision, a withdrawal from the day on which it was found right."""

from __future__ import annotations

from datetime import date

import pytest

from services.publisher.bureau import BureauContext
from services.publisher.domain.drafting import Purpose
from services.publisher.domain.item_terms import AtWork, find_item_terms, kinds_with_terms
from shared.contracts import Board
from shared.settings import Settings


@pytest.fixture(scope="module")
def bureau(tmp_path_factory: pytest.TempPathFactory) -> BureauContext:
    return BureauContext.load(Settings(home=tmp_path_factory.mktemp("bureau")))


def at_work(item_id: str, purpose: Purpose, decided_on: str | None, drafted_on: date, kind: str = "penalty") -> AtWork:
    content = {"decided_on": decided_on} if decided_on else {}
    return AtWork(item_id, Board.PENALTIES, kind, "行政处罚", purpose, content, drafted_on)


def test_a_penalty_is_due_twenty_working_days_after_its_decision_and_its_withdrawal_after_three(bureau: BureauContext) -> None:
    rules = bureau.rule_book.in_force(date(2026, 11, 2))
    items = [
        # The first week of October is a holiday.
        at_work("published", Purpose.PUBLISH, "2026-09-21", date(2026, 9, 22)),
        at_work("withdrawn", Purpose.WITHDRAW, None, date(2026, 9, 29)),
        at_work("without a day", Purpose.PUBLISH, None, date(2026, 9, 22)),
        at_work("of no such kind", Purpose.PUBLISH, "2026-09-21", date(2026, 9, 22), kind="award"),
    ]

    found = find_item_terms(rules, bureau.calendar, items)

    holidays = bureau.calendar.add_workdays
    assert [(term.item.item_id, term.due) for term in found] == [
        ("withdrawn", holidays(date(2026, 9, 29), 3).due), ("published", holidays(date(2026, 9, 21), 20).due),
    ]  # fmt: skip
    assert found[0].due >= date(2026, 10, 8)
    assert [term.is_late(found[0].due) for term in found] == [False, False]
    assert "penalty" in kinds_with_terms(rules)
