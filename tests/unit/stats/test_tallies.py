"""Tallies are read from digits, and what follows from them is right to the case."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from services.stats.domain import tallies
from services.stats.domain.measures import Sums
from services.stats.domain.tallies import DayTallies, compute_kpis, mediation_is_over, time_to_close
from shared.rules import DayUnit, RuleBook
from tests.unit.stats.complaints import CALENDAR

RULES = RuleBook.load(Path(tallies.__file__).parents[3] / "deploy" / "rules" / "gongshi.yaml")
FRIDAY = date(2026, 10, 16)


def number(**counts):
    """The number of some tallies; `open_N`: those accepted N days after receipt and open."""
    places = {
        name: 24 + int(name[5:]) if name[:5] == "open_" and name[5:].isdigit() else tallies.TALLIES.index(name)
        for name in counts
    }
    return str(sum(count * 10 ** (tallies.TALLY_DIGITS * places[name]) for name, count in counts.items()))


def kpis(*days, resolved=0, mediated=0, accepted=0, workdays="0", today=date(2026, 11, 20)):
    sums = Sums(sum(each.complaints for each in days), accepted, resolved, mediated, Decimal(0), Decimal(0), workdays)
    return compute_kpis(sums, days, today, CALENDAR)


def found(result, name):
    return next((each.part, each.whole) for each in result.proportions if each.name == name)


def test_mediation_has_three_denominators():
    result = kpis(DayTallies.read(FRIDAY, 10, number(closed=7)), resolved=3, mediated=5, accepted=8)

    assert found(result, "mediation_success_of_mediations") == (3, 5)
    assert found(result, "mediation_success_of_accepted") == (3, 8)
    assert found(result, "mediation_success_of_closed") == (3, 7)


def test_what_waits_beyond_its_time_stands_in_the_denominator_and_what_waits_within_it_does_not():
    """Seven working days after Friday 16 October are over after Tuesday 27 October."""
    day = DayTallies.read(FRIDAY, 10, number(decided=6, decided_in_time=5, decided_undated=1))

    assert found(kpis(day, today=date(2026, 10, 27)), "decision_in_time") == (5, 6)
    assert found(kpis(day, today=date(2026, 10, 28)), "decision_in_time") == (5, 9)


def test_open_mediations_beyond_sixty_days_are_late():
    """Accepted on 12 August: the sixtieth day is Sunday 11 October, so the last one is Monday the 12th."""
    day = DayTallies.read(date(2026, 8, 10), 4, number(mediations_timed=2, mediated_in_time=1, open_2=2))

    assert not mediation_is_over(date(2026, 8, 12), date(2026, 10, 12), CALENDAR)
    assert found(kpis(day, today=date(2026, 10, 12)), "mediation_in_time") == (1, 2)
    assert found(kpis(day, today=date(2026, 10, 13)), "mediation_in_time") == (1, 4)


def test_the_limits_are_those_of_the_rules():
    before, now = (RULES.in_force(day).handling for day in (tallies.ORDER_121 - timedelta(days=1), tallies.ORDER_121))

    for rules in (before, now):
        assert (rules.acceptance.days, rules.acceptance.unit) == (tallies.DECISION_WORKDAYS, DayUnit.WORKDAYS)
        assert (rules.check.days, rules.check.unit) == (tallies.CHECK_WORKDAYS, DayUnit.WORKDAYS)
    assert (before.mediation.days, before.mediation.unit) == (tallies.MEDIATION_WORKDAYS, DayUnit.WORKDAYS)
    assert (now.mediation.days, now.mediation.unit) == (tallies.MEDIATION_DAYS, DayUnit.DAYS)


def test_open_cases_are_counted_in():
    """Of four cases two closed after 3 and 5 working days, two are open for 4 and 9: half are closed after 5."""
    assert time_to_close([(3, 1), (5, 1)], [(4, 1), (9, 1)], Fraction(1, 2)) == 5
    assert time_to_close([(3, 1), (5, 1)], [(4, 1), (9, 1)], Fraction(9, 10)) is None
    assert time_to_close([], [(9, 5)], Fraction(1, 2)) is None
    result = kpis(DayTallies.read(FRIDAY, 3, number(open_3=2, open_undated=1)), accepted=3)
    assert (result.open_cases, result.median_days_with_open) == (3, None)


@given(st.dictionaries(st.integers(0, 30), st.integers(1, 50), min_size=1), st.integers(1, 9))
def test_without_open_cases_it_is_the_least_day_with_that_part_closed(closed, tenths):
    total, days = sum(closed.values()), time_to_close(closed.items(), [], Fraction(tenths, 10))

    assert 10 * sum(count for day, count in closed.items() if day <= days) >= tenths * total
    assert 10 * sum(count for day, count in closed.items() if day < days) < tenths * total


@given(st.dictionaries(st.integers(0, 60), st.integers(1, 10**8 - 1)))
def test_digits_are_read_as_they_were_added(counts):
    text = str(sum(count * 10 ** (tallies.TALLY_DIGITS * place) for place, count in counts.items()))

    assert DayTallies.read(FRIDAY, 0, text).counts == counts
    assert Counter(dict(DayTallies.read(FRIDAY, 0, text).open_since())).total() == sum(
        count for place, count in counts.items() if place >= tallies.OPEN_FROM
    )
