"""Which figures a change concerns, and when a new one is said."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from services.stats.domain.figures import Change, FigureKey, Said, concerned, renewed
from services.stats.domain.measures import NOTHING, Sums, measures
from services.stats.domain.periods import month_of, period
from shared.contracts import SubjectKind

OCTOBER = date(2026, 10, 1)
KEY = FigureKey(SubjectKind.ALL, "", month_of(OCTOBER))
ONE = Sums(1, 1, 0, 0, Decimal("9.90"), Decimal(0), "0")


def change(month=OCTOBER, ruling=None, subject="990102"):
    return Change(SubjectKind.REGION, subject, month, ruling)


def test_a_change_concerns_the_month_quarter_half_and_year():
    assert {str(key) for key in concerned([change()])} == {
        "region/990102/month/2026-10",
        "region/990102/quarter/2026-Q4",
        "region/990102/half/2026-H2",
        "region/990102/year/2026",
    }


def test_changes_of_one_figure_are_one_with_all_their_rulings():
    first, second = UUID(int=1), UUID(int=2)

    found = concerned([change(ruling=second), change(), change(date(2026, 11, 1), ruling=first)])

    year = FigureKey(SubjectKind.REGION, "990102", period("2026"))
    october = FigureKey(SubjectKind.REGION, "990102", period("2026-10"))
    assert found[year] == (first, second)
    assert found[october] == (second,)


def test_a_figure_that_stands_as_said_is_not_said_again():
    assert renewed(KEY, ONE, Said(3, measures(ONE)), set()) is None
    assert renewed(KEY, NOTHING, Said(0, None), set()) is None


def test_a_figure_that_differs_gets_the_next_version():
    new = renewed(KEY, ONE, Said(3, measures(NOTHING)), set())

    assert (new.version, new.measures.complaints, new.restated_from) == (4, 1, None)


def test_a_figure_of_a_closed_month_is_restated_from_what_was_said():
    assert renewed(KEY, ONE, Said(0, None), {OCTOBER}).restated_from == measures(NOTHING)


def test_a_quarter_is_closed_when_its_three_months_are():
    key = FigureKey(SubjectKind.ALL, "", period("2026-Q4"))
    months = [date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)]

    assert renewed(key, ONE, Said(0, None), months[:2]).restated_from is None
    assert renewed(key, ONE, Said(0, None), months).restated_from is not None
