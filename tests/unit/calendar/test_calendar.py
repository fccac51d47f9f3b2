"""The calendar counts as the State Council's notices say, and says where it does not know yet."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import chinese_calendar
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.calendar import Calendar, DayKind

CALENDAR = Calendar.load()

VECTORS = [
    ("2024-09-27", 7, "2024-10-12"),
    ("2025-01-22", 7, "2025-02-07"),
    ("2025-09-28", 15, "2025-10-24"),
    ("2026-02-09", 7, "2026-02-25"),
    ("2026-02-13", 15, "2026-03-12"),
    ("2026-04-28", 7, "2026-05-11"),
    ("2026-09-18", 15, "2026-10-15"),
    ("2026-09-30", 7, "2026-10-15"),
    ("2026-12-10", 15, "2026-12-31"),
    ("2026-09-14", 15, "2026-10-10"),
]

days = st.dates(date(2004, 1, 1), date(2026, 12, 31))


@pytest.mark.parametrize(("start", "workdays", "due"), VECTORS)
def test_known_deadlines_are_met(start: str, workdays: int, due: str) -> None:
    deadline = CALENDAR.add_workdays(date.fromisoformat(start), workdays)

    assert deadline.due == date.fromisoformat(due)
    assert not deadline.provisional


def test_every_day_agrees_with_an_independent_package() -> None:
    first, last = date(2004, 1, 1), date(2026, 12, 31)

    wrong = [day for day in _range(first, last) if CALENDAR.is_workday(day) != chinese_calendar.is_workday(day)]

    assert wrong == []


def test_the_calendar_of_2026_is_that_of_its_notice() -> None:
    """The text of 国办发明电〔2025〕7号, written down by hand."""
    off = {
        *_range(date(2026, 1, 1), date(2026, 1, 3)),
        *_range(date(2026, 2, 15), date(2026, 2, 23)),
        *_range(date(2026, 4, 4), date(2026, 4, 6)),
        *_range(date(2026, 5, 1), date(2026, 5, 5)),
        *_range(date(2026, 6, 19), date(2026, 6, 21)),
        *_range(date(2026, 9, 25), date(2026, 9, 27)),
        *_range(date(2026, 10, 1), date(2026, 10, 7)),
    }
    make_up = {date(2026, month, day) for month, day in ((1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10))}

    for day in _range(date(2026, 1, 1), date(2026, 12, 31)):
        assert CALENDAR.is_workday(day) == (day in make_up or (day.weekday() < 5 and day not in off)), day


def test_a_deadline_into_a_year_without_notice_is_provisional() -> None:
    deadline = CALENDAR.add_workdays(date(2026, 12, 21), 15)

    assert deadline.provisional
    assert deadline.due == date(2027, 1, 11)


def test_a_deadline_explains_itself_day_by_day() -> None:
    explained = {day.day: day for day in CALENDAR.add_workdays(date(2026, 9, 18), 15).days}

    assert explained[date(2026, 9, 18)].number is None
    assert (explained[date(2026, 9, 20)].kind, explained[date(2026, 9, 20)].number) == (DayKind.MAKE_UP, 1)
    assert (explained[date(2026, 9, 25)].kind, explained[date(2026, 9, 25)].name) == (DayKind.HOLIDAY, "中秋节")
    assert explained[date(2026, 10, 1)].paper == "国办发明电〔2025〕7号"
    assert explained[date(2026, 9, 19)].kind is DayKind.WEEKEND
    assert explained[date(2026, 10, 15)].number == 15


@given(days, st.integers(0, 60))
def test_counting_there_and_back_agrees(start: date, workdays: int) -> None:
    due = CALENDAR.add_workdays(start, workdays).due

    assert CALENDAR.workdays_between(start, due) == workdays


@given(days, days)
def test_working_days_between_are_the_sum_of_days(start: date, end: date) -> None:
    start, end = sorted((start, end))

    counted = sum(CALENDAR.is_workday(day) for day in _range(start + timedelta(days=1), end))

    assert CALENDAR.workdays_between(start, end) == counted
    assert CALENDAR.workdays_between(end, start) == -counted


def test_rows_for_a_table_carry_the_same_numbers() -> None:
    rows = list(CALENDAR.rows(date(2026, 9, 18), date(2026, 10, 15)))

    assert rows[-1][2] - rows[0][2] == 15
    assert rows[2][:2] == (date(2026, 9, 20), True)


def test_the_table_holds_no_day_that_a_plain_week_would_explain() -> None:
    with (Path(__file__).parents[3] / "shared" / "calendar" / "workdays.csv").open(encoding="utf-8") as file:
        worked = [date.fromisoformat(row["date"]) for row in csv.DictReader(file) if row["is_workday"] == "1"]

    assert all(day.weekday() >= 5 for day in worked)


def test_days_outside_the_calendar_are_refused() -> None:
    with pytest.raises(ValueError, match="outside"):
        CALENDAR.is_workday(date(1989, 12, 31))


def test_a_silly_number_of_working_days_is_refused() -> None:
    with pytest.raises(ValueError, match="from 0 to"):
        CALENDAR.add_workdays(date(2026, 1, 5), 1_000_000)


def _range(first: date, last: date) -> list[date]:
    return [first + timedelta(days=each) for each in range((last - first).days + 1)]
