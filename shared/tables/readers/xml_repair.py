"""XML that a program has put together by hand, as it should have been."""

from __future__ import annotations

import re

# What programs that put XML together by hand forget: `&` in names, characters that XML cannot hold.
_BARE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#[0-9]+|#x[0-9A-Fa-f]+);)")
_LONGEST_ENTITY = 12
_FORBIDDEN: dict[int, str | None] = dict.fromkeys(
    (*range(1, 9), 11, 12, *range(14, 32), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF), "\ufffd"
) | {0: None}


def repair_xml(text: str) -> str:
    """Return a piece of XML with entities for bare `&`, and U+FFFD in place of what XML cannot hold; NUL goes."""
    return _BARE_AMPERSAND.sub("&amp;", text.translate(_FORBIDDEN))


def split_entity(text: str) -> tuple[str, str]:
    """Return a text without an entity that its end cuts, and that."""
    at = text.rfind("&", max(0, len(text) - _LONGEST_ENTITY))
    return (text[:at], text[at:]) if at >= 0 and ";" not in text[at:] else (text, "")
