"""A service that starts in December without next year's calendar says so."""

from __future__ import annotations

from datetime import date

import pytest
from structlog.testing import capture_logs

from services.corrections.app import warn_of_missing_year
from shared.calendar import Calendar


@pytest.mark.parametrize(
    ("today", "years"),
    [(date(2026, 12, 1), [2027]), (date(2026, 11, 30), []), (date(2025, 12, 31), [])],
)
def test_a_missing_year_is_warned_of_in_december(today: date, years: list[int]) -> None:
    with capture_logs() as lines:
        warn_of_missing_year(Calendar.load(), today)

    assert [line["year"] for line in lines if line["event"] == "calendar_year_missing"] == years
