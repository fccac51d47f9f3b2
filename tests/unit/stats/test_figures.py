"""Which figures contain a change, and when a new version is emitted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from services.stats.domain.figures import NO_CAUSES, Causes, Change, EmittedFigure, FigureKey, causes_by_figure, changed_figure
from services.stats.domain.measures import TERM_DIGITS, ZERO_SUMS, Sums, compute_measures
from services.stats.domain.periods import month_period, parse_period
from shared.contracts import SubjectKind

OCTOBER = date(2026, 10, 1)
KEY = FigureKey(SubjectKind.ALL, "", month_period(OCTOBER))
ONE = Sums(1, 1, 0, 0, Decimal("9.90"), Decimal(0), "0")


def change(month=OCTOBER, ruling=None, subject="990102"):
    return Change(SubjectKind.REGION, subject, month, ruling)


def test_a_change_is_part_of_its_month_quarter_half_and_year():
    assert {str(key) for key in causes_by_figure([change()])} == {
        "region/990102/month/2026-10",
        "region/990102/quarter/2026-Q4",
        "region/990102/half/2026-H2",
        "region/990102/year/2026",
    }


def test_changes_of_one_figure_are_coalesced_with_all_their_rulings():
    first, second = UUID(int=1), UUID(int=2)

    causes = causes_by_figure([change(ruling=second), change(), change(date(2026, 11, 1), ruling=first)])

    year = FigureKey(SubjectKind.REGION, "990102", parse_period("2026"))
    october = FigureKey(SubjectKind.REGION, "990102", parse_period("2026-10"))
    assert causes[year].rulings == {first, second}
    assert causes[october].rulings == {second}


def test_an_unchanged_figure_is_not_emitted_again():
    assert changed_figure(KEY, ONE, EmittedFigure(3, compute_measures(ONE)), set(), NO_CAUSES) is None
    assert changed_figure(KEY, ZERO_SUMS, EmittedFigure(0, None), set(), NO_CAUSES) is None


def test_a_figure_that_differs_gets_the_next_version():
    new = changed_figure(KEY, ONE, EmittedFigure(3, compute_measures(ZERO_SUMS)), set(), NO_CAUSES)

    assert (new.version, new.measures.complaints, new.restated_from) == (4, 1, None)


def test_a_figure_of_a_closed_month_is_restated_from_the_emitted_measures():
    assert changed_figure(KEY, ONE, EmittedFigure(0, None), {OCTOBER}, NO_CAUSES).restated_from == compute_measures(ZERO_SUMS)


def test_a_quarter_is_closed_when_its_three_months_are():
    key = FigureKey(SubjectKind.ALL, "", parse_period("2026-Q4"))
    months = [date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)]

    assert changed_figure(key, ONE, EmittedFigure(0, None), months[:2], NO_CAUSES).restated_from is None
    assert changed_figure(key, ONE, EmittedFigure(0, None), months, NO_CAUSES).restated_from is not None


NOTICE = Causes(calendars=frozenset({1}))
SLOWER = replace(ONE, resolved=0, workdays="1" + "0" * (4 * TERM_DIGITS))
FASTER = replace(ONE, resolved=0, workdays="1" + "0" * (2 * TERM_DIGITS))


def test_an_open_figure_that_only_a_calendar_moved_is_restated():
    assert changed_figure(
        KEY, FASTER, EmittedFigure(3, compute_measures(SLOWER)), set(), NOTICE
    ).restated_from == compute_measures(SLOWER)


def test_an_open_figure_with_new_complaints_is_not_restated_whatever_the_calendar_did():
    more = replace(FASTER, complaints=2)

    assert changed_figure(KEY, more, EmittedFigure(3, compute_measures(SLOWER)), set(), NOTICE).restated_from is None


def test_other_days_without_another_calendar_are_no_restatement():
    assert changed_figure(KEY, FASTER, EmittedFigure(3, compute_measures(SLOWER)), set(), NO_CAUSES).restated_from is None


def test_causes_of_one_figure_are_gathered():
    found = causes_by_figure([change(), Change(SubjectKind.REGION, "990102", OCTOBER, None, 7), change(ruling=UUID(int=1))])

    assert found[FigureKey(SubjectKind.REGION, "990102", month_period(OCTOBER))] == Causes({UUID(int=1)}, {7})
