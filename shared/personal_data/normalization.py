"""Text in one form for the patterns, with positions mapped back to the original.

The form is NFKC without invisible characters; digits of every script are ASCII digits; dashes, middle dots and
spaces are of one kind, traditional characters are the present ones.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from functools import lru_cache
from typing import NamedTuple

from shared.han_variants import VARIANTS
from shared.names import is_invisible
from shared.personal_data.tokens import Span

# Nearly all Chinese texts consist of these, of brackets, colons and dashes. An ellipsis stays, so that positions do; the
# patterns know it.
_USUAL = r"\x00\x0a\x20-\x7e\u4e00-\u9fff，。、；？！“”‘’…《》【】·"
_COMPATIBILITY_FORM = re.compile(rf"[^{_USUAL}（）：—]")
_CHANGED = re.compile(rf"[^{_USUAL}]")

MIDDLE_DOT = "·"
# Middle dots of names in the languages of Xinjiang and Tibet and of foreigners, as keyboards and fonts give them.
_MIDDLE_DOTS = frozenset("•‧∙⋅⸱⸳・᛫●◦")
# What makes a key of the digit before it.
_KEYCAP = "\u20e3"
_DASHES = frozenset("‐‑‒–—―−─━⸺⸻")


class NormalizedText(NamedTuple):
    """A text in its form. `starts[i]` is the position in `text` of the original's character i; None: positions are equal."""

    text: str
    starts: tuple[int, ...] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the original that covers `start` to `end` of the normalized text."""
        if self.starts is None:
            return start, end
        return bisect_right(self.starts, start) - 1, bisect_right(self.starts, end - 1)

    def original_spans(self, spans: list[Span]) -> list[Span]:
        """Return spans of the normalized text as spans of the original."""
        if self.starts is None:
            return spans
        return [(*self.span(start, end), token) for start, end, token in spans]


def needs_normalization(text: str) -> bool:
    """Return whether the text may hold a letter, digit or space in a compatibility form, or an invisible character."""
    return _COMPATIBILITY_FORM.search(text) is not None


def normalize(text: str) -> NormalizedText:
    """Return the form of a text; the common ones, of usual characters or of full-width ones, keep their positions."""
    if not needs_normalization(text):
        form = text.replace("（", "(").replace("）", ")").replace("：", ":").replace("—", "-")
        return NormalizedText(_to_present(form), None)
    form = _to_present(_CHANGED.sub(_form_of, text))
    if len(form) == len(text) and _RESIZED.isdisjoint(text):
        return NormalizedText(form, None)
    starts, length = [], 0
    for character in text:
        starts.append(length)
        length += len(_form(character)) if _CHANGED.match(character) else 1
    return NormalizedText(form, tuple(starts))


def _to_present(text: str) -> str:
    """Return the text with traditional characters as the present ones, each at its position."""
    return text.translate(VARIANTS) if _VARIANT.search(text) else text


_VARIANT = re.compile("[" + "".join(map(chr, VARIANTS)) + "]")
# Characters whose form is not one character, as far as texts have held them.
_RESIZED: set[str] = set()


def _form_of(match: re.Match[str]) -> str:
    return _form(match.group())


@lru_cache(maxsize=16_384)
def _form(character: str) -> str:
    form = "".join(map(_plain_form, unicodedata.normalize("NFKC", character)))
    if len(form) != 1:
        _RESIZED.add(character)
    return form


def _plain_form(character: str) -> str:
    if is_invisible(character) or character == _KEYCAP:
        return ""
    if character in _MIDDLE_DOTS:
        return MIDDLE_DOT
    if character in _DASHES or unicodedata.category(character) == "Pd":
        return "-"
    if character.isdigit():
        return str(unicodedata.digit(character))
    return " " if character.isspace() else character
