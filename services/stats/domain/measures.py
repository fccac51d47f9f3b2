"""From sums to measures: the one place where a median or a 90th percentile is computed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from shared.contracts import Measures
from shared.rates import rate, round_half_up

# How many decimal digits one number of working days takes in the sum of terms (`stats.workdays_term`).
TERM_DIGITS = 12
YUAN_PLACES = 2


@dataclass(frozen=True, slots=True)
class Sums:
    """The sums of one subject over some days; `mediated` counts mediations, `resolved` (in SQL `settled`) successes.

    `workdays` is the decimal number whose groups of `TERM_DIGITS` digits, from the right, are how many cases took 0, 1,
    2, … working days from acceptance to closing.
    """

    complaints: int
    accepted: int
    resolved: int
    mediated: int
    amount: Decimal
    recovered: Decimal
    workdays: str

    @classmethod
    def together(cls, parts: Sequence[Sums]) -> Sums:
        """Return the sums of several subjects or days that share no complaint."""
        return cls(
            sum(each.complaints for each in parts),
            sum(each.accepted for each in parts),
            sum(each.resolved for each in parts),
            sum(each.mediated for each in parts),
            sum((each.amount for each in parts), Decimal(0)),
            sum((each.recovered for each in parts), Decimal(0)),
            _join([(1, each.workdays) for each in parts]),
        )


def rest_of(whole: Sums, part: Sums) -> Sums:
    """Return what the whole has beside a part of it."""
    return Sums(
        whole.complaints - part.complaints,
        whole.accepted - part.accepted,
        whole.resolved - part.resolved,
        whole.mediated - part.mediated,
        whole.amount - part.amount,
        whole.recovered - part.recovered,
        _join([(1, whole.workdays), (-1, part.workdays)]),
    )


ZERO_SUMS = Sums(0, 0, 0, 0, Decimal(0), Decimal(0), "0")


def compute_measures(sums: Sums) -> Measures:
    """Return the measures; self-settlement after the complaint counts as resolved and as a mediation that succeeded."""
    cases = histogram(sums.workdays)
    return Measures(
        complaints=sums.complaints,
        accepted=sums.accepted,
        resolved=sums.resolved,
        resolution_rate=rate(sums.resolved, sums.accepted),
        mediations=sums.mediated,
        mediation_successes=sums.resolved,
        mediation_success_rate=rate(sums.resolved, sums.mediated),
        amount=round_half_up(sums.amount, YUAN_PLACES),
        recovered=round_half_up(sums.recovered, YUAN_PLACES),
        median_days=quantile(cases, 5),
        p90_days=quantile(cases, 9),
    )


def _join(signed: Iterable[tuple[int, str]]) -> str:
    """Return the sum of terms, each added or taken away; whole numbers of so many digits are not read as one."""
    cases: Counter[int] = Counter()
    for sign, workdays in signed:
        for days, count in histogram(workdays):
            cases[days] += sign * count
    longest = max((days for days, count in cases.items() if count), default=0)
    return "".join(f"{cases[days]:0{TERM_DIGITS}}" for days in range(longest, -1, -1))


def histogram(workdays: str) -> list[tuple[int, int]]:
    """Return `(working days, cases)` in rising order, read from the sum of terms."""
    return groups_of_digits(workdays, TERM_DIGITS)


def groups_of_digits(number: str, size: int) -> list[tuple[int, int]]:
    """Return `(place, value)` of each group of so many digits that is not 0, from the right of a whole number."""
    digits = number.rjust(-(-len(number) // size) * size, "0")
    groups = [digits[at : at + size] for at in range(len(digits) - size, -1, -size)]
    return [(place, int(group)) for place, group in enumerate(groups) if group.strip("0")]


def quantile(cases: Sequence[tuple[int, int]], tenths: int) -> Decimal | None:
    """Return the quantile at `tenths`/10 with one decimal, interpolated between neighbours as SQL's percentile_cont does."""
    total = sum(count for _, count in cases)
    if total == 0:
        return None
    place, fraction = divmod((total - 1) * tenths, 10)
    below, above = _value_at(cases, place), _value_at(cases, min(place + 1, total - 1))
    return Decimal(below * 10 + (above - below) * fraction).scaleb(-1)


def _value_at(cases: Sequence[tuple[int, int]], place: int) -> int:
    """Return the working days of the case at a place, counted from 0, in rising order."""
    for days, count in cases:
        if place < count:
            return days
        place -= count
    raise IndexError(place)
