"""`gongshi status` and `gongshi wait`: what runs, and whether everything reported so far is applied."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import StrEnum
from time import monotonic
from typing import Annotated, Any
from urllib.parse import urlsplit

import orjson
import typer
from rich.console import Console
from rich.table import Table

from deploy import runtime
from deploy.cli.progress import bars
from deploy.flow import SERVICES, Flow, look
from deploy.runtime import Runtime, addressed
from deploy.stores import EngineAwayError
from deploy.supervisor.probe import is_ready
from shared.settings import Settings

LOOK_EVERY_S = 0.25
LOOKS_IN_A_ROW = 2


class Format(StrEnum):
    """How to show it."""

    TABLE = "table"
    JSON = "json"


def status(
    output: Annotated[Format, typer.Option("--format", help="A table for people, JSON for programs.")] = Format.TABLE,
) -> None:
    """Show what runs: addresses, services, records not yet applied, letters not yet sent.

    Examples:
        gongshi status

        gongshi status --format json
    """
    settings = addressed(Settings())
    report = asyncio.run(_report(settings, runtime.read(settings.home)))
    if output is Format.JSON:
        typer.echo(orjson.dumps(report, option=orjson.OPT_INDENT_2).decode())
    else:
        show(report, Console())


def wait(
    timeout: Annotated[float, typer.Option(min=0, help="Seconds to wait at most.")] = 60,
) -> None:
    """Wait until everything reported so far is applied everywhere: no lag, all outboxes empty.

    Ends with 0 when that is so, with 1 at the time-out, naming what is still behind.

    Examples:
        gongshi wait --timeout 120 && gongshi verify all
    """
    settings = addressed(Settings())
    with bars() as bar:
        behind = asyncio.run(until_applied(settings, services_of(runtime.read(settings.home)), timeout, bar.remaining()))
    if behind:
        typer.echo(f"Still behind after {timeout:g} s: {'; '.join(behind)}.", err=True)
        raise typer.Exit(1)


def nobody(_left: int, _what: str) -> None:
    """Is told nothing."""


async def until_applied(
    settings: Settings, services: tuple[str, ...], timeout_s: float, told: Callable[[int, str], None] = nobody
) -> list[str]:
    """Return what is still behind at the time-out; nothing as soon as two looks in a row found nothing.

    `told` hears after every look how much is left, and what that is.
    """
    deadline = monotonic() + timeout_s
    quiet = 0
    while True:
        left, behind = await _behind(settings, services)
        told(left, "; ".join(behind) or "all is applied, looking once more")
        quiet = 0 if behind else quiet + 1
        if quiet == LOOKS_IN_A_ROW:
            return []
        if monotonic() > deadline:
            return behind or ["nothing now, but not for long enough"]
        await asyncio.sleep(LOOK_EVERY_S)


def services_of(running: Runtime | None) -> tuple[str, ...]:
    """Return the services that run here; all where a supervisor elsewhere runs them."""
    return tuple(running.services) if running and running.services else SERVICES


async def _behind(settings: Settings, services: tuple[str, ...]) -> tuple[int, list[str]]:
    try:
        flow = await look(settings, services)
    except EngineAwayError as error:
        # An engine that is being started again is not the end of the wait.
        return 0, [str(error).rstrip(".")]
    return flow.left, flow.behind()


async def _report(settings: Settings, running: Runtime | None) -> dict[str, Any]:
    flow = await look(settings, services_of(running))
    report = {
        "kafka_bootstrap_servers": settings.kafka_bootstrap_servers,
        "database_url": settings.database_url.get_secret_value(),
        "services": await _services(settings, running),
        **_flow(flow),
    }
    if running is not None and running.accounts:
        report["accounts"] = [account.model_dump() for account in running.accounts]
    if running is not None and running.source is not None:
        report["source"] = running.source.model_dump()
    return report


def _flow(flow: Flow) -> dict[str, Any]:
    return {"lag": flow.lag, "outbox": flow.outbox, "pending_figures": flow.pending_figures}


async def _services(settings: Settings, running: Runtime | None) -> dict[str, dict[str, Any]]:
    """Return each service with its address, whether it is ready, and its process if a supervisor here runs it."""
    known = addresses(settings, running)
    ready = await asyncio.gather(*(_is_ready(url) for url, _ in known.values()))
    return {
        name: {"url": url, "ready": is_up, "pid": pid} for (name, (url, pid)), is_up in zip(known.items(), ready, strict=True)
    }


def addresses(settings: Settings, running: Runtime | None) -> dict[str, tuple[str, int | None]]:
    """Return address and process of each service that runs here; where no supervisor does, the configured addresses of all."""
    if running is not None:
        return {name: (service.url, service.pid) for name, service in running.services.items()}
    return {name: (f"http://{settings.host}:{getattr(settings, f'{name}_port')}", None) for name in SERVICES}


async def _is_ready(url: str) -> bool:
    parts = urlsplit(url)
    return await is_ready(parts.hostname or "", parts.port or 80)


def show(report: dict[str, Any], console: Console) -> None:
    """Print the report as tables; the database's password is not shown."""
    console.print(f"Kafka       {report['kafka_bootstrap_servers']}")
    url = urlsplit(report["database_url"])
    console.print(f"PostgreSQL  {url.hostname}:{url.port or 5432}{url.path} (with the password: --format json)")
    services = Table("service", "address", "ready", "process")
    for name, service in report["services"].items():
        services.add_row(name, service["url"], "yes" if service["ready"] else "no", str(service["pid"] or ""))
    console.print(services)
    lag = Table("topic", "consumer", "records not yet applied")
    for topic, consumers in report["lag"].items():
        for consumer, count in consumers.items():
            lag.add_row(topic, consumer, "no schema" if count is None else str(count))
    console.print(lag)
    outbox = Table("outbox", "letters not yet sent")
    for service, count in report["outbox"].items():
        outbox.add_row(service, "no schema" if count is None else str(count))
    console.print(outbox)
    for account in report.get("accounts", []):
        console.print(f"account     {account['name']} ({account['role']}), password {account['password']}", markup=False)
    if source := report.get("source"):
        console.print(f"source      {source['name']}, key {source['key']}", markup=False)
