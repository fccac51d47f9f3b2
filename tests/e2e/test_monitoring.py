"""Every panel of the dashboard and every alert rule, run by a real Prometheus over the services of the city."""

from __future__ import annotations

import asyncio
import json
import re
import ssl
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
import pytest_asyncio
from prometheus_client import start_http_server

from deploy.demo.system import DemoSystem
from services.publisher.watch import PublisherWatch
from tests.integration.probes import wait_until
from tests.monitors import ROOT, query, rules, run_prometheus

PANELS = json.loads((ROOT / "deploy" / "grafana" / "dashboards" / "overview.json").read_text(encoding="utf-8"))["panels"]
QUERIES = [(panel["title"], target["expr"]) for panel in PANELS for target in panel.get("targets", [])]
SELECTOR = re.compile(r"(?:gongshi_[a-z_]+|\bup)(?:\{[^}]*\})?")
DAYS = 30


def write_certificate(folder: Path) -> None:
    """Write `key.pem` and `cert.pem`, signed by itself and valid for `DAYS`."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", str(DAYS),
         "-subj", "/CN=localhost", "-keyout", "key.pem", "-out", "cert.pem"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def certified(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The address of this process' metrics, which has looked at the certificate of a server with TLS."""
    folder = tmp_path_factory.mktemp("certificate")
    write_certificate(folder)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    async with await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0, ssl=context) as server:
        port = server.sockets[0].getsockname()[1]
        await PublisherWatch(None, set(), f"https://localhost:{port}").check_certificate()  # type: ignore[arg-type]
    http_server, thread = start_http_server(0, "127.0.0.1")
    yield f"127.0.0.1:{http_server.server_port}"
    http_server.shutdown()
    thread.join()
    http_server.server_close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def prometheus(
    system: DemoSystem, certified: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[httpx2.AsyncClient]:
    """Prometheus with the shipped rules, which has scraped every service twice and judged every rule."""
    jobs = {service: urlsplit(url).netloc for service, url in system.supervisor.urls.items()} | {"certificate": certified}
    folder = tmp_path_factory.mktemp("prometheus")
    async with run_prometheus(folder, jobs, keep={"certificate": "gongshi_certificate.*"}) as prometheus:

        async def has_judged() -> bool:
            scraped = await query(prometheus, "count_over_time(up[1m]) > 2")
            return len(scraped) == len(jobs) and all(rule["evaluationTime"] > 0 for rule in await rules(prometheus))

        await wait_until("every service to be scraped and every rule judged", has_judged)
        yield prometheus


async def test_every_rule_is_judged_without_error(prometheus):
    assert {rule["name"]: rule.get("lastError", "") for rule in await rules(prometheus) if rule["health"] != "ok"} == {}


async def test_every_series_that_a_rule_looks_at_is_exposed(prometheus):
    selectors = {selector for rule in await rules(prometheus) for selector in SELECTOR.findall(rule["query"])}

    absent = [selector for selector in sorted(selectors) if not await query(prometheus, without_faults(selector))]

    assert absent == []


def without_faults(selector: str) -> str:
    """Return the selector of what is there without a fault: requests that fail and partitions that stand have to happen."""
    return selector.replace('{status=~"5.."}', "").replace("gongshi_standing_partitions", "gongshi_lag_records")


async def test_a_series_that_nobody_exposes_is_found_to_be_absent(prometheus):
    assert await query(prometheus, "gongshi_series_that_nobody_exposes") == []


@pytest.mark.parametrize(("title", "expression"), QUERIES, ids=[title.split(" / ")[1] for title, _ in QUERIES])
async def test_a_panel_has_data(prometheus, title, expression):
    assert await query(prometheus, expression.replace("$__rate_interval", "1m")), title


async def test_a_certificate_is_measured(prometheus):
    [valid_for] = await query(prometheus, "(min(gongshi_certificate_expires_timestamp_seconds) - time()) / 86400")

    assert DAYS - 1 < float(valid_for["value"][1]) <= DAYS
