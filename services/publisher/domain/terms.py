"""The last day of an item's publication."""

from __future__ import annotations

import calendar
from datetime import date

MONTHS = 12


def last_day(first: date, months: int | None) -> date | None:
    """Return the last day of a term of months that begins on `first`; None where there is no term.

    The day of the month stays, or is the month's last where it has no such day.
    """
    if months is None:
        return None
    years, month = divmod(first.month - 1 + months, MONTHS)
    year, month = first.year + years, month + 1
    return date(year, month, min(first.day, calendar.monthrange(year, month)[1]))
