"""Bodies of requests: each route says how large its own may be, and none is read for longer than an honest client takes.

A route declares what it accepts beside itself: `dependencies=[Depends(accept_body(32 * MIB))]`; any other accepts
`DEFAULT_BODY`. A body without a length is counted while it is read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import HTTPException, Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.web.allowance import RETRY, Allowance, Budget, Refusal, client_key, start_cooldown

KIB = 1024
MIB = 1024 * KIB
DEFAULT_BODY = 64 * KIB
# A complaint of 20,000 characters, each of which may be nine bytes in a form.
STAFF_FORM = 512 * KIB
_READER = "gongshi.body"


@dataclass(frozen=True, slots=True)
class BodyPace:
    """How slowly a body may arrive: seconds without a byte, and seconds in all by its size so far."""

    silence_s: float = 15.0
    grace_s: float = 20.0
    bytes_per_s: int = 16 * KIB

    def remaining_s(self, elapsed_s: float, received: int) -> float:
        """Return for how long the next part may be waited for."""
        return min(self.silence_s, self.grace_s + received / self.bytes_per_s - elapsed_s)


# What a client without account or key may send in large bodies: it is looked through before anybody knows what it is.
STRANGERS_BURST = 128 * MIB
STRANGERS_PER_S = MIB
# What all large bodies together may take while they are read and answered: a form is held in memory, or in /tmp.
LARGE_BODIES_OF_CLIENT = 64 * MIB
LARGE_BODIES = 128 * MIB


class BodyMiddleware:
    """Bounds the size and the time of every body, and how much all large ones take together."""

    def __init__(self, app: ASGIApp, pace: BodyPace | None = None, large: Allowance | None = None) -> None:
        self._app = app
        self._pace = pace or BodyPace()
        self._large = large or Allowance(LARGE_BODIES_OF_CLIENT, LARGE_BODIES)
        self._strangers = Budget(STRANGERS_BURST, STRANGERS_PER_S)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        reader = BodyReader(scope, receive, self._pace, self._large, self._strangers)
        scope[_READER] = reader
        try:
            await self._app(scope, reader.receive, send)
        finally:
            reader.close()


class BodyReader:
    """The body of one request. It raises HTTPException: 408 too slow, 413 too large, 429 and 503 too much at once."""

    def __init__(self, scope: Scope, receive: Receive, pace: BodyPace, large: Allowance, strangers: Budget) -> None:
        self._scope = scope
        self._receive = receive
        self._pace = pace
        self._large = large
        self._strangers = strangers
        self._client = client_key(scope.get("client"))
        self._declared = _declared_length(scope)
        self._limit = DEFAULT_BODY
        self._from_stranger = False
        self._received = 0
        self._reserved = 0
        self._began_at: float | None = None
        self._complete = False

    def accept(self, limit: int, *, from_stranger: bool) -> None:
        """Accept a body of `limit` bytes."""
        self._limit = limit
        self._from_stranger = from_stranger

    async def receive(self) -> Message:
        """Return the next message."""
        if self._complete:
            return await self._receive()
        now = asyncio.get_running_loop().time()
        if self._began_at is None:
            self._began_at = now
            self._begin()
        try:
            async with asyncio.timeout(max(0.0, self._pace.remaining_s(now - self._began_at, self._received))):
                message = await self._receive()
        except TimeoutError:
            raise HTTPException(HTTPStatus.REQUEST_TIMEOUT) from None
        self._received += len(message.get("body", b""))
        self._complete = not message.get("more_body", False)
        if self._received > self._limit:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return message

    def close(self) -> None:
        """Give back what the body took."""
        if self._reserved:
            self._large.give_back(self._client, self._reserved)
            self._reserved = 0

    def _begin(self) -> None:
        size = self._limit if self._declared is None else self._declared
        if size > self._limit:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if size <= DEFAULT_BODY:
            return
        if self._from_stranger and not self._strangers.take(self._client, size):
            start_cooldown(self._scope)
            raise HTTPException(Refusal.CLIENT.status, headers=RETRY)
        if refusal := self._large.take(self._client, size):
            raise HTTPException(refusal.status, headers=RETRY)
        self._reserved = size


def accept_body(limit: int, *, from_strangers: bool = False) -> Callable[[Request], Awaitable[None]]:
    """Return the dependency of a route that accepts bodies of `limit` bytes; `from_strangers`: of anybody, within a budget."""

    async def raise_limit(request: Request) -> None:
        request.scope[_READER].accept(limit, from_stranger=from_strangers)

    return raise_limit


def _declared_length(scope: Scope) -> int | None:
    """Return the length that the request declares, None where it arrives in chunks."""
    headers = Headers(scope=scope)
    declared = headers.get("content-length", "0")
    if "transfer-encoding" in headers or not (declared.isascii() and declared.isdigit()):
        return None
    return int(declared[:20])
