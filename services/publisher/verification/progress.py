"""Where a verification reports its progress."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int | None], Callable[[int], object]]
"""Given a title and the total (None where unknown), returns the function that takes how much more is done."""


def no_progress(_title: str, _total: int | None) -> Callable[[int], object]:
    """Report nothing."""
    return lambda _: None
