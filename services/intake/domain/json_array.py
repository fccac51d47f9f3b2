"""Splitting of a JSON array into the bytes of its items, without parsing them: a damaged item costs itself only."""

from __future__ import annotations

import re

_BEGINNING = re.compile(rb"(?:\xef\xbb\xbf)?\s*\[")
# Strings, which may hold anything. An unterminated string is one as well, so that the search never starts again within it.
_STRING = rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)'
_TOKEN = re.compile(_STRING + rb"|[\[\]{},]", re.DOTALL)
_TOKEN_WITHIN = re.compile(_STRING + rb"|[\[\]{}]", re.DOTALL)


class NotAnArray(ValueError):
    """The bytes are not one JSON array: its beginning or its end is missing."""


class TooManyItems(ValueError):
    """The array has more items than the limit."""


def split_array(body: bytes, limit: int) -> list[bytes]:
    """Return the bytes of at most `limit` items, white space around them included. Raises `NotAnArray`, `TooManyItems`."""
    beginning = _BEGINNING.match(body)
    if beginning is None:
        raise NotAnArray
    items: list[bytes] = []
    start = position = beginning.end()
    depth = 0
    while token := (_TOKEN_WITHIN if depth else _TOKEN).search(body, position):
        position, character = token.end(), token.group()
        if character in b"[{":
            depth += 1
        elif character in b"]}" and depth:
            depth -= 1
        elif character in b"]}":
            return _with_last(items, body[start : token.start()], body[position:])
        elif character == b"," and not depth:
            items.append(body[start : token.start()])
            start = position
            if len(items) >= limit:
                raise TooManyItems
    raise NotAnArray


def _with_last(items: list[bytes], last: bytes, rest: bytes) -> list[bytes]:
    if rest.strip():
        raise NotAnArray
    return [*items, last] if items or last.strip() else []
