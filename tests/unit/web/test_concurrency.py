"""Requests and streams at once are bounded for a client, for a stream and in all."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse
from starlette.types import Message

from shared.service import Service
from shared.settings import Settings
from shared.web import concurrency
from shared.web.app import create_web
from shared.web.templating import Pages
from tests.unit.web.sample.pages import SAMPLE, SITE

MAX_STREAMS = 20


@pytest.fixture
def app() -> FastAPI:
    async def prepare(_: object) -> tuple[()]:
        return ()

    app = create_web(Service("publisher", prepare), Settings(max_streams=MAX_STREAMS), Pages(SAMPLE, SITE), [])

    @app.get("/wait")
    async def wait() -> None:
        await asyncio.Event().wait()

    @app.get("/quick")
    async def quick() -> str:
        return "quick"

    @app.get("/{name}/events")
    async def events(name: str) -> StreamingResponse:
        async def ticks() -> AsyncIterator[bytes]:
            yield name.encode()
            await asyncio.Event().wait()

        return StreamingResponse(ticks(), media_type="text/event-stream")

    @app.get("/{name}/preview")
    async def preview(request: Request, name: str) -> StreamingResponse:
        concurrency.mark_stranger(request)
        return await events(name)

    return app


@asynccontextmanager
async def request(app: FastAPI, path: str, client: str = "192.0.2.1") -> AsyncIterator[Message | None]:
    """Keep a request open; yield the start of its response, or None where it does not start at once."""
    started: asyncio.Queue[Message] = asyncio.Queue()
    gone = asyncio.Event()

    async def receive() -> Message:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def answer(message: Message) -> None:
        if message["type"] == "http.response.start":
            await started.put(message)

    scope = {
        "type": "http", "asgi": {"spec_version": "2.3"}, "method": "GET", "path": path, "raw_path": path.encode(),
        "query_string": b"", "root_path": "", "headers": [], "http_version": "1.1", "scheme": "http", "client": (client, 1),
    }  # fmt: skip
    task = asyncio.create_task(app(scope, receive, answer))
    for _ in range(20):
        await asyncio.sleep(0)
    try:
        yield started.get_nowait() if not started.empty() else None
    finally:
        gone.set()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def status_and_retry(start: Message | None) -> tuple[int, bytes | None]:
    """Return status and Retry-After."""
    assert start is not None
    return start["status"], dict(start["headers"]).get(b"retry-after")


async def test_one_client_has_so_many_requests_and_others_go_on(app: FastAPI) -> None:
    async with AsyncExitStack() as stack:
        for _ in range(concurrency.REQUESTS_OF_CLIENT):
            assert await stack.enter_async_context(request(app, "/wait")) is None

        assert status_and_retry(await stack.enter_async_context(request(app, "/quick"))) == (429, b"5")
        assert status_and_retry(await stack.enter_async_context(request(app, "/quick", "192.0.2.2")))[0] == 200
    async with request(app, "/quick") as start:
        assert status_and_retry(start)[0] == 200


@pytest.mark.parametrize(("requests", "permitted"), [(3, MAX_STREAMS), (MAX_STREAMS + 2, MAX_STREAMS + 2)])
async def test_all_together_have_so_many_requests_each_screen_one_and_probes_are_answered(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch, requests: int, permitted: int
) -> None:
    monkeypatch.setattr(concurrency, "REQUESTS", requests)
    async with AsyncExitStack() as stack:
        for number in range(permitted):
            await stack.enter_async_context(request(app, "/wait", f"192.0.2.{number}"))

        assert status_and_retry(await stack.enter_async_context(request(app, "/quick", "192.0.2.9"))) == (503, b"5")
        assert "/healthz" in concurrency.PROBES


async def test_one_stream_has_so_many_readers(app: FastAPI) -> None:
    async with AsyncExitStack() as stack:
        for number in range(concurrency.STREAMS_OF_ADDRESS):
            assert (
                status_and_retry(await stack.enter_async_context(request(app, "/hall/events", f"192.0.2.{number}")))[0] == 200
            )

        assert status_and_retry(await stack.enter_async_context(request(app, "/hall/events", "192.0.2.99"))) == (429, b"5")
        assert status_and_retry(await stack.enter_async_context(request(app, "/other/events", "192.0.2.99")))[0] == 200
    async with request(app, "/hall/events") as start:
        assert status_and_retry(start)[0] == 200


async def test_a_stream_that_is_full_is_refused_before_anything_is_looked_up(app: FastAPI) -> None:
    paths = []

    @app.get("/hall/late")
    async def late(request: Request) -> StreamingResponse:
        paths.append(request.url.path)

        async def ticks() -> AsyncIterator[bytes]:
            await asyncio.Event().wait()
            yield b""

        return StreamingResponse(ticks(), media_type="text/event-stream")

    async with AsyncExitStack() as stack:
        for number in range(concurrency.STREAMS_OF_ADDRESS + 2):
            await stack.enter_async_context(request(app, "/hall/late", f"192.0.2.{number}"))

    assert len(paths) == concurrency.STREAMS_OF_ADDRESS


async def test_streams_are_bounded_for_a_client_and_in_all_and_are_no_requests(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(concurrency, "STREAMS_OF_CLIENT", 12)
    monkeypatch.setattr(concurrency, "REQUESTS_OF_CLIENT", 3)
    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(request(app, f"/{n}/events")) for n in range(13)]
        opened += [await stack.enter_async_context(request(app, f"/{n}/events", "192.0.2.2")) for n in range(13, 22)]

        assert [status_and_retry(start)[0] for start in opened] == [200] * 12 + [429] + [200] * 8 + [503]
        assert status_and_retry(await stack.enter_async_context(request(app, "/quick")))[0] == 200


async def test_streams_of_strangers_take_no_place_of_a_player(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concurrency, "STREAMS_OF_ADDRESS", 3)
    async with AsyncExitStack() as stack:
        strangers = [await stack.enter_async_context(request(app, "/hall/preview", f"192.0.2.{number}")) for number in range(9)]
        players = [await stack.enter_async_context(request(app, "/hall/events", "192.0.2.0")) for _ in range(3)]

        assert [status_and_retry(start)[0] for start in strangers] == [200] * 5 + [503] * 4
        assert [status_and_retry(start)[0] for start in players] == [200] * 3


async def test_one_stranger_has_so_many_streams(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(concurrency, "STREAMS_OF_STRANGER", 2)
    async with AsyncExitStack() as stack:
        starts = [await stack.enter_async_context(request(app, f"/{number}/preview")) for number in range(3)]

        assert [status_and_retry(start)[0] for start in starts] == [200] * 2 + [429]
