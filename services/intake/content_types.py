"""What a content type says of an event: which mode it is in, and in which encoding its JSON is written."""

from __future__ import annotations

import re

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
JSON = "application/json"

# What clients send that were told nothing of JSON: raw producers, `curl --data`. None at all is JSON too.
_UNTOLD = frozenset({"", "text/json", "text/plain", "application/octet-stream", "application/x-www-form-urlencoded"})
_CHARSET = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9_.\-]+)""", re.IGNORECASE)
# Encodings that Chinese systems declare; JSON is UTF-8, whatever else is declared.
_CODECS = {"gbk": "gb18030", "gb2312": "gb18030", "gb18030": "gb18030", "cp936": "gb18030", "big5": "big5", "utf-16": "utf-16",
           "utf-16le": "utf-16-le", "utf-16be": "utf-16-be"}  # fmt: skip


def media_type(content_type: str) -> str:
    """Return a content type without its parameters, and without quotes around it."""
    return content_type.strip().strip('"').partition(";")[0].strip().lower()


def is_json(kind: str) -> bool:
    """Return whether a content type may be that of JSON content."""
    return kind == JSON or kind in _UNTOLD or (kind.endswith("+json") and not kind.startswith("application/cloudevents"))


def to_utf8(body: bytes, content_type: str) -> bytes:
    """Return a body in UTF-8 where its content type declares another encoding and it is in that; else the body as it is."""
    match = _CHARSET.search(content_type)
    codec = _CODECS.get(match.group(1).lower()) if match else None
    if codec is None:
        return body
    try:
        return body.decode(codec).removeprefix("\ufeff").encode()
    except UnicodeDecodeError:
        return body
