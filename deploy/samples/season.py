"""Arrivals per day (months, weekdays, campaigns, a slow rise) and time formats of the events."""

from __future__ import annotations

from bisect import bisect
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from itertools import accumulate

from deploy.samples.seeded_random import SeededRandom, weighted_table

DAY = 86_400
# Asia/Shanghai has had one offset since 1991.
OFFSET = 8 * 3600
SATURDAY = 5
EPOCH = date(1970, 1, 1)
MONTHS = (1.0, 0.76, 1.12, 0.96, 1.0, 1.06, 1.02, 1.05, 1.04, 1.08, 1.16, 1.1)
WEEKDAYS = (1.22, 1.12, 1.08, 1.05, 1.02, 0.8, 0.71)
CAMPAIGNS = {(3, 15): 2.4, (3, 16): 1.8, (6, 18): 1.5, (6, 20): 1.4, (10, 7): 1.5, (11, 11): 1.5, (11, 13): 1.7, (12, 12): 1.3}
YEARLY_RISE = 0.06
HOURS = (1, 1, 0, 0, 0, 1, 2, 5, 24, 48, 52, 38, 18, 30, 48, 50, 46, 36, 20, 18, 20, 16, 8, 3)


def first_day(until: date, months: int) -> date:
    """Return the day `months` months before `until`, the first of that month where the day does not exist."""
    year, month = divmod(until.year * 12 + until.month - 1 - months, 12)
    try:
        return date(year, month + 1, until.day)
    except ValueError:
        return date(year, month + 1, 1)


def arrivals(rng: SeededRandom, count: int, start: date, until: date) -> Iterator[int]:
    """Yield `count` moments from `start` to before `until`, in order, as seconds of the epoch."""
    days = [start + timedelta(offset) for offset in range((until - start).days)]
    bounds = list(accumulate(_weight(day, start) for day in days))
    drawn = Counter(bisect(bounds, rng.random() * bounds[-1], 0, len(days) - 1) for _ in range(count))
    hours = weighted_table(range(24), HOURS)
    for index, day in enumerate(days):
        midnight = seconds(day)
        yield from sorted(midnight + rng.pick(hours) * 3600 + int(rng.random() * 3600) for _ in range(drawn[index]))


def to_office_hours(rng: SeededRandom, moment: int) -> int:
    """Return a random moment in office hours on the day of `moment`, or on the Monday after a weekend."""
    day = (moment + OFFSET) // DAY
    weekday = (day + 3) % 7
    if weekday >= SATURDAY:
        day += 7 - weekday
    return day * DAY - OFFSET + 9 * 3600 + int(rng.random() * 8 * 3600)


def seconds(day: date) -> int:
    """Return the first second of `day` in Asia/Shanghai, in seconds of the epoch."""
    return (day - EPOCH).days * DAY - OFFSET


def local_time(moment: int) -> str:
    """Return `moment` as RFC 3339 with the offset of Asia/Shanghai."""
    day, rest = divmod(moment + OFFSET, DAY)
    return f"{_day(day)}T{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}+08:00"


def utc_time(moment: int) -> str:
    """Return `moment` as RFC 3339 in UTC: in the first eight hours of a Chinese day its date is the day before."""
    day, rest = divmod(moment, DAY)
    return f"{_day(day)}T{rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}Z"


def local_day(moment: int) -> str:
    """Return the day of `moment` in Asia/Shanghai, ISO 8601."""
    return _day((moment + OFFSET) // DAY)


@lru_cache(maxsize=10_000)
def _day(number: int) -> str:
    return (EPOCH + timedelta(number)).isoformat()


def _weight(day: date, start: date) -> float:
    rise = 1 + YEARLY_RISE * (day - start).days / 365
    return MONTHS[day.month - 1] * WEEKDAYS[day.weekday()] * CAMPAIGNS.get((day.month, day.day), 1.0) * rise
