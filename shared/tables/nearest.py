"""The nearest right word for one that was misspelt."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import SequenceMatcher

SIMILAR = 0.5
"""Share of characters that two words have in common, from which one may be meant by the other (办结日期, 办结时间)."""

ALIKE = 0.7
"""The share from which one is hardly anything else than the other misspelt (处理结论, 处理结果)."""


def find_nearest(word: str, words: Iterable[str], least: float = SIMILAR) -> str | None:
    """Return the most similar of the words; None where none is similar enough."""
    scored = [(SequenceMatcher(None, word.casefold(), other.casefold()).ratio(), other) for other in words]
    ratio, other = max(scored, default=(0.0, ""))
    return other if ratio >= least else None


def suggestion(word: str, words: Iterable[str]) -> str:
    """Return a question that names the nearest word, to be put behind a message; nothing where there is none."""
    other = find_nearest(word, words)
    return f" (did you mean {other}?)" if other else ""
