"""Names in one comparable form, so that what differs by invisible characters, width or brackets only is found as one name."""

from __future__ import annotations

import re
import unicodedata

# Characters that Unicode's Default_Ignorable_Code_Point and the categories Cc and Cf make invisible, as pasted from web pages,
# PDF files and chat programs: zero-width and joining characters, direction marks, variation selectors, fillers.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3"
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
_EDGES = '"。．.,，、;；:：'


def strip_invisible(text: str) -> str:
    """Return the text without characters that nobody sees and without white space around it."""
    return _INVISIBLE.sub("", text).strip()


def fold_name(name: str) -> str:
    """Return the comparable form of a name: NFKC, visible characters only, one kind of bracket, no spaces, case folded.

    Quotation marks and punctuation around the whole name are dropped. Equal forms are one name.
    """
    visible = _INVISIBLE.sub("", unicodedata.normalize("NFKC", _INVISIBLE.sub("", name)))
    folded = unicodedata.normalize("NFKC", _SPACES.sub("", visible).translate(_FORMS).casefold())
    return folded.strip(_EDGES)


def is_invisible(character: str) -> bool:
    """Return whether nobody sees the character."""
    return _INVISIBLE.fullmatch(character) is not None
