"""The day on which the figures of a month are closed."""

from __future__ import annotations

from datetime import date, timedelta

from services.stats.domain.periods import month_period
from shared.calendar import Calendar


def closing_day(month: date, workdays: int, calendar: Calendar) -> date:
    """Return the day on which a month is closed: so many working days after its last day."""
    return calendar.add_workdays(month_period(month).last, workdays).due


def due_months(today: date, newest_closed: date | None, workdays: int, calendar: Calendar) -> list[date]:
    """Return the first days of the months to close today, oldest first.

    Where none was ever closed only the newest is due: closing years of imported history is a person's decision.
    """
    months: list[date] = []
    month = _previous_month(today)
    while newest_closed is None or month > newest_closed:
        if closing_day(month, workdays, calendar) <= today:
            months.append(month)
            if newest_closed is None:
                break
        month = _previous_month(month)
    return months[::-1]


def _previous_month(day: date) -> date:
    """Return the first day of the month before that of `day`."""
    last = day.replace(day=1) - timedelta(days=1)
    return last.replace(day=1)
