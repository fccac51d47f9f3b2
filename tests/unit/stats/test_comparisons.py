"""What days are compared with, and by which rule."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.stats.domain.comparisons import (
    Comparison,
    ComparisonKind,
    Days,
    Rule,
    a_year_earlier,
    change,
    compare_days,
    of_period,
    of_span,
)
from services.stats.domain.periods import parse_period

TODAY = date(2026, 11, 20)
DAYS = st.dates(date(1991, 1, 1), date(2099, 12, 31))


def compare(name, today=TODAY):
    period = parse_period(name)
    return {each.kind: each for each in compare_days(Days(period.first, period.last), of_period(period), today)}


@pytest.mark.parametrize(
    ("name", "year_before", "period_before"),
    [
        ("2026-03", (date(2025, 3, 1), date(2025, 3, 31)), (date(2026, 2, 1), date(2026, 2, 28))),
        ("2026-01", (date(2025, 1, 1), date(2025, 1, 31)), (date(2025, 12, 1), date(2025, 12, 31))),
        ("2026-Q1", (date(2025, 1, 1), date(2025, 3, 31)), (date(2025, 10, 1), date(2025, 12, 31))),
        ("2026-H1", (date(2025, 1, 1), date(2025, 6, 30)), (date(2025, 7, 1), date(2025, 12, 31))),
    ],
)
def test_a_period_is_compared_with_its_namesake_and_its_predecessor(name, year_before, period_before):
    compared = compare(name)

    assert compared[ComparisonKind.YEAR_BEFORE].other == Days(*year_before)
    assert compared[ComparisonKind.PERIOD_BEFORE].other == Days(*period_before)


def test_a_year_has_one_comparison():
    assert set(compare("2025")) == {ComparisonKind.YEAR_BEFORE}


def test_months_of_unequal_length_are_compared_by_the_day():
    compared = compare("2026-03")

    assert compared[ComparisonKind.YEAR_BEFORE].rule is Rule.EQUAL_DAYS
    assert compared[ComparisonKind.PERIOD_BEFORE].rule is Rule.DAILY_AVERAGE
    assert change(310, 280, 31, 28) == 0
    assert change(310, 280) == Decimal("0.1071")


def test_a_running_month_is_compared_as_far_as_it_has_passed():
    compared = compare("2026-11")

    assert compared[ComparisonKind.PERIOD_BEFORE] == Comparison(
        ComparisonKind.PERIOD_BEFORE,
        Days(date(2026, 11, 1), TODAY),
        Days(date(2026, 10, 1), date(2026, 10, 20)),
        Rule.ELAPSED_DAYS,
    )


def test_the_30th_of_march_has_no_namesake_in_february():
    compared = compare("2026-03", today=date(2026, 3, 30))[ComparisonKind.PERIOD_BEFORE]

    assert (compared.own.count, compared.other.count, compared.rule) == (30, 28, Rule.DAILY_AVERAGE)


def test_what_has_not_begun_is_compared_with_nothing():
    assert compare("2026-12") == {}


def test_a_change_from_nothing_is_none_and_a_fall_is_negative():
    assert change(5, 0) is None
    assert change(0, 0) is None
    assert change(1, 3) == Decimal("-0.6667")
    assert change(3, 3) == 0


def test_a_leap_day_has_the_28th_before_it():
    assert a_year_earlier(date(2024, 2, 29)) == date(2023, 2, 28)


@given(DAYS, st.integers(0, 400))
def test_days_before_a_span_touch_it_and_are_as_many(first, length):
    own = Days(first, first + timedelta(days=length))

    before = of_span(own, None)[ComparisonKind.PERIOD_BEFORE]

    assert before.last + timedelta(days=1) == own.first
    assert before.count == own.count


@given(st.integers(0, 10**9), st.integers(1, 10**9), st.integers(1, 400), st.integers(1, 400))
def test_a_change_is_that_of_daily_averages(now, then, days, other_days):
    exact = Decimal(now) / days / (Decimal(then) / other_days) - 1

    assert abs(change(now, then, days, other_days) - exact) <= Decimal("0.00005") * (1 + Decimal("1e-15")) + abs(
        exact
    ) * Decimal("1e-20")
