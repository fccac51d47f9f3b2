"""Calendar periods of figures (`2026-10`, `2026-Q4`, `2026-H2`, `2026`) and rolling windows of days."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from shared.contracts import PeriodKind

WindowName = Literal["7d", "30d", "90d", "365d"]
WINDOWS: dict[WindowName, int] = {"7d": 7, "30d": 30, "90d": 90, "365d": 365}

# The years of the working-day calendar: reports from other days are refused.
PERIOD_PATTERN = r"^(199[0-9]|20[0-9]{2}|2100)(-(0[1-9]|1[0-2]|Q[1-4]|H[12]))?$"

_PERIOD_NAME = re.compile(r"(?P<year>[0-9]{4})(?:-(?:(?P<month>[0-9]{2})|Q(?P<quarter>[1-4])|H(?P<half>[12])))?")
_MONTHS_IN = {PeriodKind.MONTH: 1, PeriodKind.QUARTER: 3, PeriodKind.HALF: 6, PeriodKind.YEAR: 12}


@dataclass(frozen=True, slots=True)
class Period:
    """A calendar period; `first` and `last` are its first and last day."""

    kind: PeriodKind
    name: str
    first: date
    last: date

    def months(self) -> tuple[date, ...]:
        """Return the first days of its months."""
        year, month = self.first.year, self.first.month
        return tuple(date(year, number, 1) for number in range(month, month + _MONTHS_IN[self.kind]))


def parse_period(name: str) -> Period | None:
    """Return the period of that name, or None if there is none."""
    match = _PERIOD_NAME.fullmatch(name) if re.search(PERIOD_PATTERN, name) else None
    if match is None:
        return None
    year = int(match["year"])
    if match["month"]:
        return _build_period(PeriodKind.MONTH, name, year, int(match["month"]))
    if match["quarter"]:
        return _build_period(PeriodKind.QUARTER, name, year, 3 * int(match["quarter"]) - 2)
    if match["half"]:
        return _build_period(PeriodKind.HALF, name, year, 6 * int(match["half"]) - 5)
    return _build_period(PeriodKind.YEAR, name, year, 1)


def month_period(day: date) -> Period:
    """Return the month that the day lies in."""
    return _build_period(PeriodKind.MONTH, f"{day.year:04}-{day.month:02}", day.year, day.month)


def year_before(period: Period) -> Period:
    """Return the period of the same name a year before."""
    return _build_period(period.kind, f"{period.first.year - 1:04}{period.name[4:]}", period.first.year - 1, period.first.month)


def previous_period(period: Period) -> Period:
    """Return the period of the same kind that ends the day before this one begins."""
    kinds = (PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.HALF, PeriodKind.YEAR)
    return containing_periods(period.first - timedelta(days=1))[kinds.index(period.kind)]


@lru_cache(maxsize=1024)
def containing_periods(month: date) -> tuple[Period, Period, Period, Period]:
    """Return the month, quarter, half-year and year that a month lies in; `month` is any day of it."""
    year, number = month.year, month.month
    quarter, half = (number + 2) // 3, (number + 5) // 6
    return (
        month_period(month),
        _build_period(PeriodKind.QUARTER, f"{year:04}-Q{quarter}", year, 3 * quarter - 2),
        _build_period(PeriodKind.HALF, f"{year:04}-H{half}", year, 6 * half - 5),
        _build_period(PeriodKind.YEAR, f"{year:04}", year, 1),
    )


def window_days(name: WindowName, today: date) -> tuple[date, date]:
    """Return the first and last day of a rolling window that ends today."""
    return today - timedelta(days=WINDOWS[name] - 1), today


@dataclass(frozen=True, slots=True)
class DayRange:
    """The days from `first` to `last` as a head of days, whole months, and a tail of days.

    The months begin from `whole_from` on and before `whole_until`; the head is `first` ≤ day < `head_until`, the tail
    `tail_from` ≤ day ≤ `last`.
    """

    first: date
    head_until: date
    whole_from: date
    whole_until: date
    tail_from: date
    last: date

    @property
    def month_names(self) -> tuple[str, ...]:
        """The names of all months that the days touch."""
        months, month = [], self.first.replace(day=1)
        while month <= self.last:
            months.append(month_period(month).name)
            month = _next_month(month)
        return tuple(months)


def day_range(first: date, last: date) -> DayRange:
    """Split the days from `first` to `last` into whole months and the rest, so that few rows need to be read."""
    whole_from = first if first.day == 1 else _next_month(first)
    whole_until = (last + timedelta(days=1)).replace(day=1)
    if whole_from >= whole_until:
        return DayRange(first, first, first, first, first, last)
    return DayRange(first, whole_from, whole_from, whole_until, whole_until, last)


def single_days(first: date, last: date) -> DayRange:
    """Return the days from `first` to `last` with no month among them, so that each is read by itself."""
    return DayRange(first, first, first, first, first, last)


def _next_month(day: date) -> date:
    """Return the first day of the month after that of `day`."""
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1)


def _build_period(kind: PeriodKind, name: str, year: int, month: int) -> Period:
    end = month + _MONTHS_IN[kind] - 1
    return Period(kind, name, date(year, month, 1), date(year, end, monthrange(year, end)[1]))
