"""The publication plan of a day: what is due until when, what of it is there, and what is late."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import yaml
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from services.publisher.domain.plan import DutyState, PlannedItem, Published, find_duties
from services.publisher.domain.terms import find_kind_faults
from shared.calendar import Calendar
from shared.rules import RuleBook
from shared.settings import Settings
from tests.unit.publisher.test_public_form import ROOT, RULES

WORKDAYS = Calendar.load(Settings().calendar)


def published(closed=(), drafted=(), public=(), items=()):
    return Published(frozenset(closed), frozenset(drafted), frozenset(public), items)


def report(period, item_id="GS-2026-000001", *, kind="analysis_report", part="period", public=True, on=date(2026, 10, 20)):
    return PlannedItem(kind, item_id, {"covers": period, "report_kind": part}, on if public else None, public)


def duties(today, there):
    found = find_duties(RULES, WORKDAYS, today, there)
    return {(each.code, each.period, each.place): each for each in found}


def test_nothing_is_due_before_the_first_month_is_closed():
    assert find_duties(RULES, WORKDAYS, date(2026, 10, 9), published()) == []


def test_a_month_is_due_its_working_days_after_its_end_and_late_from_the_day_after():
    there = published(closed={"2026-08", "2026-09"}, drafted={"2026-09"}, public={"2026-08"})
    found = duties(date(2026, 11, 30), there)
    august, september = found["monthly_basic", "2026-08", 1], found["monthly_basic", "2026-09", 1]

    assert (august.state, september.state) == (DutyState.PUBLIC, DutyState.AT_WORK)
    assert september.due == WORKDAYS.add_workdays(date(2026, 9, 30), 15).due
    assert [september.is_late(september.due + timedelta(days=days)) for days in (0, 1)] == [False, True]
    assert not august.is_late(date(2027, 1, 1))
    assert found["monthly_basic", "2026-10", 1].state is DutyState.OPEN_FIGURES


def test_a_report_of_the_period_counts_and_one_about_something_else_does_not():
    closed = {"2026-07", "2026-08", "2026-09"}
    at = date(2026, 11, 1)

    for items, state in (
        ((), DutyState.MISSING),
        ((report("2026-Q3", part="industry"), report("2026-Q2")), DutyState.MISSING),
        ((report("2026-Q3", public=False),), DutyState.AT_WORK),
        ((report("2026-Q3"), report("2026-Q3", "GS-2026-000002", public=False)), DutyState.PUBLIC),
    ):
        found = duties(at, published(closed=closed, items=items))
        assert found["quarterly_report", "2026-Q3", 1].state is state


def test_two_warnings_a_year_fall_due_half_a_year_apart():
    warnings = [
        PlannedItem("consumer_warning", f"GS-{day}", {}, day, is_public=True) for day in (date(2026, 3, 15), date(2025, 12, 31))
    ]
    found = duties(date(2026, 7, 1), published(closed={"2026-01"}, items=warnings))
    first, second = (found["yearly_warnings", "2026", place] for place in (1, 2))

    assert (first.due, second.due) == (date(2026, 6, 30), date(2026, 12, 31))
    assert (first.state, second.state) == (DutyState.PUBLIC, DutyState.MISSING)
    alone = duties(date(2026, 7, 1), published(closed={"2026-01"}, items=[]))
    assert alone["yearly_warnings", "2026", 1].is_late(date(2026, 7, 1))


def test_a_period_of_which_there_is_only_a_part_is_not_asked_for():
    found = duties(date(2026, 12, 31), published(closed={"2026-08"}))

    assert {period for _code, period, _place in found} == {"2026-08", "2026-09", "2026-10", "2026-11", "2026-12", "2026-Q4"}


@hypothesis_settings(deadline=None)
@given(st.dates(date(2024, 1, 1), date(2026, 12, 31)), st.dates(date(2024, 2, 1), date(2026, 12, 31)))
def test_each_duty_stands_once_and_lies_in_time(first, today):
    found = find_duties(RULES, WORKDAYS, today, published(closed={f"{first:%Y-%m}"}))

    keys = [(each.code, each.period, each.place) for each in found]
    assert len(set(keys)) == len(keys)
    assert [each.due for each in found] == sorted(each.due for each in found)
    assert all(each.period[:4] >= f"{first:%Y}" for each in found)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"kind": "no_such"}, "plan.quarterly_report.kind"),
        ({"having": {"colour": "red"}}, "plan.quarterly_report.having.colour"),
    ],
)
def test_a_plan_of_what_there_is_not_is_a_fault_of_the_rules(tmp_path, change, place):
    document = yaml.safe_load((ROOT / "deploy" / "rules" / "gongshi.yaml").read_text(encoding="utf-8"))
    document["versions"][0]["plan"]["quarterly_report"] |= change
    path = tmp_path / "rules.yaml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")

    assert place in {found for found, _fault in find_kind_faults(RuleBook.load(path).versions[0])}
