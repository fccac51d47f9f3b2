"""What days are compared with: those of the year before (同比) and those before them (环比), with the rule that was applied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from services.stats.domain.periods import Period, previous_period, year_before
from shared.contracts import Measures
from shared.rates import rate

COUNTS = ("complaints", "accepted", "resolved", "mediations", "mediation_successes")
AMOUNTS = ("amount", "recovered")
RATES = ("resolution_rate", "mediation_success_rate")
FEN = 100


class ComparisonKind(StrEnum):
    """What is compared with."""

    YEAR_BEFORE = "year_before"
    PERIOD_BEFORE = "period_before"


class Rule(StrEnum):
    """How lengths are made comparable: equally many days; unequally many, by the daily average; as many as have passed."""

    EQUAL_DAYS = "equal_days"
    DAILY_AVERAGE = "daily_average"
    ELAPSED_DAYS = "elapsed_days"


@dataclass(frozen=True, slots=True)
class Days:
    """The days from `first` to `last`, both included."""

    first: date
    last: date

    @property
    def count(self) -> int:
        """How many days they are."""
        return (self.last - self.first).days + 1

    def head(self, count: int) -> Days:
        """Return the first `count` days, or all where they are fewer."""
        return Days(self.first, min(self.last, self.first + timedelta(days=count - 1)))


@dataclass(frozen=True, slots=True)
class Comparison:
    """`own` days and the `other` ones that they are compared with, by a rule."""

    kind: ComparisonKind
    own: Days
    other: Days
    rule: Rule


def compare_days(own: Days, others: Mapping[ComparisonKind, Days], today: date) -> list[Comparison]:
    """Return the comparisons of `own` days with the others.

    Days that are not over on `today` are compared as far as they have passed with equally many first days of the others.
    Where the numbers of days differ, changes are those of daily averages.
    """
    if today < own.first:
        return []
    is_running = today < own.last
    passed = own.head((today - own.first).days + 1) if is_running else own
    comparisons = []
    for kind, other in others.items():
        head = other.head(passed.count) if is_running else other
        rule = Rule.ELAPSED_DAYS if is_running else Rule.EQUAL_DAYS
        comparisons.append(Comparison(kind, passed, head, rule if head.count == passed.count else Rule.DAILY_AVERAGE))
    return comparisons


def of_period(period: Period) -> dict[ComparisonKind, Days]:
    """Return the days that a calendar period is compared with: that of the same name a year before, and the one before it."""
    other, previous = year_before(period), previous_period(period)
    days = {ComparisonKind.YEAR_BEFORE: Days(other.first, other.last)}
    # Of a year both are the same one.
    return days | ({ComparisonKind.PERIOD_BEFORE: Days(previous.first, previous.last)} if previous != other else {})


def of_span(own: Days, same_last_year: Days | None) -> dict[ComparisonKind, Days]:
    """Return the days that others than calendar periods are compared with: the year before, and equally many just before."""
    before = Days(own.first - timedelta(days=own.count), own.first - timedelta(days=1))
    last_year = {ComparisonKind.YEAR_BEFORE: same_last_year} if same_last_year else {}
    return last_year | {ComparisonKind.PERIOD_BEFORE: before}


def a_year_earlier(day: date) -> date:
    """Return the same day of the year before; 28 February for the 29th."""
    return day.replace(year=day.year - 1, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=day.year - 1)


def change(now: int, then: int, days: int = 1, other_days: int = 1) -> Decimal | None:
    """Return (now ÷ days) ÷ (then ÷ other_days) − 1, four decimals, halves away from zero; None where `then` is 0."""
    difference = now * other_days - then * days
    size = rate(abs(difference), then * days)
    return None if size is None else size.copy_sign(difference) if size else size


def changes(now: Measures, then: Measures, days: int, other_days: int) -> dict[str, Decimal | None]:
    """Return the change of each count and amount as a part of what it was, and of each rate as a difference."""
    parts = {name: change(getattr(now, name), getattr(then, name), days, other_days) for name in COUNTS}
    parts |= {name: change(int(getattr(now, name) * FEN), int(getattr(then, name) * FEN), days, other_days) for name in AMOUNTS}
    return parts | {name: _difference(getattr(now, name), getattr(then, name)) for name in RATES}


def _difference(now: Decimal | None, then: Decimal | None) -> Decimal | None:
    return None if now is None or then is None else now - then
