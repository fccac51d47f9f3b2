"""The checker: the figures of the system against the ledger of what the workload sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import Any

from deploy.samples import Ledger

COUNTS = ("complaints", "accepted", "resolved", "mediations", "mediation_successes")
SUMS = ("amount", "recovered")

Totals = dict[tuple[str, ...], tuple[Any, ...]]


def expected_totals(ledger: Ledger, linked: Collection[tuple[str, str]], *by: str) -> Totals:
    """Return the totals of what was sent without what intake has linked. Operators without a valid code are counted together."""
    return _sum_up(
        ((_key(key), measures) for key, measures in ledger.figures(*by, cross_channel="each", without=linked).items()),
        getattr,
    )


def stored_totals(rows: Iterable[dict[str, Any]], *by: str) -> Totals:
    """Return the totals that the system stores, from the rows of `gongshi figures --format json`."""
    return _sum_up(
        ((_key(tuple(row[name] for name in by)), row) for row in rows),
        dict.__getitem__,
    )


def _sum_up(pairs: Iterable[tuple[tuple[str, ...], Any]], read: Any) -> Totals:
    sums: dict[tuple[str, ...], Counter[str]] = {}
    for key, measures in pairs:
        total = sums.setdefault(key, Counter())
        for name in COUNTS:
            total[name] += int(read(measures, name))
        for name in SUMS:
            total[name] += Decimal(str(read(measures, name)))
    return {key: tuple(total[name] for name in (*COUNTS, *SUMS)) for key, total in sums.items()}


def _key(parts: tuple[Any, ...]) -> tuple[str, ...]:
    return tuple(_key_part(part) for part in parts)


def _key_part(part: Any) -> str:
    """Return the part as text; an operator known by name only and a missing value share one name."""
    text = str(part or "")
    return text if text.isascii() and not text.startswith("N-") else "by name only"


def differences(sent: Totals, stored: Totals) -> list[str]:
    """Return a line for every key whose totals differ."""
    return [
        f"{key}: sent {sent.get(key)}, stored {stored.get(key)}"
        for key in sorted(sent.keys() | stored.keys())
        if sent.get(key) != stored.get(key)
    ]
