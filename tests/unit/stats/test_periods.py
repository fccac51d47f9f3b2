"""Periods by name, and those that contain a month."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.stats.domain.periods import containing_periods, day_range, month_period, parse_period, window_days


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("2026-10", date(2026, 10, 1), date(2026, 10, 31)),
        ("2026-Q3", date(2026, 7, 1), date(2026, 9, 30)),
        ("2026-H2", date(2026, 7, 1), date(2026, 12, 31)),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29)),
        ("2026", date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_a_name_is_parsed_to_its_days(name, first, last):
    period = parse_period(name)

    assert (period.first, period.last) == (first, last)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "2026-13",
        "2026-00",
        "2026-Q5",
        "2026-H3",
        "26-01",
        "2026-1",
        "0000",
        "1989-12",
        "2101",
        "9999-12",
        "2026-10-01",
        "２０２６",
        "2026-1٠",
        "2026\n",
    ],
)
def test_other_names_are_no_period(name):
    assert parse_period(name) is None


@given(st.dates(date(1990, 1, 1), date(2100, 12, 31)))
def test_the_periods_of_a_day_contain_it_and_have_their_own_names(day):
    for found in containing_periods(day):
        assert found.first <= day <= found.last
        assert parse_period(found.name) == found
        assert date(day.year, day.month, 1) in found.months()


def test_a_window_ends_today_and_counts_today():
    assert window_days("7d", date(2026, 10, 10)) == (date(2026, 10, 4), date(2026, 10, 10))


def test_the_month_of_a_day():
    assert month_period(date(2026, 2, 28)).name == "2026-02"


@given(st.dates(date(2020, 1, 1), date(2026, 12, 31)), st.integers(0, 400))
def test_a_day_range_covers_each_day_once(first, length):
    last = first + timedelta(days=length)
    days = day_range(first, last)

    head = [days.first + timedelta(days=n) for n in range((days.head_until - days.first).days)]
    whole = [days.whole_from + timedelta(days=n) for n in range((days.whole_until - days.whole_from).days)]
    tail = [days.tail_from + timedelta(days=n) for n in range((days.last - days.tail_from).days + 1)]

    assert head + whole + tail == [first + timedelta(days=n) for n in range(length + 1)]
    assert days.whole_from == days.whole_until or days.whole_from.day == days.whole_until.day == 1
    assert days.month_names == tuple(sorted({f"{day:%Y-%m}" for day in head + whole + tail}))
