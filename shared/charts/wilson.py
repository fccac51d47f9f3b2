"""How far a rate can be trusted: the Wilson score interval of a proportion."""

from __future__ import annotations

from decimal import Decimal

from shared.rates import share

# Two-sided 95 % quantile of the standard normal distribution.
Z_95 = Decimal("1.959963984540054")


def wilson_interval(successes: int, trials: int, z: Decimal = Z_95) -> tuple[Decimal, Decimal]:
    """Return the interval (low, high) of a proportion, both in 0…1, unrounded.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the American
    Statistical Association 22 (1927) 209–212. It stays within 0…1 and is right for small numbers and for rates near
    the ends, where the textbook interval is not. ValueError unless 0 <= successes <= trials and trials > 0.
    """
    if trials <= 0 or not 0 <= successes <= trials:
        raise ValueError(f"no proportion: {successes} of {trials}")
    if successes == 0:
        return Decimal(0), z * z / (trials + z * z)
    if successes == trials:
        return trials / (trials + z * z), Decimal(1)
    proportion = share(successes, trials)
    shrink = 1 + z * z / trials
    centre = proportion + z * z / (2 * trials)
    spread = z * (proportion * (1 - proportion) / trials + z * z / (4 * trials * trials)).sqrt()
    return (centre - spread) / shrink, (centre + spread) / shrink
