"""Connections that send nothing, never end a head, do not read, or are too many cost nobody else."""

from __future__ import annotations

import asyncio
import socket
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial

import pytest
import uvicorn

from deploy.sockets import bind_listener
from shared.web import connections
from shared.web.connections import Connections
from shared.web.http_protocol import MAX_PIPELINE, HttpProtocol
from tests.integration.probes import wait_until

GET = b"GET / HTTP/1.1\r\nHost: gongshi.test\r\n\r\n"
OFFER = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\n"
ENDLESS = 1024 * 1024


async def app(scope, receive, send):
    """Answer at once; `/endless` writes as much as is read, `/wait` never answers."""
    if scope["path"] == "/wait":
        await asyncio.Event().wait()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-client", scope["client"][0].encode())]})
    if scope["path"] == "/endless":
        await receive()
        gone = asyncio.create_task(receive())
        while not gone.done():
            await send({"type": "http.response.body", "body": b"x" * ENDLESS, "more_body": True})
            await asyncio.sleep(0)
    await send({"type": "http.response.body", "body": b"ok"})


async def has_open(guard, count):
    return len(guard) == count


async def is_busy(guard):
    return [each.is_idle for each in guard._open] == [False]


@asynccontextmanager
async def serve(guard, **more):
    """Yield what opens a connection to a server with these bounds."""
    config = uvicorn.Config(
        app, http=partial(HttpProtocol, guard=guard), ws="none", lifespan="off", log_level="critical", **more
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    listener = bind_listener("127.0.0.1", 0)
    await server.startup(sockets=[listener])
    port = listener.getsockname()[1]
    async with AsyncExitStack() as stack:

        async def connect(source="127.0.0.1"):
            client = socket.socket()
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
            client.bind((source, 0))
            client.connect(("127.0.0.1", port))
            reader, writer = await asyncio.open_connection(sock=client)
            stack.callback(writer.close)
            return reader, writer

        stack.push_async_callback(server.shutdown, [listener])
        stack.callback(lambda: [task.cancel() for task in server.server_state.tasks])
        yield connect


async def is_closed(reader):
    """Return whether the server closes the connection; whatever it says before is skipped."""
    with suppress(ConnectionResetError):
        async with asyncio.timeout(5):
            while await reader.read(65_536):
                pass
    return True


async def status(reader, writer, request=GET):
    """Return the status of the response to a request."""
    writer.write(request)
    async with asyncio.timeout(5):
        return int((await reader.readline()).split()[1])


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(connections, "HEAD_S", 0.1)
    monkeypatch.setattr(connections, "LINGER_S", 0.1)
    monkeypatch.setattr(connections, "STALL_S", 0.2)


@pytest.mark.parametrize("sent", [b"", b"GET", GET[:-2], GET + GET[:-2]])
async def test_a_head_that_does_not_end_is_given_up(quick, sent):
    guard = Connections(10, 10)
    async with serve(guard) as connect:
        reader, writer = await connect()
        writer.write(sent)

        assert await is_closed(reader)
        assert len(guard) == 0


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"GET / HTTP/1.1\r\n", id="headers"),
        pytest.param(b"GET /", id="address"),
        pytest.param(b"POST /wait HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", id="trailers"),
        pytest.param(b"POST /wait HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;", id="extension"),
    ],
)
async def test_a_head_without_end_is_not_held(head):
    filler = b"a" * 1000 if head.endswith((b"/", b";")) else b"a: " + b"b" * 1000 + b"\r\n"
    async with serve(Connections(10, 10)) as connect:
        reader, writer = await connect()
        writer.write(head)
        sent = 0
        with suppress(ConnectionError):
            while not writer.is_closing() and sent < 4 * ENDLESS:
                writer.write(filler)
                sent += len(filler)
                await writer.drain()

        assert await is_closed(reader)
        assert sent < 4 * ENDLESS


