"""Tallies: what is counted of complaints and tip-offs beside their measures, and the rates and times that follow from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from services.stats.domain.measures import Sums, groups_of_digits, histogram
from shared.calendar import FIRST_DAY, LAST_DAY, Calendar

# How many decimal digits one tally takes in the sum of `stats.tallies`, and which one stands where, from the right.
TALLY_DIGITS = 8
TALLIES = (
    "closed", "decided", "decided_in_time", "mediations_timed", "mediated_in_time", "settled_or_withdrawn", "self_settled",
    "direct", "direct_settled", "cases", "satisfaction_answers", "satisfied", "satisfaction_points", "decided_undated",
    "impossible_days", "open_undated", "tip_offs", "tip_offs_checked", "tip_offs_checked_in_time", "tip_offs_ended",
    "tip_off_cases", "tip_offs_undated",
)  # fmt: skip
PLACES = {name: place for place, name in enumerate(TALLIES)}
# From here on the complaints that are accepted and open, by the days from receipt to acceptance.
OPEN_FROM = 24

# Orders 20 and 121 of the market regulator: working days to decide on acceptance and to check a tip-off, both from receipt;
# and to mediate, from acceptance: working days under Order 20, then calendar days whose last is no rest day (article 45).
DECISION_WORKDAYS = 7
CHECK_WORKDAYS = 15
MEDIATION_WORKDAYS = 45
MEDIATION_DAYS = 60
ORDER_121 = date(2026, 4, 15)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DayTallies:
    """The tallies of the complaints that were received on a day, `complaints` of them, by place."""

    day: date
    complaints: int
    counts: Mapping[int, int]

    @classmethod
    def read(cls, day: date, complaints: int, number: str) -> DayTallies:
        """Return the tallies of a day from their sum in the database."""
        return cls(day, complaints, dict(groups_of_digits(number, TALLY_DIGITS)))

    def get(self, name: str) -> int:
        """Return one tally."""
        return self.counts.get(PLACES[name], 0)

    def open_since(self) -> list[tuple[date, int]]:
        """Return `(day of acceptance, complaints)` of those that are accepted and open."""
        return [(self.day + timedelta(days=at - OPEN_FROM), count) for at, count in self.counts.items() if at >= OPEN_FROM]


@dataclass(frozen=True, slots=True)
class Proportion:
    """A rate by its two counts: `part` of `whole`."""

    name: str
    part: int
    whole: int


@dataclass(frozen=True, slots=True)
class Kpis:
    """What follows from tallies as of a day.

    `overdue_*` are open beyond their time limit and stand in the denominators of the rates in time. The days are working days
    within which at least half, and nine tenths, of the accepted complaints were closed, with those still open counted as open
    (Kaplan and Meier 1958); None where so many are not closed yet.
    """

    counts: Mapping[str, int]
    proportions: Sequence[Proportion]
    open_cases: int
    median_days_with_open: int | None
    p90_days_with_open: int | None


def compute_kpis(sums: Sums, days: Sequence[DayTallies], today: date, calendar: Calendar) -> Kpis:
    """Return the KPIs of a subject from its sums and the tallies of each of its days."""
    together, since = Counter[int](), Counter[date]()
    for each in days:
        together.update(each.counts)
        since.update(dict(each.open_since()))
    counts = {name: together[place] for name, place in PLACES.items()}
    counts["overdue_decisions"] = sum(
        each.complaints - each.get("decided") - each.get("decided_undated")
        for each in days
        if _workdays(each.day, today, calendar) > DECISION_WORKDAYS
    )
    counts["overdue_mediations"] = sum(count for day, count in since.items() if mediation_is_over(day, today, calendar))
    counts["overdue_checks"] = sum(
        each.get("tip_offs") - each.get("tip_offs_checked") - each.get("tip_offs_undated")
        for each in days
        if _workdays(each.day, today, calendar) > CHECK_WORKDAYS
    )
    closed = histogram(sums.workdays)
    still_open = Counter[int]()
    for day, count in since.items():
        still_open[max(0, _workdays(day, today, calendar))] += count
    return Kpis(
        counts,
        _proportions(sums, counts),
        sum(since.values()) + counts["open_undated"],
        time_to_close(closed, still_open.items(), Fraction(1, 2)),
        time_to_close(closed, still_open.items(), Fraction(9, 10)),
    )


def _proportions(sums: Sums, counts: Mapping[str, int]) -> list[Proportion]:
    """Return the rates; the three of mediation differ in the denominator alone, as offices publish each of them."""
    return [
        Proportion("mediation_success_of_mediations", sums.resolved, sums.mediated),
        Proportion("mediation_success_of_accepted", sums.resolved, sums.accepted),
        Proportion("mediation_success_of_closed", sums.resolved, counts["closed"]),
        Proportion("direct_settlement", counts["direct_settled"], counts["direct"]),
        Proportion("decision_in_time", counts["decided_in_time"], counts["decided"] + counts["overdue_decisions"]),
        Proportion("mediation_in_time", counts["mediated_in_time"], counts["mediations_timed"] + counts["overdue_mediations"]),
        Proportion("check_in_time", counts["tip_offs_checked_in_time"], counts["tip_offs_checked"] + counts["overdue_checks"]),
        Proportion("complaint_to_case", counts["cases"], sums.complaints),
        Proportion("substantiation", counts["tip_off_cases"], counts["tip_offs_ended"]),
        Proportion("satisfaction", counts["satisfied"], counts["satisfaction_answers"]),
    ]


def mediation_is_over(accepted_on: date, today: date, calendar: Calendar) -> bool:
    """Return whether the time for mediation of a complaint accepted on a day has passed before `today`."""
    if accepted_on < ORDER_121:
        return _workdays(accepted_on, today, calendar) > MEDIATION_WORKDAYS
    last_but_one = accepted_on + timedelta(days=MEDIATION_DAYS - 1)
    return last_but_one < today and _workdays(last_but_one, today - ONE_DAY, calendar) > 0


def time_to_close(closed: Iterable[tuple[int, int]], still_open: Iterable[tuple[int, int]], part: Fraction) -> int | None:
    """Return the least number of working days within which `part` of the cases were closed, None if they are not yet.

    `closed` and `still_open` are `(working days, cases)`: an open case counts among those at risk for as long as it has been
    open, and as not closed. Kaplan and Meier, Journal of the American Statistical Association 53 (1958) 457-481.
    """
    ended, censored = Counter(dict(closed)), Counter(dict(still_open))
    at_risk = ended.total() + censored.total()
    remaining = Fraction(1)
    for days in sorted(ended.keys() | censored.keys()):
        if ended[days]:
            remaining *= Fraction(at_risk - ended[days], at_risk)
            if remaining <= 1 - part:
                return days
        at_risk -= ended[days] + censored[days]
    return None


def _workdays(start: date, end: date, calendar: Calendar) -> int:
    """Return the working days between two days, 0 where one lies outside the calendar."""
    if not (FIRST_DAY <= start <= LAST_DAY and FIRST_DAY <= end <= LAST_DAY):
        return 0
    return calendar.workdays_between(start, end)
