"""Replacement of spans of personal data by their tokens."""

from __future__ import annotations

from collections.abc import Sequence

from shared.personal_data.tokens import Span


def replace_spans(text: str, spans: Sequence[Span]) -> str:
    """Replace spans of the text; of overlapping spans the first and longest gives the token."""
    if len(spans) == 1:
        ((start, end, token),) = spans
        return text[:start] + token + text[end:]
    parts: list[str] = []
    position = 0
    for start, end, token in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start >= position:
            parts += (text[position:start], token)
        position = max(position, end)
    return "".join((*parts, text[position:]))


def merge_spans(spans: Sequence[Span]) -> list[Span]:
    """Return spans that do not overlap, in their order; of overlapping ones the first and longest gives the token."""
    merged: list[Span] = []
    position = 0
    for start, end, token in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start >= position:
            merged.append((start, end, token))
        elif end > position:
            first, _, kept = merged[-1]
            merged[-1] = (first, end, kept)
        position = max(position, end)
    return merged
