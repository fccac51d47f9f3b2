"""Names in one comparable form: what differs by invisible characters, width, brackets, traditional forms only is one name."""

from __future__ import annotations

import re
import unicodedata

from shared.han_variants import VARIANTS
from shared.text import undo_entities

# Characters that Unicode's Default_Ignorable_Code_Point and the categories Cc and Cf make invisible, as pasted from web pages,
# PDF files and chat programs: zero-width and joining characters, direction marks, variation selectors, fillers.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]+"
)
_SPACES = re.compile(r"\s+")
_OPENING, _CLOSING = "[{<〔【〖〘〚〈《⦅⁅❨❪❬❮❰❲❴⟦⟨⟪⟬⟮", "]}>〕】〗〙〛〉》⦆⁆❩❫❭❯❱❳❵⟧⟩⟫⟭⟯"
_FORMS = str.maketrans({
    **dict.fromkeys(_OPENING, "("),
    **dict.fromkeys(_CLOSING, ")"),
    **dict.fromkeys("•‧∙⋅⸱⸳・･᛫●◦", "·"),
    **dict.fromkeys("‐‑‒–—―−─━﹘", "-"),
    **dict.fromkeys("“”„‟«»「」『』〝〞〟'’‘‛`´", '"'),
})  # fmt: skip
_EDGES = '"。．.,，、;；:：!?*~|_-/\\=·^'
MAX_NESTED = 2
"""Brackets around a whole name, or empty ones, that are taken away one within the other."""

_DOT_BETWEEN_HANZI = re.compile("(?<=[\u4e00-\u9fff])\\.(?=[\u4e00-\u9fff])")
_EMPTY_BRACKETS = re.compile(r"\(\)")
_BALANCED = re.compile(r"[^()]*+(?:\([^()]*+\)[^()]*+)*+")


def strip_invisible(text: str) -> str:
    """Return the text without characters that nobody sees and without white space around it."""
    return _INVISIBLE.sub("", text).strip()


def fold_name(name: str) -> str:
    """Return the comparable form of a name: NFKC, visible characters only, one kind of bracket, no spaces, case folded.

    Traditional and older forms of characters are the present ones. Entities of HTML are undone; empty brackets, and quotation
    marks, punctuation and brackets around the whole name are dropped. Equal forms are one name.
    """
    visible = _INVISIBLE.sub("", unicodedata.normalize("NFKC", _INVISIBLE.sub("", undo_entities(name).translate(VARIANTS))))
    folded = unicodedata.normalize("NFKC", _SPACES.sub("", visible).translate(_FORMS).casefold()).translate(VARIANTS)
    name = _DOT_BETWEEN_HANZI.sub("·", folded).strip(_EDGES)
    for _ in range(MAX_NESTED if name.endswith(")") else 0):
        name = _without_brackets(_EMPTY_BRACKETS.sub("", name).strip(_EDGES))
    return name


def _without_brackets(name: str) -> str:
    """Return a name without the brackets that stand around the whole of it."""
    inner = name[1:-1]
    if not (name.startswith("(") and name.endswith(")")) or _BALANCED.fullmatch(inner) is None:
        return name
    return inner.strip(_EDGES)


def is_invisible(character: str) -> bool:
    """Return whether nobody sees the character."""
    return _INVISIBLE.fullmatch(character) is not None
