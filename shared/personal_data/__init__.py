"""Personal data in texts: what has a pattern (phones, identity numbers, bank cards, mail, plates), and what a cue announces.

Intake replaces it before anything leaves, and the publisher looks again before anything is released: by the same patterns.
"""

from __future__ import annotations

from shared.personal_data.cues import cued_spans
from shared.personal_data.patterns import CANDIDATE, pattern_spans
from shared.personal_data.tokens import Span

__all__ = ["find_spans", "search_patterns"]


def find_spans(text: str, year: int) -> list[Span]:
    """Return (start, end, token) of personal data in a normalized text of `year`; spans may overlap."""
    spans = cued_spans(text)
    return spans + search_patterns(text, year)


def search_patterns(text: str, year: int) -> list[Span]:
    """Return (start, end, token) of what has a pattern alone: of texts about an operator, whose address and name are public."""
    return list(pattern_spans(text, year)) if CANDIDATE.search(text) else []
