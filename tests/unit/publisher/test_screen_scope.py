"""Which items a screen shows, and the lists of operators that say so."""

from __future__ import annotations

from datetime import timedelta

import pytest

from services.publisher.domain.operator_codes import read_codes
from services.publisher.store.screens import Screen
from services.publisher.web.screens.urgent import is_urgent
from shared.contracts import Board, ItemState, PublicItem, PublicOperator
from tests.integration.publisher.events import AT, uscc


def item(board=Board.BASIC, place=None, region=None, **changes) -> PublicItem:
    operator = None if place is None else PublicOperator(key=uscc(place), name="某店", uscc=uscc(place))
    facts = {
        "item_id": "GS-2026-000001", "board": board, "version": 1, "state": ItemState.RELEASED, "title": "题", "summary": None,
        "content": None, "operator": operator, "region": region, "first_released_at": AT, "released_at": AT, "rules_version": "1",
    }  # fmt: skip
    return PublicItem(**{**facts, **changes})


@pytest.mark.parametrize(
    ("scope", "shown", "hidden"),
    [
        ({}, item(place=1, region="990103"), None),
        ({"region": "990102"}, item(region="990102"), item(region="990103")),
        ({"region": "990102"}, item(), None),
        ({"operators": (uscc(1),)}, item(place=1, region="990103"), item(place=2)),
        ({"operators": (uscc(1),)}, item(Board.WARNINGS), item(Board.WARNINGS, place=2)),
        ({"boards": ("major",)}, item(Board.MAJOR), item(Board.PENALTIES)),
        ({"boards": ("major",)}, item(Board.WARNINGS), item()),
        ({"region": "990102", "operators": (uscc(1),)}, item(place=1, region="990102"), item(place=1, region="990103")),
    ],
)
def test_a_screen_shows_its_region_operators_and_boards_and_every_warning_of_nobody(scope, shown, hidden):
    screen = Screen("x", "商场", scope.get("region"), boards=scope.get("boards", ()), operators=scope.get("operators", ()))

    assert screen.shows(shown)
    assert hidden is None or not screen.shows(hidden)


def test_lists_of_operators_are_read_as_they_are_pasted():
    text = f"{uscc(1)}\r\n {uscc(2).lower()}，{uscc(1)}；91990102MA9K000000\t某店"

    codes = read_codes(text)

    assert codes.right == (uscc(1), uscc(2))
    assert codes.wrong == ("91990102MA9K000000", "某店")
    assert read_codes("") == read_codes(" \n,")


@pytest.mark.parametrize(
    ("changes", "age", "urgent"),
    [
        ({"kind": "consumer_warning"}, timedelta(hours=23), True),
        ({"kind": "consumer_warning"}, timedelta(hours=25), False),
        ({"kind": "consumer_tip"}, timedelta(0), False),
        ({"kind": None}, timedelta(0), False),
        ({"kind": "consumer_warning", "state": ItemState.WITHDRAWN}, timedelta(0), False),
    ],
)
def test_a_warning_is_urgent_for_a_day(changes, age, urgent):
    assert is_urgent(item(Board.WARNINGS, **changes), AT + age) is urgent
