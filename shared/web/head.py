"""HEAD for every route that answers GET: the same status and headers, without the body (RFC 9110, 9.3.2)."""

from __future__ import annotations

import asyncio

from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class _StreamEnded(OSError):
    """The headers are sent: a stream has nothing more to send."""


class HeadMiddleware:
    """Runs the GET handler for a HEAD request; a stream, which may be endless, ends once its headers are sent."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return
        exchange = _HeadExchange(send)
        try:
            await self._app(dict(scope) | {"method": "GET"}, exchange.receive, exchange.send)
        except (_StreamEnded, ClientDisconnect):
            if not exchange.answered.is_set():
                raise


class _HeadExchange:
    """The messages of one HEAD request: no body either way, disconnected once the headers are sent."""

    def __init__(self, send: Send) -> None:
        self.answered = asyncio.Event()
        self._send = send
        self._received = False

    async def receive(self) -> Message:
        if not self._received:
            self._received = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.answered.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._send(message)
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})
            self.answered.set()
        elif message.get("more_body"):
            raise _StreamEnded
