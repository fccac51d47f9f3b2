"""A term of working days for display: how much of it is left, and every day of it by week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from math import cos, pi, sin

from shared.calendar.calendar import Calendar, DayExplanation, DayKind, Deadline
from shared.rates import percentage

# Amber from here on; red only when the day has passed (LOOK: small clock).
SOON_WORKDAYS = 2
_CENTRE = 9.0
_RADIUS = 7.0
_HALF = 0.5


@dataclass(frozen=True, slots=True)
class Tile:
    """One day of the calendar; `css` is its class, `number` its ordinal among the counted days."""

    day: date
    css: str
    number: int | None
    name: str | None
    kind: DayKind
    label: str
    today: bool
    due: bool
    received: bool

    @property
    def make_up(self) -> bool:
        """Whether it is a make-up working day (调休上班)."""
        return self.kind is DayKind.MAKE_UP


@dataclass(frozen=True, slots=True)
class Countdown:
    """A deadline on one day. `left` is working days after `today` up to the due day, negative when it has passed."""

    deadline: Deadline
    today: date
    left: int

    @classmethod
    def of(cls, deadline: Deadline, today: date, calendar: Calendar) -> Countdown:
        """Return `deadline` as it stands on `today`."""
        return cls(deadline, today, calendar.workdays_between(today, deadline.due))

    @property
    def used(self) -> int:
        """Working days that have passed, today included, at most `total`."""
        return min(self.total, max(self.total - self.left, 0))

    @property
    def total(self) -> int:
        """Working days of the whole term."""
        return self.deadline.workdays

    @property
    def percent(self) -> Decimal:
        """Share of the term that has passed, 0 to 100."""
        return Decimal(100) if (passed := percentage(self.used, self.total)) is None else passed

    @property
    def late(self) -> bool:
        """Whether the due day has passed."""
        return self.today > self.deadline.due

    @property
    def soon(self) -> bool:
        """Whether at most `SOON_WORKDAYS` are left."""
        return not self.late and self.left <= SOON_WORKDAYS

    @property
    def padding(self) -> int:
        """Empty cells before the first day: weeks start on Monday."""
        return self.deadline.start.weekday()

    def tiles(self) -> list[Tile]:
        """Return every day from the start to the due day."""
        return [self._tile(day, first=index == 0) for index, day in enumerate(self.deadline.days)]

    def _tile(self, day: DayExplanation, *, first: bool) -> Tile:
        due = day.day == self.deadline.due
        today = day.day == self.today
        return Tile(
            day=day.day,
            css=" ".join(filter(None, (self._kind(day), "today" if today else "", "due" if due else ""))),
            number=day.number,
            name=day.name,
            kind=day.kind,
            label=f"{day.day.month}/{day.day.day}" if first or day.day.day == 1 else str(day.day.day),
            today=today,
            due=due,
            received=first,
        )

    def _kind(self, day: DayExplanation) -> str:
        if not day.is_workday:
            return "off"
        return "left" if day.day > self.today else "work"


def pie_path(left: int, total: int) -> str:
    """Return the path of the small clock's filled sector (18 by 18): the share of the term that is left."""
    share = min(1.0, max(0.0, left / total)) if total else 0.0
    if share >= 1:
        return "M9 2a7 7 0 1 1-.01 0Z"
    angle = 2 * pi * share
    x, y = _CENTRE + _RADIUS * sin(angle), _CENTRE - _RADIUS * cos(angle)
    return f"M9 9V2A7 7 0 {int(share > _HALF)} 1 {x:.2f} {y:.2f}Z"
