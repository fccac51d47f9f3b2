"""When the figures of a month are closed."""

from __future__ import annotations

from datetime import date, timedelta

from services.stats.domain.periods import month_of
from shared.calendar import Calendar


def closes_on(month: date, workdays: int, calendar: Calendar) -> date:
    """Return the day on which a month is closed: so many working days after its last day."""
    return calendar.add_workdays(month_of(month).last, workdays).due


def due(today: date, newest_closed: date | None, workdays: int, calendar: Calendar) -> list[date]:
    """Return the first days of the months to close today, oldest first.

    Where none was ever closed only the newest is due: closing years of imported history is a person's decision.
    """
    found: list[date] = []
    month = _before(today)
    while newest_closed is None or month > newest_closed:
        if closes_on(month, workdays, calendar) <= today:
            found.append(month)
            if newest_closed is None:
                break
        month = _before(month)
    return found[::-1]


def _before(day: date) -> date:
    """Return the first day of the month before that of `day`."""
    last = day.replace(day=1) - timedelta(days=1)
    return last.replace(day=1)
