"""The checker: what the system holds against what the workload knows that it sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from deploy.samples import Ledger

COUNTS = ("complaints", "accepted", "resolved", "mediations", "mediation_successes")
SUMS = ("amount", "recovered")

Totals = dict[tuple[str, ...], tuple[Any, ...]]


def expected(ledger: Ledger, *by: str) -> Totals:
    """Return what was sent, counted by the ledger. Operators without a valid code are counted together."""
    return _totals(
        ((_key(key), measures) for key, measures in ledger.figures(*by, cross_channel="each").items()),
        getattr,
    )


def held(rows: Iterable[dict[str, Any]], *by: str) -> Totals:
    """Return what the system holds, from the rows of `gongshi figures --format json`."""
    return _totals(
        ((_key(tuple(row[name] for name in by)), row) for row in rows),
        dict.__getitem__,
    )


def _totals(pairs: Iterable[tuple[tuple[str, ...], Any]], read: Any) -> Totals:
    sums: dict[tuple[str, ...], Counter[str]] = {}
    for key, measures in pairs:
        total = sums.setdefault(key, Counter())
        for name in COUNTS:
            total[name] += int(read(measures, name))
        for name in SUMS:
            total[name] += Decimal(str(read(measures, name)))
    return {key: tuple(total[name] for name in (*COUNTS, *SUMS)) for key, total in sums.items()}


def _key(parts: tuple[Any, ...]) -> tuple[str, ...]:
    return tuple(_part(part) for part in parts)


def _part(part: Any) -> str:
    """One name for what has no code: an operator known by name only, and a value that is missing."""
    text = str(part or "")
    return text if text.isascii() and not text.startswith("N-") else "by name only"


def differences(sent: Totals, found: Totals) -> list[str]:
    """Return every key at which the two are not equal."""
    return [
        f"{key}: sent {sent.get(key)}, held {found.get(key)}"
        for key in sorted(sent.keys() | found.keys())
        if sent.get(key) != found.get(key)
    ]
