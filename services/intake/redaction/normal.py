"""Text in one form for the patterns, with the way back to the places in the original."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


@dataclass(frozen=True, slots=True)
class Normal:
    """A text in NFKC. `starts[i]` is where, in `text`, the form of the original's character i begins; None: one to one."""

    original: str
    text: str
    starts: tuple[int, ...] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the span of the original whose form covers `start` to `end` of the normal text."""
        if self.starts is None:
            return start, end
        return bisect_right(self.starts, start) - 1, bisect_right(self.starts, end - 1)


# Letters, digits and signs of numbers and addresses in another width or shape than theirs.
_ODD = re.compile(
    r"[\uff08-\uff0b\uff0d-\uff0e\uff10-\uff19\uff20-\uff3a\uff41-\uff5a\ufe6b\u3000"
    r"\u00b2\u00b3\u00b9\u2070-\u2099\u2460-\u24ff\U0001d400-\U0001d7ff]"
)


def plain(text: str) -> Normal:
    """Return a form that is good enough for numbers and mail addresses: normal only where there is anything odd in it."""
    return normal(text) if _ODD.search(text) else Normal(text, text, None)


def normal(text: str) -> Normal:
    """Return the normal form. Full-width letters and digits, the common case, keep their places."""
    narrow = text.translate(_FULL_WIDTH)
    if unicodedata.is_normalized("NFKC", narrow):
        return Normal(text, narrow, None)
    forms = [unicodedata.normalize("NFKC", character) for character in text]
    starts, at = [], 0
    for form in forms:
        starts.append(at)
        at += len(form)
    return Normal(text, "".join(forms), tuple(starts))
