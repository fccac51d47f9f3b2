"""schemathesis against a running service: it answers nothing that its OpenAPI document does not declare."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import uvicorn
from starlette.types import ASGIApp

from tests.integration.probes import wait_until

MAX_EXAMPLES = 15
CONFIG = Path(__file__).with_name("schemathesis.toml")


@asynccontextmanager
async def serve(app: ASGIApp) -> AsyncIterator[str]:
    """Serve an app that runs already on a free port of this machine; yield its address."""
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, lifespan="off", log_level="warning"))
    task = asyncio.create_task(server.serve())
    await wait_until("the service listens", lambda: _is_started(server))
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        await task


async def _is_started(server: uvicorn.Server) -> bool:
    return server.started


async def check_schema(app: ASGIApp, directory: Path, headers: Mapping[str, str], *options: str) -> None:
    """Fail with what schemathesis finds at a service. `directory` is where it may keep its notes."""
    async with serve(app) as address:
        command = [
            sys.executable, "-m", "schemathesis.cli", "--no-color", "--config-file", str(CONFIG), "run", f"{address}/openapi.json",
            "--checks", "all", "--max-examples", str(MAX_EXAMPLES), "--generation-deterministic",
            "--continue-on-failure", "--max-redirects", "0", "--warnings", "off", "--suppress-health-check", "all",
            *(f"--header={name}:{value}" for name, value in headers.items()), *options,
        ]  # fmt: skip
        process = await asyncio.create_subprocess_exec(
            *command, cwd=directory, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
        )
        output, _ = await process.communicate()
        if process.returncode:
            pytest.fail(output.decode(errors="replace"), pytrace=False)
