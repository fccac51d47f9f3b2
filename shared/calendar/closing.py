"""The day on which the figures of a month are closed."""

from __future__ import annotations

from calendar import monthrange
from datetime import date

from shared.calendar.calendar import Calendar


def closing_day(month: date, workdays: int, calendar: Calendar) -> date:
    """Return the day on which a month is closed: so many working days after its last day. `month` is any day of it.

    Raises `CalendarError` outside the calendar.
    """
    last = month.replace(day=monthrange(month.year, month.month)[1])
    return calendar.add_workdays(last, workdays).due
