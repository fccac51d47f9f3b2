"""The past months that a demo closes, so that the boards have content."""

from __future__ import annotations

from datetime import date, timedelta


def past_months(today: date, count: int) -> list[str]:
    """Return the last `count` complete months, oldest first, formatted as 2026-10."""
    months: list[str] = []
    last = today.replace(day=1) - timedelta(days=1)
    for _ in range(count):
        months.append(f"{last:%Y-%m}")
        last = last.replace(day=1) - timedelta(days=1)
    return months[::-1]
