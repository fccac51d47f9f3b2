"""What deserves attention: subjects with more complaints in a month than their own past and the month of all lead to expect."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

# Below so many complaints nothing is told: a doubling of two is no news, and small numbers expose.
MIN_COMPLAINTS = 10
# A subject is told as growing where so many or more would come by chance this rarely, were it as before.
FALSE_ALARM = 0.001
# How often that happens to a subject that did not grow, at most, on simulated streams with a season and scatter of their
# own: more often than `FALSE_ALARM`, since two years of months tell their scatter only roughly.
FALSE_ALARM_RATE = 0.004
# So many months before are looked at, and fewer than `MIN_MONTHS` say nothing.
MONTHS = 24
MIN_MONTHS = 6
# A part of all complaints from which on a subject is told as concentrated.
CONCENTRATED = 0.05
# The least over-dispersion: counts of months scatter more than chance alone by a tenth of themselves, whatever few months show.
MIN_DISPERSION = 0.01


class Reason(StrEnum):
    """Why a subject is told."""

    CONCENTRATED = "concentrated"
    GROWING = "growing"


@dataclass(frozen=True, slots=True)
class Expectation:
    """What was expected of a month: `mean` complaints, their over-dispersion, and how likely as many or more come by chance."""

    mean: float
    dispersion: float
    chance: float


def expect(now: int, total_now: int, before: Sequence[int], totals_before: Sequence[int]) -> Expectation | None:
    """Return what was expected of a subject's month from the months before; None where they are too few or empty.

    Expected is the subject's share of the months before, of what all others together have now: a season that all share is no
    growth of one. The scatter of its months around their share is the over-dispersion of a negative binomial distribution, to
    which the uncertainty of the share adds (Noufaily et al., Statistics in Medicine 32 (2013) 1206-1222, in its idea).
    """
    others = [total - own for total, own in zip(totals_before, before, strict=True)]
    base, whole = sum(before), sum(others)
    if len(before) < MIN_MONTHS or not whole or total_now <= now:
        return None
    # Half a complaint more: who had none before is expected to have few, not none.
    share = (base + 0.5) / whole
    means = [share * other for other in others]
    scatter = sum((own - mean) ** 2 - mean for own, mean in zip(before, means, strict=True)) / sum(mean**2 for mean in means)
    # The sample is short: its own mean takes one degree of freedom.
    dispersion = max(MIN_DISPERSION, scatter * len(before) / (len(before) - 1)) + 1 / (base + 0.5)
    mean = share * (total_now - now)
    return Expectation(mean, dispersion, upper_tail(now, mean, dispersion))


def upper_tail(count: int, mean: float, dispersion: float) -> float:
    """Return how likely a negative binomial number is `count` or more; its variance is mean + dispersion × mean²."""
    if count <= 0:
        return 1.0
    if mean <= 0:
        return 0.0
    size = 1 / dispersion
    log_success = math.log(size / (size + mean))
    log_failure = math.log(mean / (size + mean))
    # Summed from `count` on where that is the short end, and below it where the tail is most of it.
    if count <= mean:
        return 1.0 - sum(_mass(each, size, log_success, log_failure) for each in range(count))
    total, each = 0.0, count
    while True:
        mass = _mass(each, size, log_success, log_failure)
        total += mass
        if mass <= total * 1e-12:
            return min(1.0, total)
        each += 1


def _mass(count: int, size: float, log_success: float, log_failure: float) -> float:
    combinations = math.lgamma(count + size) - math.lgamma(size) - math.lgamma(count + 1)
    return math.exp(combinations + size * log_success + count * log_failure)


def reasons(now: int, total_now: int, expectation: Expectation | None) -> list[Reason]:
    """Return why a subject with so many of all complaints is told; nothing under `MIN_COMPLAINTS`."""
    if now < MIN_COMPLAINTS:
        return []
    found = [Reason.CONCENTRATED] if total_now and now / total_now >= CONCENTRATED else []
    return [*found, Reason.GROWING] if expectation is not None and expectation.chance < FALSE_ALARM else found
