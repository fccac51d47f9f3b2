"""Measures follow from sums."""

from __future__ import annotations

from decimal import Decimal, localcontext
from statistics import median

from hypothesis import given
from hypothesis import strategies as st

from services.stats.domain.measures import TERM_DIGITS, ZERO_SUMS, Sums, compute_measures, histogram, quantile, rate


def workdays(days):
    """The sum of terms as the database adds them up."""
    with localcontext(prec=10_000):
        return f"{sum((Decimal((0, (1,), TERM_DIGITS * each)) for each in days), Decimal(0)):f}"


def test_a_rate_without_a_denominator_is_none():
    assert rate(0, 0) is None
    assert compute_measures(ZERO_SUMS).resolution_rate is None
    assert compute_measures(ZERO_SUMS).mediation_success_rate is None


def test_a_rate_has_four_decimals():
    assert rate(2, 3) == Decimal("0.6667")
    assert rate(1, 32) == Decimal("0.0313")


def test_self_settlement_counts_as_resolved_and_as_a_successful_mediation():
    counted = compute_measures(Sums(10, 8, 6, 7, Decimal(10), Decimal("0.5"), "0"))

    assert (counted.resolved, counted.mediation_successes, counted.mediations) == (6, 6, 7)
    assert counted.resolution_rate == Decimal("0.7500")
    assert counted.mediation_success_rate == Decimal("0.8571")


def test_yuan_have_two_decimals():
    assert str(compute_measures(Sums(1, 0, 0, 0, Decimal(10), Decimal("0.5"), "0")).amount) == "10.00"


def test_no_closed_case_has_no_median():
    assert compute_measures(ZERO_SUMS).median_days is None
    assert compute_measures(ZERO_SUMS).p90_days is None


def test_quantiles_are_interpolated_between_neighbours():
    cases = histogram(workdays([1, 2, 3, 10]))

    assert quantile(cases, 5) == Decimal("2.5")
    assert quantile(cases, 9) == Decimal("7.9")


@given(st.lists(st.integers(0, 400), min_size=1, max_size=60))
def test_a_sum_of_terms_is_the_histogram_of_the_cases(days):
    cases = histogram(workdays(days))

    assert cases == sorted({day: days.count(day) for day in days}.items())
    assert quantile(cases, 5) == Decimal(str(median(days)))


@given(st.lists(st.integers(0, 60), max_size=30), st.lists(st.integers(0, 60), max_size=30))
def test_retracting_what_was_added_leaves_the_rest(kept, retracted):
    total = int(workdays(kept + retracted)) - int(workdays(retracted))

    assert histogram(str(total)) == histogram(workdays(kept))
