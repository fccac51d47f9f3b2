"""Growth is told rarely where nothing grew, whatever the season and the scatter, and nearly always where it tripled."""

from __future__ import annotations

import math

import numpy as np
import pytest

from services.stats.domain.attention import FALSE_ALARM, FALSE_ALARM_RATE, Reason, expect, reasons, upper_tail

STREAMS = 2_000
MONTHS = 24


def simulate(dispersion, mean, growth=1.0, seed=20261128):
    """Months of subjects that scatter by `dispersion` around a season that all share, the last one grown; then all of them."""
    rng = np.random.default_rng(seed)
    season = 1 + 0.4 * np.sin(np.arange(MONTHS + 1) * math.pi / 6)
    means = mean * season * np.where(np.arange(MONTHS + 1) == MONTHS, growth, 1)
    rates = rng.gamma(1 / dispersion, dispersion, (STREAMS, MONTHS + 1)) * means
    others = rng.poisson(20_000 * season)
    return rng.poisson(rates), others


def alarm_rate(counts, others):
    found = 0
    for row in counts.tolist():
        totals = [own + other for own, other in zip(row, others.tolist(), strict=True)]
        expectation = expect(row[-1], totals[-1], row[:-1], totals[:-1])
        found += Reason.GROWING in reasons(row[-1], totals[-1], expectation)
    return found / STREAMS


@pytest.mark.parametrize(("dispersion", "mean"), [(0.01, 15), (0.05, 40), (0.2, 40), (0.2, 200)])
def test_false_alarms_are_rare_under_a_season_and_scatter(dispersion, mean):
    rate = alarm_rate(*simulate(dispersion, mean))
    assert rate <= 1.5 * FALSE_ALARM_RATE, rate


@pytest.mark.parametrize(("dispersion", "mean"), [(0.01, 15), (0.05, 40), (0.05, 200)])
def test_a_tripling_is_told(dispersion, mean):
    assert alarm_rate(*simulate(dispersion, mean, growth=3.0)) > 0.9


def test_a_check_without_over_dispersion_would_cry_wolf():
    """The negative control: by Poisson's distribution every tenth month of such a subject is an alarm."""
    counts, others = simulate(0.2, 40)
    shares = counts[:, :-1].sum(axis=1) / others[:-1].sum()
    alarms = [
        upper_tail(int(now), float(share * others[-1]), 1e-9) < FALSE_ALARM
        for now, share in zip(counts[:, -1], shares, strict=True)
    ]
    assert sum(alarms) / STREAMS > 0.05


@pytest.mark.parametrize(
    ("count", "mean", "dispersion"), [(0, 5.0, 0.1), (3, 5.0, 0.5), (5, 5.0, 0.2), (30, 12.0, 0.3), (80, 90.0, 0.05)]
)
def test_the_tail_is_the_sum_of_its_probabilities(count, mean, dispersion):
    size = 1 / dispersion
    success = size / (size + mean)
    mass = [success**size]
    for each in range(1, 3_000):
        mass.append(mass[-1] * (each - 1 + size) / each * (1 - success))
    assert upper_tail(count, mean, dispersion) == pytest.approx(sum(mass[count:]), rel=1e-6)


def test_small_numbers_and_short_pasts_say_nothing():
    assert reasons(9, 10, None) == []
    assert expect(50, 1000, [1] * 5, [100] * 5) is None
    assert expect(50, 1000, [0] * 24, [1000] * 24).chance < FALSE_ALARM
    assert reasons(60, 1000, None) == [Reason.CONCENTRATED]
