"""Rates, shares and percentages: the one place where a quotient of two counts is rounded.

Every channel (JSON, topics, files, pages, screens, charts, the command line) rounds here, once, from the two counts: a binary
fraction, or a rate rounded before, moves the last digit, and two channels then publish two values of one rate.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

# Decimals of a rate between 0 and 1 in data, and of a percentage for people.
RATE_PLACES = 4
PERCENT_PLACES = 1

# The count that every success rate has above the line.
SUCCESSES = "mediation_successes"


class SuccessDenominator(StrEnum):
    """What a success rate of mediation is a share of, named as the count: offices publish all three.

    Mediations that ended in an agreement or without one; all complaints that were closed, as the national platform prints it;
    all that were accepted.
    """

    MEDIATIONS = "mediations"
    CLOSED = "closed"
    ACCEPTED = "accepted"


def success_counts(counts: Mapping[str, int | None], by: SuccessDenominator) -> tuple[int, int | None]:
    """Return the two counts of a success rate; the second is None where nobody counted it, so that there is no rate."""
    return counts.get(SUCCESSES) or 0, counts.get(by)


def success_rate(counts: Mapping[str, int | None], by: SuccessDenominator) -> Decimal | None:
    """Return the success rate by a denominator; None where that is 0 or was not counted."""
    part, whole = success_counts(counts, by)
    return rate(part, whole) if whole else None


def sum_known(counts: Iterable[int | None]) -> int | None:
    """Return the sum of counts; None where one of them is not known, since the sum is not either."""
    known = list(counts)
    return None if None in known else sum(each or 0 for each in known)


def rate(part: int, whole: int, places: int = RATE_PLACES) -> Decimal | None:
    """Return `part` ÷ `whole` with so many decimals, a half rounded up; None where the denominator is 0.

    Counts are not negative. The arithmetic is that of whole numbers, hence exact: 1 ÷ 32 is 0.0313, where the nearest binary
    fraction, or rounding a half to even, gives 0.0312.
    """
    return Decimal((2 * part * 10**places + whole) // (2 * whole)).scaleb(-places) if whole else None


def percentage(part: int, whole: int, places: int = PERCENT_PLACES) -> Decimal | None:
    """Return the percentage of `part` in `whole`, rounded like a rate; None where the denominator is 0."""
    return rate(100 * part, whole, places)


def share(part: int, whole: int) -> Decimal:
    """Return `part` ÷ `whole` unrounded (28 digits), for arithmetic and for a place on a scale. `whole` is not 0."""
    return Decimal(part) / whole


def round_half_up(value: Decimal, places: int) -> Decimal:
    """Return `value` with `places` decimals, halves away from zero as in the published reports."""
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
