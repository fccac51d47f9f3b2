"""Text in compatibility form NFKC for the patterns, with positions mapped back to the original."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


@dataclass(frozen=True, slots=True)
class NormalizedText:
    """A text in NFKC. `starts[i]` is the position in `text` of the original's character i; None: positions are equal."""

    original: str
    text: str
    starts: tuple[int, ...] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the original that covers `start` to `end` of the normalized text."""
        if self.starts is None:
            return start, end
        return bisect_right(self.starts, start) - 1, bisect_right(self.starts, end - 1)


# Whatever is not among the characters of nearly all Chinese texts: other widths and shapes of letters, digits, signs, spaces.
_COMPATIBILITY_FORM = re.compile(r"[^\x00\x21-\x7e\u4e00-\u9fff，。、；：？！（）“”‘’…—《》【】·]")


def needs_normalization(text: str) -> bool:
    """Return whether the text may hold a letter, digit or space in a compatibility form."""
    return _COMPATIBILITY_FORM.search(text) is not None


def normalize_brackets(text: str) -> NormalizedText:
    """Normalize a text without compatibility forms: only its brackets have another width."""
    return NormalizedText(text, text.replace("（", "(").replace("）", ")"), None)


def normalize(text: str) -> NormalizedText:
    """Normalize a text. Full-width letters and digits, the common case, keep their positions."""
    narrow = text.translate(_FULL_WIDTH)
    if unicodedata.is_normalized("NFKC", narrow):
        return NormalizedText(text, narrow, None)
    forms = [unicodedata.normalize("NFKC", character) for character in text]
    starts, length = [], 0
    for form in forms:
        starts.append(length)
        length += len(form)
    return NormalizedText(text, "".join(forms), tuple(starts))
