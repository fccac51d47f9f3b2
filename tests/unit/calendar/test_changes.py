"""What differs between two calendars, and why."""

from __future__ import annotations

from datetime import date

import pytest

from shared.calendar import Calendar, TableDay
from shared.calendar.changes import changed_days, notices
from shared.calendar.current import files_signature

SHIPPED = Calendar.load()


def rest(day: date, paper: str = "示例〔2026〕9号", name: str = "临时安排") -> TableDay:
    return TableDay(day, is_workday=False, name=name, paper=paper, announced=True)


def test_a_day_that_a_late_notice_names_is_a_change_with_its_notice() -> None:
    changes = changed_days(SHIPPED, Calendar([*SHIPPED.days, rest(date(2026, 11, 5)), rest(date(2026, 11, 3))]))

    assert [change.after.day for change in changes if change.after] == [date(2026, 11, 3), date(2026, 11, 5)]
    assert notices(changes) == ("示例〔2026〕9号",)


def test_a_notice_that_is_withdrawn_is_the_reason_of_the_change_back() -> None:
    changes = changed_days(Calendar([*SHIPPED.days, rest(date(2026, 11, 5))]), SHIPPED)

    assert [(change.before and change.before.day, change.after) for change in changes] == [(date(2026, 11, 5), None)]
    assert notices(changes) == ("示例〔2026〕9号",)


def test_a_notice_without_a_number_is_named_by_its_holiday() -> None:
    assert notices(changed_days(SHIPPED, Calendar([*SHIPPED.days, rest(date(2026, 11, 5), paper="")]))) == ("临时安排",)


def test_equal_calendars_have_no_changes() -> None:
    assert changed_days(SHIPPED, Calendar(SHIPPED.days)) == ()
    assert Calendar(SHIPPED.days).version == SHIPPED.version


def test_files_that_change_have_another_signature(tmp_path) -> None:
    none = files_signature(tmp_path)
    (tmp_path / "2026.csv").write_text("a")
    one = files_signature(tmp_path)
    (tmp_path / "2026.csv").write_text("ab")

    assert len({none, one, files_signature(tmp_path)}) == 3
    assert files_signature(None) == files_signature(tmp_path / "absent") == ()


@pytest.mark.parametrize("day", [date(1990, 1, 1), date(2100, 12, 31)])
def test_the_first_and_the_last_day_of_the_calendar_can_be_named(day: date) -> None:
    assert not Calendar([*SHIPPED.days, rest(day)]).is_workday(day)
