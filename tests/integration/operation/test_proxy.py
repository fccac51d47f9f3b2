"""The reverse proxy with its shipped Caddyfile in front of four stub services that answer with their name."""

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
from tests.integration.probes import wait_until

CADDYFILE = Path(__file__).parents[3] / "deploy" / "proxy" / "Caddyfile"
SERVICES = ("publisher", "intake", "stats", "corrections")


@dataclass
class ProxyFixture:
    """The proxy's address, and what resumes the stub's event stream."""

    client: httpx2.AsyncClient
    resume: asyncio.Event = field(default_factory=asyncio.Event)


def stub_service(service: str, release: asyncio.Event) -> Starlette:
    async def answer(request: Request) -> Response:
        return PlainTextResponse(f"{service} {request.method} {request.url.path} {request.headers['host']}")

    async def events(request: Request) -> Response:
        async def stream() -> AsyncIterator[bytes]:
            yield b"data: first\n\n"
            await release.wait()
            yield b"data: second\n\n"

        return StreamingResponse(stream(), media_type="text/event-stream")

    return Starlette(routes=[Route("/screens/{name}/events", events), Route("/{path:path}", answer, methods=["GET", "POST"])])


@asynccontextmanager
async def serve_stub(app: Starlette) -> AsyncIterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    serving = asyncio.create_task(server.serve([listener]))
    yield listener.getsockname()[1]
    server.should_exit = True
    await serving


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def proxy(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ProxyFixture]:
    caddy = program("caddy", "caddy")
    home = tmp_path_factory.mktemp("caddy")
    resume = asyncio.Event()
    async with AsyncExitStack() as stack:
        ports = {service: await stack.enter_async_context(serve_stub(stub_service(service, resume))) for service in SERVICES}
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

        await wait_until("the proxy to answer", answers)
        yield ProxyFixture(client, resume)
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
async def test_each_path_reaches_its_service(proxy: ProxyFixture, path: str, service: str, seen: str) -> None:
    answer = await proxy.client.get(path)

    assert answer.text.split()[:3] == [service, "GET", seen]


async def test_the_host_header_of_the_request_reaches_the_service(proxy: ProxyFixture) -> None:
    answer = await proxy.client.post("/intake/events", headers={"Host": proxy.client.base_url.netloc.decode()})

    assert answer.text.split()[-1] == proxy.client.base_url.netloc.decode()


@pytest.mark.parametrize("path", ["/metrics", "/readyz"])
async def test_metrics_and_readiness_are_not_reachable_from_outside(proxy: ProxyFixture, path: str) -> None:
    answer = await proxy.client.get(path)

    assert answer.status_code == 404


async def test_an_event_is_passed_on_while_its_stream_is_open(proxy: ProxyFixture) -> None:
    async with proxy.client.stream("GET", "/screens/hall/events") as answer:
        lines = answer.aiter_lines()

        first = await asyncio.wait_for(anext(lines), 5)
        proxy.resume.set()
        rest = [line async for line in lines if line]

    assert (first, rest) == ("data: first", ["data: second"])
