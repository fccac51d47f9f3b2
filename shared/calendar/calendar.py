"""Counts working days, and explains for each day why it counts or not."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import accumulate
from pathlib import Path

from shared.calendar import table
from shared.calendar.table import CalendarError, TableDay

# Reports from before 1990 are refused and no term of the rules reaches past 2100.
FIRST_DAY = date(1990, 1, 1)
LAST_DAY = date(2100, 12, 31)
# Ten years of working days: more is a slip of the pen, and every day is explained in the answer.
MAX_WORKDAYS = 2_500

_FIRST_ORDINAL = FIRST_DAY.toordinal()
_SATURDAY = 5


class DayKind(StrEnum):
    """What a day is in a count of working days."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"
    MAKE_UP = "make_up"


@dataclass(frozen=True, slots=True)
class DayExplanation:
    """One day of a count. `number` is its place among the counted working days, null for the start and for days off.

    `name` and `paper` are the holiday and the notice behind it; `provisional` days await their notice.
    """

    day: date
    kind: DayKind
    number: int | None
    name: str | None
    paper: str | None
    provisional: bool

    @property
    def is_workday(self) -> bool:
        """Whether people work on the day."""
        return self.kind in (DayKind.WORKDAY, DayKind.MAKE_UP)


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a number of working days is over, with every day from the start (not counted) to the due day.

    `provisional`: at least one counted day lies in a year whose notice is not out; count again when it is.
    `calendar` is the version of the table that was counted with.
    """

    start: date
    workdays: int
    due: date
    provisional: bool
    days: tuple[DayExplanation, ...]
    calendar: str


class Calendar:
    """Working days by the notices of the State Council; immutable, and the same answer for the same `version`."""

    def __init__(self, days: Iterable[TableDay]) -> None:
        named = tuple(sorted(days, key=lambda day: day.day))
        outside = next((day.day for day in named if not FIRST_DAY <= day.day <= LAST_DAY), None)
        if outside is not None:
            raise CalendarError(f"{outside} is outside the calendar, which runs from {FIRST_DAY} to {LAST_DAY}")
        self._by_date = {day.day: day for day in named}
        self._announced_years = frozenset(day.day.year for day in named if day.announced)
        self._workday_numbers = array("i", accumulate(self._workday_flags(), initial=0))
        self.version = _version(named)

    @classmethod
    def load(cls, year_files: Path | None = None) -> Calendar:
        """Return the shipped calendar; files `YYYY.csv` in the folder `year_files` replace the years they name."""
        return cls(table.merge_year_files(table.read_days(table.SHIPPED), year_files))

    @property
    def days(self) -> tuple[TableDay, ...]:
        """The days that notices name, in order: all that the calendar is made from."""
        return tuple(self._by_date.values())

    @property
    def announced_years(self) -> tuple[int, ...]:
        """The years whose notice is in the table."""
        return tuple(sorted(self._announced_years))

    def is_workday(self, day: date) -> bool:
        """Whether people work on `day`."""
        place = self._index(day)
        return self._workday_numbers[place + 1] > self._workday_numbers[place]

    def is_provisional(self, day: date) -> bool:
        """Whether no notice has settled `day` yet."""
        named = self._by_date.get(day)
        if named:
            return not named.announced
        return day.year not in self._announced_years and day.year >= min(self._announced_years, default=FIRST_DAY.year)

    def workdays_between(self, start: date, end: date) -> int:
        """Return the number of working days after `start`, up to and including `end`; negative if `end` is earlier.

        Accepted and closed on the same day is 0; accepted on Friday and closed on Monday is 1.
        """
        return self.workday_number(end) - self.workday_number(start)

    def workday_number(self, day: date) -> int:
        """Return how many working days there are from `FIRST_DAY` up to and including `day`.

        The difference of two numbers is `workdays_between`, so a table that stores numbers needs no calendar.
        """
        return self._workday_numbers[self._index(day) + 1]

    def workday_numbers(self) -> Sequence[int]:
        """Return `workday_number` for every day from `FIRST_DAY` to `LAST_DAY`, for counting whole columns at once."""
        return self._workday_numbers[1:]

    def rows(self, first: date = FIRST_DAY, last: date = LAST_DAY) -> Iterator[tuple[date, bool, int]]:
        """Yield `(day, is_workday, number)` for loading into a table."""
        for ordinal in range(first.toordinal(), last.toordinal() + 1):
            day = date.fromordinal(ordinal)
            yield day, self.is_workday(day), self.workday_number(day)

    def add_workdays(self, start: date, workdays: int) -> Deadline:
        """Return the deadline `workdays` working days after `start`; counting begins the day after `start`."""
        if not 0 <= workdays <= MAX_WORKDAYS:
            raise ValueError(f"working days must be from 0 to {MAX_WORKDAYS}, not {workdays}")
        days = [self.explain(start)]
        number, day = 0, start
        while number < workdays:
            day += timedelta(days=1)
            number += self.is_workday(day)
            days.append(self.explain(day, number))
        provisional = any(each.provisional for each in days[1:])
        return Deadline(start, workdays, day, provisional, tuple(days), self.version)

    def explain(self, day: date, number: int | None = None) -> DayExplanation:
        """Return what `day` is and why; `number` is dropped unless people work on it."""
        kind, named = self._kind(day), self._by_date.get(day)
        counted = number if kind in (DayKind.WORKDAY, DayKind.MAKE_UP) else None
        name, paper = (named.name, named.paper or None) if named else (None, None)
        return DayExplanation(day, kind, counted, name, paper, self.is_provisional(day))

    def _kind(self, day: date) -> DayKind:
        if self.is_workday(day):
            return DayKind.MAKE_UP if day.weekday() >= _SATURDAY else DayKind.WORKDAY
        return DayKind.HOLIDAY if day in self._by_date else DayKind.WEEKEND

    def _index(self, day: date) -> int:
        if not FIRST_DAY <= day <= LAST_DAY:
            raise ValueError(f"the calendar runs from {FIRST_DAY} to {LAST_DAY}; {day} is outside")
        return day.toordinal() - _FIRST_ORDINAL

    def _workday_flags(self) -> Iterator[int]:
        for ordinal in range(_FIRST_ORDINAL, LAST_DAY.toordinal() + 1):
            named = self._by_date.get(date.fromordinal(ordinal))
            # date.toordinal() counts from Monday, 1 January of the year 1.
            yield named.is_workday if named else (ordinal - 1) % 7 < _SATURDAY


def _version(days: Iterable[TableDay]) -> str:
    text = "\n".join(f"{day.day}{day.is_workday:d}{day.announced:d}{day.paper}" for day in days)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
