"""The pattern of a day that OpenAPI declares is exactly the days of the calendar from 1990 to 2099."""

from __future__ import annotations

from datetime import date, timedelta

from services.corrections.web.deadline import DeadlineQuery

FIRST, LAST = date(1990, 1, 1), date(2099, 12, 31)


def test_every_day_of_the_calendar_and_nothing_else_is_a_start() -> None:
    days = {(FIRST + timedelta(days=number)).isoformat() for number in range((LAST - FIRST).days + 1)}
    written = {f"{year:04}-{month:02}-{day:02}" for year in range(1989, 2101) for month in range(14) for day in range(33)}

    assert {text for text in written if "start" not in DeadlineQuery(text, "15").errors()} == days


def test_working_days_are_0_to_250() -> None:
    assert [n for n in range(-2, 1_200) if "days" not in DeadlineQuery("2026-09-18", str(n)).errors()] == [*range(251)]
    assert all("days" in DeadlineQuery("2026-09-18", text).errors() for text in ("", "1.5", "１５", " 15", "1e2", "0250"))
