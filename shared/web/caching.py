"""Which responses no cache may keep: those to somebody who is signed in or shows a key, of a secret address, and errors."""

from __future__ import annotations

import re
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import Message, Scope

from shared.web.cookies import SESSION_COOKIE

_NO_STORE = (b"cache-control", b"no-store")
# Desks, their sign-in, and whatever operators and sources do; the portal, boards and figures are public.
_PRIVATE = re.compile(r"/(?:[a-z]+/)?desk(?:/|$)|/ops(?:/|$)|/intake(?:/|$)|/corrections/(?:new|track)(?:/|$)")


def caching_headers(scope: Scope, start: Message) -> list[tuple[bytes, bytes]]:
    """Return `Cache-Control: no-store` for a private response that does not say itself how it may be cached."""
    names = {name.lower() for name, _ in start["headers"]}
    if b"cache-control" in names:
        return []
    is_private = b"set-cookie" in names or start["status"] >= HTTPStatus.BAD_REQUEST or _is_private_request(scope)
    return [_NO_STORE] if is_private else []


def _is_private_request(scope: Scope) -> bool:
    headers = Headers(scope=scope)
    return (
        scope["method"] not in ("GET", "HEAD")
        or "authorization" in headers
        or SESSION_COOKIE in headers.get("cookie", "")
        or _PRIVATE.match(scope["path"]) is not None
    )
