"""How far a rate can be trusted: the Wilson score interval of a proportion."""

from __future__ import annotations

from math import sqrt

# Two-sided 95 % quantile of the standard normal distribution.
Z_95 = 1.959963984540054


def wilson_interval(successes: int, trials: int, z: float = Z_95) -> tuple[float, float]:
    """Return the interval (low, high) of a proportion, both in 0…1.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the American
    Statistical Association 22 (1927) 209–212. It stays within 0…1 and is right for small numbers and for rates near
    the ends, where the textbook interval is not. ValueError unless 0 <= successes <= trials and trials > 0.
    """
    if trials <= 0 or not 0 <= successes <= trials:
        raise ValueError(f"no proportion: {successes} of {trials}")
    share = successes / trials
    shrink = 1 + z * z / trials
    centre = share + z * z / (2 * trials)
    spread = z * sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    return max(0.0, (centre - spread) / shrink), min(1.0, (centre + spread) / shrink)
