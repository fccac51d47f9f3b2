"""The difference of two texts in tokens: single characters of Chinese, otherwise numbers and words as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from markupsafe import Markup, escape

# A number with its separators, a Latin word or a code is one token; every other character stands alone.
_TOKEN = re.compile(r"\d[\d,.:\-]*\d|[A-Za-z0-9]+|.", re.DOTALL)
# A common run of at most this many characters between two changes is merged into one change with them.
MAX_NOISE = 1

Edit = tuple[str, str, str]


def difference(old: str, new: str) -> tuple[Markup, Markup]:
    """Return both texts as HTML: text only in the old one in `<del>`, text only in the new one in `<ins>`."""
    before, after = Markup(""), Markup("")
    for kind, was, now in find_edits(old, new):
        if kind == "same":
            before += escape(was)
            after += escape(now)
            continue
        before += Markup("<del>{}</del>").format(was) if was else ""
        after += Markup("<ins>{}</ins>").format(now) if now else ""
    return before, after


def find_edits(old: str, new: str) -> list[Edit]:
    """Return the runs `(kind, old text, new text)` in order; kind is `same` or `changed`."""
    merged: list[Edit] = []
    runs = list(_runs(_TOKEN.findall(old), _TOKEN.findall(new)))
    for index, (kind, was, now) in enumerate(runs):
        noise = kind == "same" and len(was) <= MAX_NOISE and 0 < index < len(runs) - 1
        if noise or (kind == "changed" and merged and merged[-1][0] == "changed"):
            merged[-1] = ("changed", merged[-1][1] + was, merged[-1][2] + now)
        else:
            merged.append((kind, was, now))
    return merged


def _runs(old: list[str], new: list[str]) -> Iterator[Edit]:
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        yield "same" if tag == "equal" else "changed", "".join(old[i1:i2]), "".join(new[j1:j2])