async def test_a_body_that_goes_on_after_its_response_is_cut_off(quick):
    async with serve(Connections(10, 10)) as connect:
        reader, writer = await connect()

        assert await status(reader, writer, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nx") == 200
        assert await is_closed(reader)


async def test_who_does_not_read_is_dropped_and_who_reads_slowly_is_not(quick):
    guard = Connections(10, 10)
    async with serve(guard) as connect:
        _, idle = await connect()
        idle.transport.pause_reading()
        idle.write(GET.replace(b"/ ", b"/endless "))
        reader, writer = await connect()
        writer.write(GET.replace(b"/ ", b"/endless "))
        for _ in range(60):
            await reader.readexactly(ENDLESS // 32)
            await asyncio.sleep(0.01)

        assert len(guard) == 1


@pytest.mark.parametrize("offer", [b"", OFFER])
async def test_one_address_has_so_many_connections_and_others_go_on(offer):
    request = GET[:-2] + offer + b"\r\n"
    guard = Connections(3, 10)
    async with serve(guard) as connect:
        kept = [await connect() for _ in range(3)]
        assert [await status(*each, request) for each in kept] == [200] * 3

        assert await status(*await connect()) == 503
        assert await status(*await connect("127.0.0.2")) == 200
        kept[0][1].close()
        await kept[0][1].wait_closed()
        await wait_until("one has left", partial(has_open, guard, 3))
        assert await status(*await connect()) == 200


async def test_where_all_are_too_many_the_longest_idle_gives_way():
    guard = Connections(10, 3)
    async with serve(guard) as connect:
        busy = await connect()
        busy[1].write(GET.replace(b"/ ", b"/wait "))
        await wait_until("the first one waits for its answer", partial(is_busy, guard))
        idle = [await connect() for _ in range(2)]
        await wait_until("all are open", partial(has_open, guard, 3))

        assert await status(*await connect()) == 200
        assert await is_closed(idle[0][0])
        assert await status(*idle[1]) == 200
        assert len(guard) == 3


async def test_who_has_few_connections_keeps_them_while_another_client_fills_the_service():
    guard = Connections(10, 4)
    async with serve(guard) as connect:
        reader = await connect("127.0.0.2")
        assert await status(*reader) == 200
        await reader[0].readuntil(b"\r\n0\r\n\r\n")
        flood = [await connect("127.0.0.3") for _ in range(3)]
        await wait_until("all are open", partial(has_open, guard, 4))
        flood += [await connect("127.0.0.3") for _ in range(3)]

        assert [await is_closed(each[0]) for each in flood[:3]] == [True] * 3
        assert await status(*reader) == 200
        assert await status(*flood[-1]) == 200


async def test_where_all_are_busy_another_is_told_to_come_back():
    async with serve(Connections(10, 2)) as connect:
        for _ in range(2):
            _, writer = await connect()
            writer.write(GET.replace(b"/ ", b"/wait "))
        await asyncio.sleep(0.05)

        assert await status(*await connect()) == 503


async def test_a_trusted_proxy_is_not_counted_as_one_client():
    async with serve(Connections(1, 10, ["127.0.0.1"]), forwarded_allow_ips="127.0.0.1") as connect:
        assert [await status(*await connect()) for _ in range(3)] == [200] * 3


@pytest.mark.parametrize(("trusted", "client"), [("", b"127.0.0.1"), ("127.0.0.1", b"192.0.2.7"), ("192.0.2.1", b"127.0.0.1")])
async def test_only_a_trusted_proxy_says_who_asks(trusted, client):
    async with serve(Connections(10, 10), forwarded_allow_ips=trusted) as connect:
        reader, writer = await connect()
        writer.write(GET[:-2] + b"X-Forwarded-For: 192.0.2.7\r\n\r\n")

        assert b"x-client: " + client in await reader.readuntil(b"\r\n\r\n")


async def test_requests_that_nobody_waits_for_do_not_pile_up():
    async with serve(Connections(10, 10)) as connect:
        reader, writer = await connect()
        writer.write(GET.replace(b"/ ", b"/wait ") * (MAX_PIPELINE + 2))

        assert await is_closed(reader)
