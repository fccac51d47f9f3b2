from datetime import date
from decimal import Decimal

import pytest

from shared.calendar import Calendar
from shared.web.deadlines import Countdown, pie_path

CALENDAR = Calendar.load()


def countdown(today: date) -> Countdown:
    return Countdown.of(CALENDAR.add_workdays(date(2026, 9, 18), 15), today, CALENDAR)


def test_today_is_not_among_the_days_left():
    october = countdown(date(2026, 10, 9))

    assert (october.left, october.used, october.total, october.percent) == (5, 10, 15, Decimal("66.7"))
    assert not october.soon
    assert not october.late


def test_a_term_turns_amber_with_two_days_left_and_red_when_it_has_passed():
    assert countdown(date(2026, 10, 13)).soon
    overdue = countdown(date(2026, 10, 17))

    assert overdue.late
    assert not overdue.soon
    assert overdue.used == overdue.total


def test_the_due_day_itself_is_not_late():
    assert not countdown(date(2026, 10, 15)).late
    assert countdown(date(2026, 10, 15)).left == 0


def test_every_day_from_receipt_to_due_has_its_tile():
    tiles = {tile.day: tile for tile in countdown(date(2026, 10, 9)).tiles()}

    assert len(tiles) == 28
    assert tiles[date(2026, 9, 18)].received
    assert tiles[date(2026, 9, 20)].make_up
    assert tiles[date(2026, 9, 20)].number == 1
    assert tiles[date(2026, 10, 1)].css == "off"
    assert tiles[date(2026, 10, 1)].label == "10/1"
    assert tiles[date(2026, 10, 9)].css == "work today"
    assert tiles[date(2026, 10, 12)].css == "left"
    assert tiles[date(2026, 10, 15)].css == "left due"


@pytest.mark.parametrize(
    ("left", "total", "path"),
    [(10, 10, "M9 2a7 7 0 1 1-.01 0Z"), (12, 10, "M9 2a7 7 0 1 1-.01 0Z"), (5, 10, "M9 9V2A7 7 0 0 1 9.00 16.00Z"),
     (3, 4, "M9 9V2A7 7 0 1 1 2.00 9.00Z"), (0, 0, "M9 9V2A7 7 0 0 1 9.00 2.00Z")],
)  # fmt: skip
def test_the_small_clock_shows_the_share_that_is_left(left, total, path):
    assert pie_path(left, total) == path
