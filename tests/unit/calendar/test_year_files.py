"""An operator's file for a year replaces what was shipped for it, or is refused with a way out."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from shared.calendar import Calendar, CalendarError

HEAD = "date,is_workday,name,paper,announced\n"


def test_a_year_file_announces_its_year(tmp_path: Path) -> None:
    (tmp_path / "2027.csv").write_text(
        HEAD + "2026-12-31,0,元旦,国办发明电〔2026〕1号,1\n2027-01-01,0,元旦,国办发明电〔2026〕1号,1\n", encoding="utf-8"
    )

    calendar = Calendar.load(tmp_path)

    assert 2027 in calendar.announced_years
    assert calendar.add_workdays(date(2026, 12, 21), 15).due == date(2027, 1, 13)
    assert not calendar.add_workdays(date(2026, 12, 21), 15).provisional
    assert not calendar.is_workday(date(2026, 10, 1)), "the year before keeps its other days"
    assert calendar.version != Calendar.load().version


def test_an_expected_day_counts_and_stays_provisional(tmp_path: Path) -> None:
    (tmp_path / "2027.csv").write_text(HEAD + "2027-01-01,0,元旦,,0\n", encoding="utf-8")

    deadline = Calendar.load(tmp_path).add_workdays(date(2026, 12, 30), 2)

    assert deadline.due == date(2027, 1, 4)
    assert deadline.provisional


def test_an_empty_year_file_takes_the_notice_back(tmp_path: Path) -> None:
    (tmp_path / "2026.csv").write_text(HEAD, encoding="utf-8")

    calendar = Calendar.load(tmp_path)

    assert calendar.is_provisional(date(2026, 10, 1))
    assert calendar.is_workday(date(2026, 10, 1))


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("day,off\n", "first line must be"),
        (HEAD + "2027-13-01,0,元旦,,1\n", "line 2: date must be"),
        (HEAD + "2027-01-01,yes,元旦,,1\n", "line 2: date must be"),
        (HEAD + "2027-01-01,0,,,1\n", "name is empty"),
        (HEAD + "2027-01-01,0,元旦,,1\n2027-01-01,0,元旦,,1\n", "twice"),
        (HEAD + "2029-01-01,0,元旦,,1\n", "mend it or move it"),
    ],
)
def test_a_broken_year_file_says_what_to_mend(tmp_path: Path, text: str, advice: str) -> None:
    (tmp_path / "2027.csv").write_text(text, encoding="utf-8")

    with pytest.raises(CalendarError, match=advice):
        Calendar.load(tmp_path)


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "2027.csv").write_bytes(b"\xff\xfe\x00date")

    with pytest.raises(CalendarError, match="not readable"):
        Calendar.load(tmp_path)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CalendarError, match="not a folder"):
        Calendar.load(tmp_path / "absent")
