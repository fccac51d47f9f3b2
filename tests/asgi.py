"""Requests to an ASGI app exactly as uvicorn hands them over, for targets and bodies that no client library would send."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from urllib.parse import unquote

import orjson
from starlette.types import ASGIApp, Message


@dataclass(frozen=True, slots=True)
class RawResponse:
    """A response; names of headers in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> dict[str, object]:
        """Return the body parsed as a JSON object."""
        parsed: dict[str, object] = orjson.loads(self.body)
        return parsed


async def send_request(
    app: ASGIApp,
    method: str,
    target: str,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    *,
    raises: bool = True,
    scheme: str = "http",
) -> RawResponse:
    """Return the response to a request whose `target` is sent byte by byte, percent-encodings included.

    An app raises what it does not handle after it has answered 500; without `raises` that answer is returned.
    """
    path, _, query = target.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": scheme,
        "path": unquote(path),
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(k.encode(), v.encode("latin-1")) for k, v in {"host": "gongshi.test", **(headers or {})}.items()],
        "server": ("gongshi.test", 80),
        "client": ("127.0.0.1", 50000),
    }
    request = [{"type": "http.request", "body": body, "more_body": False}]
    messages: list[Message] = []

    async def receive() -> Message:
        if request:
            return request.pop()
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Message) -> None:
        messages.append(message)

    with nullcontext() if raises else suppress(Exception):
        await app(scope, receive, send)
    received = {name.decode(): value.decode("latin-1") for name, value in messages[0]["headers"]}
    return RawResponse(messages[0]["status"], received, b"".join(each.get("body", b"") for each in messages[1:]))
