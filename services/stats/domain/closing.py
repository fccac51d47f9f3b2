"""Which months are due to be closed."""

from __future__ import annotations

from datetime import date, timedelta

from shared.calendar import Calendar, closing_day


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
