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


# Everything but what nearly all of a Chinese text consists of: other widths and shapes of letters, digits and signs, spaces.
_UNUSUAL = re.compile(r"[^\x00\x21-\x7e\u4e00-\u9fff，。、；：？！（）“”‘’…—《》【】·]")


def is_unusual(text: str) -> bool:
    """Return whether something in the text could be a letter, digit or space in another form than the plain one."""
    return _UNUSUAL.search(text) is not None


def plain(text: str) -> Normal:
    """Return the form of a text that is not unusual, good enough for numbers and plain words: brackets in normal width."""
    return Normal(text, text.replace("（", "(").replace("）", ")"), None)


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
