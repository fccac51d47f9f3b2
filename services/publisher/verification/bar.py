"""Whom a proof tells how far it is."""

from __future__ import annotations

from collections.abc import Callable

Bar = Callable[[str, int | None], Callable[[int], object]]
"""Given a title and how much there is to do, returns what is told how much more is done."""


def unseen(_title: str, _total: int | None) -> Callable[[int], object]:
    """Tell nobody."""
    return lambda _: None
