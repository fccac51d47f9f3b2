"""Which characters a text may hold, at every entrance alike: what no reader sees, or sees in another place, is none.

Refused are control characters but tab and line breaks, lone surrogates, noncharacters (Unicode 23.7), and the embeddings,
overrides and isolates of direction, which show a text in another order than it is stored in. XML can hold all others.
"""

from __future__ import annotations

import re
from html import unescape

_CONTROLS = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_OTHERS = "\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff" + "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0x110000, 0x10000)
)
_FORBIDDEN = re.compile(rf"[{_CONTROLS}{_OTHERS}\ud800-\udfff]+")
# What a text may hold, for JSON Schema, whose strings have no lone surrogates.
TEXT_PATTERN = rf"^[^{_CONTROLS}{_OTHERS}]*$"
_BREAKS = re.compile(r"\s+")
REPLACEMENT = "\ufffd"
_ENTITY = re.compile(r"&(?:[A-Za-z]{2,8}|#[0-9]{2,6}|#x[0-9A-Fa-f]{2,5});")


def has_forbidden(text: str) -> bool:
    """Return whether a text holds a character that no text may hold."""
    return _FORBIDDEN.search(text) is not None


def drop_forbidden(text: str) -> str:
    """Return a text without the characters that no text may hold."""
    return _FORBIDDEN.sub("", text)


def replace_forbidden(text: str) -> str:
    """Return a text that was stored as it came, for a form that cannot hold every character: runs of them are one U+FFFD."""
    return _FORBIDDEN.sub(REPLACEMENT, text)


def undo_entities(text: str) -> str:
    """Return a text that a system on the web wrote as it keeps it for pages, with characters in place of its entities."""
    return _ENTITY.sub(lambda match: unescape(match.group()), text) if "&" in text else text


def to_line(text: str) -> str:
    """Return a text as one line, without the characters that no text may hold."""
    return _BREAKS.sub(" ", drop_forbidden(text)).strip()
