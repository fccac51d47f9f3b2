"""Requests that offer an upgrade to HTTP/2 are served like any other, body included."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

import pytest
import uvicorn

from shared.web.http_protocol import HttpProtocol

OFFER = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n"
LARGE = b"x" * 300_000


async def echo(scope, receive, send):
    """Answer with the method, the path and the body of the request."""
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    content = scope["method"].encode() + b" " + scope["path"].encode() + b" " + body
    headers = [(b"content-length", str(len(content)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": content})


@asynccontextmanager
async def connection():
    """A connection to a server with the protocol of the services."""
    config = uvicorn.Config(echo, port=0, http=HttpProtocol, ws="none", lifespan="off", log_level="error")
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    port = server.servers[0].sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
        await server.shutdown()


async def response(reader):
    """Read one response; return its body."""
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    length = next(int(line.partition(b":")[2]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
    return await reader.readexactly(length)


def request(body, headers=OFFER, path=b"/intake/events"):
    return b"POST %s HTTP/1.1\r\nHost: gongshi.test\r\n%sContent-Length: %d\r\n\r\n%s" % (path, headers, len(body), body)


@pytest.mark.parametrize("body", [b"{}", b"", LARGE])
async def test_a_request_that_offers_http_2_is_served_with_its_body(body):
    async with connection() as (reader, writer):
        writer.write(request(body))

        assert await response(reader) == b"POST /intake/events " + body


async def test_a_body_in_chunks_arrives_whole_although_its_parts_come_later():
    head = b"POST / HTTP/1.1\r\nHost: gongshi.test\r\n%sTransfer-Encoding: chunked\r\n\r\n" % OFFER
    async with connection() as (reader, writer):
        for part in (head[:70], head[70:], b"3\r\nabc\r\n", b"2\r\nde\r\n0\r\n\r\n"):
            writer.write(part)
            await writer.drain()

        assert await response(reader) == b"POST / abcde"


async def test_the_connection_goes_on_after_an_offer():
    async with connection() as (reader, writer):
        for number in range(3):
            writer.write(request(b"%d" % number, OFFER if number != 1 else b""))
            assert await response(reader) == b"POST /intake/events %d" % number


async def test_an_offer_after_plain_requests_is_served():
    async with connection() as (reader, writer):
        for headers in (b"", b"", OFFER):
            writer.write(request(b"{}", headers))
            assert await response(reader) == b"POST /intake/events {}"


@pytest.mark.parametrize(
    "offer", [b"Connection: Upgrade\r\nUpgrade: websocket\r\n", b"Connection: upgrade\r\nUpgrade: foo/2\r\n"]
)
async def test_any_other_offer_is_ignored(offer):
    async with connection() as (reader, writer):
        writer.write(request(b"{}", offer))

        assert await response(reader) == b"POST /intake/events {}"


async def test_what_is_no_http_is_a_bad_request():
    async with connection() as (reader, writer):
        writer.write(b"\x16\x03\x01\r\n\r\n")

        assert (await reader.readline()).startswith(b"HTTP/1.1 400")
