"""Splitting of a JSON array into the bytes of its items, without parsing them: a damaged item costs itself only."""

from __future__ import annotations

import re

_BEGINNING = re.compile(rb"(?:\xef\xbb\xbf)?\s*\[")
# A string may hold anything; an unterminated one reaches to the end.
_STRING = rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)'
# The next bracket or comma between items, the next bracket within one, with all that stands before it: possessive, so that
# nothing is read twice.
_NEXT = re.compile(rb'(?:[^"\[\]{},]++|' + _STRING + rb")*+([\[\]{},])", re.DOTALL)
_NEXT_WITHIN = re.compile(rb'(?:[^"\[\]{}]++|' + _STRING + rb")*+([\[\]{}])", re.DOTALL)


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
    while token := (_NEXT_WITHIN if depth else _NEXT).match(body, position):
        position, character = token.end(), token[1]
        if character in b"[{":
            depth += 1
        elif character in b"]}" and depth:
            depth -= 1
        elif character in b"]}":
            return _with_last(items, body[start : position - 1], body[position:])
        elif character == b"," and not depth:
            items.append(body[start : position - 1])
            start = position
            if len(items) >= limit:
                raise TooManyItems
    raise NotAnArray


def _with_last(items: list[bytes], last: bytes, rest: bytes) -> list[bytes]:
    if rest.strip():
        raise NotAnArray
    return [*items, last] if items or last.strip() else []
