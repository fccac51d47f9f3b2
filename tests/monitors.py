"""A Prometheus of the tests: the shipped rules, asked over its HTTP interface. Debian's 2.42 or newer; the shipped one is 3."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from deploy.monitors import MonitorsMissing, ensure_monitors
from tests.integration.probes import wait_until

ROOT = Path(__file__).parents[1]
PROMETHEUS = ROOT / "deploy" / "prometheus"


def programs() -> dict[str, Path]:
    """Return Prometheus, Alertmanager and their checkers; skip the test, with the reason, where they are not to be had."""
    try:
        return ensure_monitors()
    except MonitorsMissing as error:
        pytest.skip(str(error))


def free_address() -> str:
    """Return an address that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"127.0.0.1:{free.getsockname()[1]}"


@asynccontextmanager
async def run(program: Path, *arguments: str, cwd: Path, ready: str) -> AsyncIterator[httpx2.AsyncClient]:
    """Run a monitor and yield a client of it once it is ready; `ready` is its address."""
    with (cwd / f"{program.name}.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(program, *arguments, cwd=cwd, stdout=log, stderr=log)
    try:
        async with httpx2.AsyncClient(base_url=f"http://{ready}") as client:

            async def is_ready() -> bool:
                assert process.returncode is None, (cwd / f"{program.name}.log").read_text()
                try:
                    return (await client.get("/-/ready")).status_code == 200
                except httpx2.TransportError:
                    return False

            await wait_until(f"{program.name} to be ready", is_ready)
            yield client
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


@asynccontextmanager
async def run_prometheus(
    folder: Path, jobs: Mapping[str, str], *, alertmanager: str = "", keep: Mapping[str, str] = {}, at_once: bool = False
) -> AsyncIterator[httpx2.AsyncClient]:
    """Run the shipped configuration with these targets by job, scraped and judged many times a second.

    `keep`: by job a pattern of the only metrics that are taken of it; `at_once`: alerts wait for nothing.
    """
    config: dict[str, Any] = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text(encoding="utf-8"))
    config["global"] = {"scrape_interval": "200ms", "scrape_timeout": "200ms", "evaluation_interval": "500ms"}
    (folder / "rules").mkdir()
    for rules in PROMETHEUS.glob("rules/*.yml"):
        text = rules.read_text(encoding="utf-8")
        (folder / "rules" / rules.name).write_text(
            re.sub(r"\bfor: \w+", "for: 0s", text) if at_once else text, encoding="utf-8"
        )
    config["alerting"]["alertmanagers"][0]["static_configs"] = [{"targets": [alertmanager]}] if alertmanager else []
    config["scrape_configs"] = [
        {
            "job_name": job,
            "scrape_timeout": "200ms",
            "static_configs": [{"targets": [target]}],
            "metric_relabel_configs": [
                {"source_labels": ["__name__"], "regex": pattern, "action": "keep"}
                for name, pattern in keep.items()
                if name == job
            ],
        }
        for job, target in jobs.items()
    ]
    file, address = folder / "prometheus.yml", free_address()
    file.write_text(yaml.safe_dump(config), encoding="utf-8")
    flags = (f"--config.file={file}", f"--storage.tsdb.path={folder / 'data'}", f"--web.listen-address={address}")
    async with run(programs()["prometheus"], *flags, cwd=folder, ready=address) as client:
        yield client


async def query(prometheus: httpx2.AsyncClient, expression: str) -> list[dict[str, Any]]:
    """Return the series of an instant query. Raises `AssertionError` with what Prometheus says against it."""
    answer = (await prometheus.get("/api/v1/query", params={"query": expression})).json()
    assert answer["status"] == "success", f"{expression}: {answer.get('error')}"
    series: list[dict[str, Any]] = answer["data"]["result"]
    return series


async def rules(prometheus: httpx2.AsyncClient) -> list[dict[str, Any]]:
    """Return the alert rules with their health and last error."""
    groups = (await prometheus.get("/api/v1/rules")).json()["data"]["groups"]
    return [rule for group in groups for rule in group["rules"]]
