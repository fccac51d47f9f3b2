"""From complaint revisions to contributions."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from services.stats.domain.contributions import (
    WORKDAYS,
    latest_revisions,
    operator_profiles,
    received_span_by_source,
    row_by_calendar,
    to_contribution,
    workdays_to_close,
)
from shared.calendar import Calendar, TableDay
from shared.contracts import ComplaintOperator
from tests.unit.stats.complaints import CALENDAR, facts


def contribution(*arguments, **changes):
    return to_contribution(facts(*arguments, **changes), CALENDAR)


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(1, 5)), max_size=20))
def test_the_newest_revision_of_each_complaint_is_returned(pairs):
    latest = latest_revisions(facts(number, revision) for number, revision in pairs)

    assert {(c.complaint_id.int, c.revision) for c in latest} == {
        (number, max(r for n, r in pairs if n == number)) for number, _ in pairs
    }


def test_of_two_revisions_with_one_number_the_first_is_returned():
    first, second = facts(1, 2, amount="1"), facts(1, 2, amount="2")

    assert latest_revisions([first, second]) == [first]


def test_codes_that_a_complaint_does_not_have_are_empty():
    row = contribution(region=None, industry=None, category=None, amount=None, recovered=None).row

    assert row[4:8] == ("", "", "", "hotline_12345")
    assert row[14:16] == ("0", "0")


def test_working_days_are_counted_with_make_up_days():
    assert workdays_to_close(date(2026, 9, 30), date(2026, 10, 9), CALENDAR) == 2
    assert workdays_to_close(date(2026, 10, 9), date(2026, 10, 9), CALENDAR) == 0


def test_working_days_are_recounted_by_another_calendar_and_nothing_else_is():
    counted = contribution(1)
    rest_day = Calendar(
        [*CALENDAR.days, TableDay(date(2026, 10, 14), is_workday=False, name="临时安排", paper="", announced=True)]
    )

    row = row_by_calendar(counted, rest_day)

    assert row_by_calendar(counted, CALENDAR) is counted.row
    assert (counted.row[WORKDAYS], row[WORKDAYS]) == (5, 4)
    assert row == to_contribution(facts(1), rest_day).row


def test_a_closing_before_acceptance_counts_no_days():
    assert workdays_to_close(date(2026, 10, 9), date(2026, 10, 8), CALENDAR) is None
    assert workdays_to_close(None, date(2026, 10, 8), CALENDAR) is None


def test_days_outside_the_calendar_count_no_days():
    assert workdays_to_close(date(1980, 1, 1), date(2026, 10, 8), CALENDAR) is None
    assert workdays_to_close(date(2026, 10, 8), date(2101, 1, 1), CALENDAR) is None


def test_an_operator_is_profiled_by_its_last_revision():
    renamed = ComplaintOperator(key=facts().operator.key, name="新名称")

    assert operator_profiles([contribution(1), contribution(2, operator=renamed)]) == [
        (renamed.key, "新名称", None, None, None, None, None)
    ]


def test_a_source_spans_its_first_to_its_last_day_of_receipt():
    contributions = [
        contribution(1, received_on=date(2026, 10, 9)),
        contribution(2, received_on=date(2026, 10, 1)),
        contribution(3, source="/letters"),
    ]

    assert received_span_by_source(contributions) == {
        "/hotlines/12345/990100": (date(2026, 10, 1), date(2026, 10, 9)),
        "/letters": (date(2026, 10, 9), date(2026, 10, 9)),
    }
