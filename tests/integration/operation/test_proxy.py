"""The reverse proxy as it is, before four stand-ins that say who was asked."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest
import pytest_asyncio
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from tests.integration.operation.tools import program
from tests.integration.probes import until

CADDYFILE = Path(__file__).parents[3] / "deploy" / "proxy" / "Caddyfile"
SERVICES = ("publisher", "intake", "stats", "corrections")


@dataclass
class Stage:
    """The proxy's address, and what lets the stand-in's event stream go on."""

    client: httpx2.AsyncClient
    go_on: asyncio.Event = field(default_factory=asyncio.Event)


def stand_in(service: str, stage: asyncio.Event) -> Starlette:
    async def answer(request: Request) -> Response:
        return PlainTextResponse(f"{service} {request.method} {request.url.path} {request.headers['host']}")

    async def events(request: Request) -> Response:
        async def stream() -> AsyncIterator[bytes]:
            yield b"data: first\n\n"
            await stage.wait()
            yield b"data: second\n\n"

        return StreamingResponse(stream(), media_type="text/event-stream")

    return Starlette(routes=[Route("/screens/{name}/events", events), Route("/{path:path}", answer, methods=["GET", "POST"])])


@asynccontextmanager
async def served(app: Starlette) -> AsyncIterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    serving = asyncio.create_task(server.serve([listener]))
    yield listener.getsockname()[1]
    server.should_exit = True
    await serving


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stage]:
    caddy = program("caddy", "caddy")
    home = tmp_path_factory.mktemp("caddy")
    go_on = asyncio.Event()
    async with AsyncExitStack() as stack:
        ports = {service: await stack.enter_async_context(served(stand_in(service, go_on))) for service in SERVICES}
        with socket.create_server(("127.0.0.1", 0)) as free:
            site = f"http://127.0.0.1:{free.getsockname()[1]}"
        upstreams = {f"PROXY_{service.upper()}": f"127.0.0.1:{port}" for service, port in ports.items()}
        process = await asyncio.create_subprocess_exec(
            caddy, "run", "--config", CADDYFILE, "--adapter", "caddyfile",
            env={**os.environ, **upstreams, "HOME": str(home), "PROXY_SITE": site, "CADDY_ADMIN": "off"},
            stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        client = await stack.enter_async_context(httpx2.AsyncClient(base_url=site, timeout=10, trust_env=False))

        async def answers() -> bool:
            try:
                return (await client.get("/healthz")).is_success
            except httpx2.ConnectError:
                return False

        await until("the proxy to answer", answers)
        yield Stage(client, go_on)
        process.terminate()
        await process.wait()


@pytest.mark.parametrize(
    ("path", "service", "seen"),
    [
        ("/", "publisher", "/"),
        ("/boards/basic", "publisher", "/boards/basic"),
        ("/operators/91330106MA2CFRJK4X", "publisher", "/operators/91330106MA2CFRJK4X"),
        ("/api/items?board=major", "publisher", "/api/items"),
        ("/desk", "publisher", "/desk"),
        ("/statsless", "publisher", "/statsless"),
        ("/static/0123456789abcdef/look.css", "publisher", "/static/0123456789abcdef/look.css"),
        ("/openapi.json", "publisher", "/openapi.json"),
        ("/intake/events", "intake", "/intake/events"),
        ("/intake/desk/sign-in", "intake", "/intake/desk/sign-in"),
        ("/intake/openapi.json", "intake", "/openapi.json"),
        ("/stats/operators/91330106MA2CFRJK4X?window=30d", "stats", "/stats/operators/91330106MA2CFRJK4X"),
        ("/stats/asyncapi.json", "stats", "/asyncapi.json"),
        ("/corrections", "corrections", "/corrections"),
        ("/corrections/desk", "corrections", "/corrections/desk"),
        ("/corrections/openapi.json", "corrections", "/openapi.json"),
    ],
)
async def test_each_path_reaches_its_service(stage: Stage, path: str, service: str, seen: str) -> None:
    answer = await stage.client.get(path)

    assert answer.text.split()[:3] == [service, "GET", seen]


async def test_the_host_that_the_reader_typed_reaches_the_service(stage: Stage) -> None:
    answer = await stage.client.post("/intake/events", headers={"Host": stage.client.base_url.netloc.decode()})

    assert answer.text.split()[-1] == stage.client.base_url.netloc.decode()


@pytest.mark.parametrize("path", ["/metrics", "/readyz"])
async def test_what_is_inside_stays_inside(stage: Stage, path: str) -> None:
    answer = await stage.client.get(path)

    assert answer.status_code == 404


async def test_an_event_reaches_the_screen_while_its_stream_is_open(stage: Stage) -> None:
    async with stage.client.stream("GET", "/screens/hall/events") as answer:
        lines = answer.aiter_lines()

        first = await asyncio.wait_for(anext(lines), 5)
        stage.go_on.set()
        rest = [line async for line in lines if line]

    assert (first, rest) == ("data: first", ["data: second"])
