"""Repair of JSON in which a sender cut a text in the middle of a character: half an emoji becomes U+FFFD, the rest stays.

Senders cut texts by UTF-16 units (JavaScript, Java, SQL Server) or by bytes (C, a column's limit), then write JSON that strict
parsers refuse. Bytes that are no cut character, as those of another encoding, stay as they are: replaced one by one they would
be nonsense.
"""

from __future__ import annotations

import re

_BOM = b"\xef\xbb\xbf"
_REPLACEMENT = "\ufffd".encode()
# A pair of surrogates, half of one, an escape that the end of its string cuts, or any other escape.
_ESCAPE = re.compile(
    rb"\\(?:u[dD][89aAbB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    rb'|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{0,3}(?="))|.)',
    re.DOTALL,
)
# Surrogates in UTF-8, which CESU-8 and Java's modified UTF-8 write, in pairs or alone.
_SURROGATES = re.compile(rb"(?P<pair>\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf])|\xed[\xa0-\xbf][\x80-\xbf]")
# The first bytes of a character before the end of a string, and the last bytes of one behind its beginning.
_CUT_END = re.compile(rb'(?:[\xc2-\xdf]|[\xe0-\xef][\x80-\xbf]?|[\xf0-\xf4][\x80-\xbf]{0,2})(?=")')
_CUT_BEGINNING = re.compile(rb'(?<=")[\x80-\xbf]{1,3}(?=[\x20-\x7f\xc2-\xf4])')


def repair_unicode(body: bytes) -> bytes:
    """Return the JSON with U+FFFD in place of each cut character; the same object where there is none.

    A byte order mark before it, and the zeros with which programs in C end a text, are no part of it.
    """
    repaired = body.removeprefix(_BOM).rstrip(b"\x00")
    if b"\\u" in repaired:
        repaired = _ESCAPE.sub(_repair_escape, repaired)
    if not _is_utf_8(repaired):
        repaired = _SURROGATES.sub(_repair_surrogates, repaired)
        repaired = _CUT_BEGINNING.sub(_REPLACEMENT, _CUT_END.sub(_REPLACEMENT, repaired))
    return body if repaired == body else repaired


def _repair_escape(match: re.Match[bytes]) -> bytes:
    return rb"\ufffd" if match["half"] else match.group()


def _repair_surrogates(match: re.Match[bytes]) -> bytes:
    if not match["pair"]:
        return _REPLACEMENT
    return match.group().decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass").decode("utf-16").encode()


def _is_utf_8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
