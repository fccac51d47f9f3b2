"""Periods by name, and those that contain a month."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.stats.domain.periods import around, month_of, period, span, window


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
def test_a_name_stands_for_its_days(name, first, last):
    found = period(name)

    assert (found.first, found.last) == (first, last)


@pytest.mark.parametrize(
    "name", ["", "2026-13", "2026-00", "2026-Q5", "2026-H3", "26-01", "2026-1", "0000", "2026-10-01", "２０２６x"]
)
def test_other_names_stand_for_nothing(name):
    assert period(name) is None


@given(st.dates(date(1990, 1, 1), date(2100, 12, 31)))
def test_the_periods_around_a_day_contain_it_and_have_their_own_names(day):
    for found in around(day):
        assert found.first <= day <= found.last
        assert period(found.name) == found
        assert date(day.year, day.month, 1) in found.months()


def test_a_window_ends_today_and_counts_today():
    assert window("7d", date(2026, 10, 10)) == (date(2026, 10, 4), date(2026, 10, 10))
    assert window("8d", date(2026, 10, 10)) is None


def test_the_month_of_a_day():
    assert month_of(date(2026, 2, 28)).name == "2026-02"


@given(st.dates(date(2020, 1, 1), date(2026, 12, 31)), st.integers(0, 400))
def test_a_span_covers_each_day_once(first, length):
    last = first + timedelta(days=length)
    found = span(first, last)

    head = [found.first + timedelta(days=n) for n in range((found.head_until - found.first).days)]
    whole = [found.whole_from + timedelta(days=n) for n in range((found.whole_until - found.whole_from).days)]
    tail = [found.tail_from + timedelta(days=n) for n in range((found.last - found.tail_from).days + 1)]

    assert head + whole + tail == [first + timedelta(days=n) for n in range(length + 1)]
    assert found.whole_from == found.whole_until or found.whole_from.day == found.whole_until.day == 1
    assert found.month_names == tuple(sorted({f"{day:%Y-%m}" for day in head + whole + tail}))
