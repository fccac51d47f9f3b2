"""What differs between two calendars, and the notices behind it."""

from __future__ import annotations

from dataclasses import dataclass

from shared.calendar.calendar import Calendar
from shared.calendar.table import TableDay


@dataclass(frozen=True, slots=True)
class DayChange:
    """A day that two tables name differently; None where a table does not name it."""

    before: TableDay | None
    after: TableDay | None

    @property
    def notice(self) -> str:
        """The number of the notice that orders the change, or that was withdrawn; the holiday where it has no number."""
        named = self.after or self.before
        return (named.paper or named.name) if named else ""


@dataclass(frozen=True, slots=True)
class CalendarChange:
    """A calendar that replaces another one; `before` is None where none was adopted yet.

    `id` is that of the adoption, `days` every changed day in order, `notices` the notices behind them.
    """

    id: int
    before: str | None
    after: str
    days: tuple[DayChange, ...]
    notices: tuple[str, ...]


def changed_days(before: Calendar, after: Calendar) -> tuple[DayChange, ...]:
    """Return the days that the two calendars name differently, in order."""
    old, new = ({day.day: day for day in calendar.days} for calendar in (before, after))
    return tuple(DayChange(old.get(day), new.get(day)) for day in sorted({*old, *new}) if old.get(day) != new.get(day))


def notices(changes: tuple[DayChange, ...]) -> tuple[str, ...]:
    """Return the notices behind changed days, each once, in the order of the days."""
    return tuple(dict.fromkeys(change.notice for change in changes))
