"""When a month is closed."""

from __future__ import annotations

from datetime import date

from services.stats.domain.closing import due_months
from shared.calendar import closing_day
from tests.unit.stats.complaints import CALENDAR


def test_a_month_closes_so_many_working_days_after_its_last_day():
    assert closing_day(date(2026, 8, 1), 5, CALENDAR) == date(2026, 9, 7)


def test_holidays_put_the_closing_off():
    assert closing_day(date(2026, 9, 1), 5, CALENDAR) == date(2026, 10, 13)


def test_without_any_closed_month_only_the_newest_is_due():
    assert due_months(date(2026, 11, 20), None, 5, CALENDAR) == [date(2026, 10, 1)]
    assert due_months(date(2026, 11, 2), None, 5, CALENDAR) == [date(2026, 9, 1)]


def test_months_since_the_newest_closed_are_due_oldest_first():
    assert due_months(date(2026, 11, 20), date(2026, 7, 1), 5, CALENDAR) == [
        date(2026, 8, 1),
        date(2026, 9, 1),
        date(2026, 10, 1),
    ]
    assert due_months(date(2026, 11, 20), date(2026, 10, 1), 5, CALENDAR) == []
