"""The periods of reports: their months, the period before and the same one a year before."""

from __future__ import annotations

from shared.contracts import PeriodKind
from shared.errors import PermanentError
from shared.web.periods import is_period

MONTHS_IN_YEAR = 12


class NoPeriod(PermanentError):
    """A period is like 2026-10, 2026-Q3, 2026-H1 or 2026."""


def period_kind(period: str) -> PeriodKind:
    """Return what a period is. Raises `NoPeriod`."""
    if not is_period(period):
        raise NoPeriod(period)
    part = period[5:6]
    return {"": PeriodKind.YEAR, "Q": PeriodKind.QUARTER, "H": PeriodKind.HALF}.get(part, PeriodKind.MONTH)


def months_of(period: str) -> list[str]:
    """Return the months of a period, the first one first."""
    first, length = _span(period)
    return [_month(first + offset) for offset in range(length)]


def months_until(period: str, count: int) -> list[str]:
    """Return so many months, the last one of the period being the last, or all of the period where it has more."""
    first, length = _span(period)
    return [_month(number) for number in range(first + length - max(count, length), first + length)]


def period_before(period: str) -> str:
    """Return the period of the same length that ends where this one begins."""
    first, length = _span(period)
    return _name(first - length, length)


def year_before(period: str) -> str:
    """Return the same period of the year before."""
    first, length = _span(period)
    return _name(first - MONTHS_IN_YEAR, length)


def _span(period: str) -> tuple[int, int]:
    """Return the number of a period's first month since year 0, and of how many months it is."""
    kind, year = period_kind(period), int(period[:4]) * MONTHS_IN_YEAR
    match kind:
        case PeriodKind.MONTH:
            return year + int(period[5:]) - 1, 1
        case PeriodKind.QUARTER:
            return year + 3 * (int(period[6:]) - 1), 3
        case PeriodKind.HALF:
            return year + 6 * (int(period[6:]) - 1), 6
        case PeriodKind.YEAR:
            return year, MONTHS_IN_YEAR


def _month(number: int) -> str:
    return f"{number // MONTHS_IN_YEAR:04}-{number % MONTHS_IN_YEAR + 1:02}"


def _name(first: int, length: int) -> str:
    year, offset = divmod(first, MONTHS_IN_YEAR)
    match length:
        case 1:
            return _month(first)
        case 3:
            return f"{year:04}-Q{offset // 3 + 1}"
        case 6:
            return f"{year:04}-H{offset // 6 + 1}"
        case _:
            return f"{year:04}"
