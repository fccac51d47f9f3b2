"""Context attributes in HTTP headers, as the SDKs write them (CloudEvents HTTP binding 1.0.2, section 3.1.3.2)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote_to_bytes

HEADER_PREFIX = "ce-"

_ESCAPE = re.compile(rb"\\(.)", re.DOTALL)
_QUOTE = b'"'


def raw_attributes(headers: Iterable[tuple[str, str]]) -> dict[str, bytes]:
    """Return the bytes of the attributes' headers by attribute; ASGI frameworks decode headers as Latin-1."""
    return {name[len(HEADER_PREFIX) :]: value.encode("latin-1") for name, value in headers if name.startswith(HEADER_PREFIX)}


def decode_attribute(raw: bytes) -> str:
    """Return the value of an attribute: without quotes, percent-encoded or not, in UTF-8.

    Raises `UnicodeDecodeError` where the bytes are no UTF-8: a guess would make another source of it.
    """
    value = raw.strip(b" \t")
    if len(value) > 1 and value[:1] == value[-1:] == _QUOTE:
        value = _ESCAPE.sub(rb"\1", value[1:-1])
    return unquote_to_bytes(value).decode()
