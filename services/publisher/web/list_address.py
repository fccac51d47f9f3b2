"""The address of a desk's list after a decision."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

# What a list can be narrowed by.
NAMES = ("board", "check", "month", "region", "kind", "age", "q")
MAX_BACK = 1_000


def back_to(path: str, back: str, done: str) -> str:
    """Return the address of a list after a decision: narrowed as before (`back`, a query string), with what was done."""
    kept = [(name, value) for name, value in parse_qsl(back[:MAX_BACK]) if name in NAMES]
    return f"{path}?{urlencode([*kept, ('done', done)])}"
