"""`gongshi status` and `gongshi wait`: what runs, and whether everything reported so far is applied."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import asdict, replace
from time import monotonic
from typing import Annotated, Any
from urllib.parse import urlsplit

import orjson
import typer
from rich.console import Console
from rich.table import Table

from deploy import runtime
from deploy.backlog import SERVICES, Backlog, measure_backlog
from deploy.cli.progress import progress_bars
from deploy.cli.tables import Format, print_table
from deploy.databases import EngineUnavailable
from deploy.embedded.passfile import without_password
from deploy.runtime import Runtime, resolve_addresses
from deploy.supervisor.probe import is_ready
from shared.settings import Settings

POLL_INTERVAL_S = 0.25
EMPTY_POLLS = 2


def status(
    output: Annotated[Format, typer.Option("--format", help="A table for people, JSON for programs.")] = Format.TABLE,
    secrets: Annotated[bool, typer.Option("--secrets", help="Passwords and keys, too: not for a ticket or a chat.")] = False,
) -> None:
    """Show what runs: addresses, services, records not yet applied, outbox messages not yet sent.

    Without --secrets the database's URL names the file with its password, which only this user may read.

    Examples:
        gongshi status

        gongshi status --format json --secrets
    """
    settings = resolve_addresses(Settings())
    report = asyncio.run(_build_report(settings, runtime.read(settings.home), secrets=secrets))
    if output is Format.JSON:
        typer.echo(orjson.dumps(report, option=orjson.OPT_INDENT_2).decode())
    else:
        print_report(report, Console())


def wait(
    timeout: Annotated[float, typer.Option(min=0, help="Seconds to wait at most.")] = 60,
) -> None:
    """Wait until everything reported so far is applied everywhere: no lag, all outboxes empty.

    Exits with 0 when that is so, with 1 at the time-out, naming the backlog.

    Examples:
        gongshi wait --timeout 120 && gongshi verify all
    """
    settings = resolve_addresses(Settings())
    with progress_bars() as bar:
        backlog = asyncio.run(wait_applied(settings, running_services(runtime.read(settings.home)), timeout, bar.remaining()))
    if backlog:
        typer.echo(f"Still behind after {timeout:g} s: {'; '.join(backlog)}.", err=True)
        raise typer.Exit(1)


def ignore_progress(_left: int, _description: str) -> None:
    """Ignore progress."""


async def wait_applied(
    settings: Settings,
    services: tuple[str, ...],
    timeout_s: float,
    on_progress: Callable[[int, str], None] = ignore_progress,
    *,
    compared: bool = True,
) -> list[str]:
    """Return the backlog in words at the time-out; empty as soon as two polls in a row find none.

    `on_progress` receives the size and the description of the backlog after every poll. `compared`: reports that intake has not
    yet compared with those of other sources, which it does once no bulk comes in, are part of it.
    """
    deadline = monotonic() + timeout_s
    empty_polls = 0
    while True:
        left, backlog = await _poll_backlog(settings, services, compared=compared)
        on_progress(left, "; ".join(backlog) or "all is applied, checking once more")
        empty_polls = 0 if backlog else empty_polls + 1
        if empty_polls == EMPTY_POLLS:
            return []
        if monotonic() > deadline:
            return backlog or ["nothing now, but not for long enough"]
        await asyncio.sleep(POLL_INTERVAL_S)


def running_services(running: Runtime | None) -> tuple[str, ...]:
    """Return the services that run in this state directory; all where none is known."""
    return tuple(running.services) if running and running.services else SERVICES


async def _poll_backlog(settings: Settings, services: tuple[str, ...], *, compared: bool) -> tuple[int, list[str]]:
    try:
        measured = await measure_backlog(settings, services)
    except EngineUnavailable as error:
        # An engine that is being restarted does not end the wait.
        return 0, [str(error).rstrip(".")]
    found = measured if compared else replace(measured, uncompared=0)
    return found.total, found.describe()


async def _build_report(settings: Settings, running: Runtime | None, *, secrets: bool) -> dict[str, Any]:
    measured = await measure_backlog(settings, running_services(running))
    url = settings.database_url.get_secret_value()
    report = {
        "kafka_bootstrap_servers": _kafka_servers(settings, running),
        "database_url": url if secrets else without_password(url, settings.home),
        "services": await _services(settings, running),
        **_backlog_fields(measured),
    }
    if secrets and running is not None and running.accounts:
        report["accounts"] = [account.model_dump() for account in running.accounts]
    if secrets and running is not None and running.source is not None:
        report["source"] = running.source.model_dump()
    if secrets and running is not None and running.reader_key:
        report["reader_key"] = running.reader_key
    return report


def _kafka_servers(settings: Settings, running: Runtime | None) -> str:
    """Return the broker's address; of an embedded one that for clients without an account, where there is one for them."""
    if running is None or running.kafka is None or running.kafka.bootstrap_servers != settings.kafka_bootstrap_servers:
        return settings.kafka_bootstrap_servers
    return running.kafka_bootstrap_servers


def _backlog_fields(backlog: Backlog) -> dict[str, Any]:
    return {
        "lag": backlog.lag,
        "outbox": backlog.outbox,
        "pending_figures": backlog.pending_figures,
        "uncompared": backlog.uncompared,
        "standing": [asdict(each) for each in backlog.blocked],
    }


async def _services(settings: Settings, running: Runtime | None) -> dict[str, dict[str, Any]]:
    """Return URL, readiness and, under a local supervisor, process id of each service."""
    known = service_addresses(settings, running)
    ready = await asyncio.gather(*(_is_ready(url) for url, _ in known.values()))
    return {
        name: {"url": url, "ready": is_up, "pid": pid} for (name, (url, pid)), is_up in zip(known.items(), ready, strict=True)
    }


def service_addresses(settings: Settings, running: Runtime | None) -> dict[str, tuple[str, int | None]]:
    """Return URL and process id of each local service; without a local supervisor, the configured addresses of all."""
    if running is not None:
        return {name: (service.url, service.pid) for name, service in running.services.items()}
    return {name: (f"http://{settings.host}:{getattr(settings, f'{name}_port')}", None) for name in SERVICES}


async def _is_ready(url: str) -> bool:
    parts = urlsplit(url)
    return await is_ready(parts.hostname or "", parts.port or 80)


def print_report(report: dict[str, Any], console: Console) -> None:
    """Print the report as tables; the database's password is in the JSON only."""
    console.print(f"Kafka       {report['kafka_bootstrap_servers']}")
    url = urlsplit(report["database_url"])
    console.print(f"PostgreSQL  {url.hostname}:{url.port or 5432}{url.path} (with the password: --secrets --format json)")
    services = Table("service", "address", "ready", "process")
    for name, service in report["services"].items():
        services.add_row(name, service["url"], "yes" if service["ready"] else "no", str(service["pid"] or ""))
    print_table(services, fold=True)
    lag = Table("topic", "consumer", "records not yet applied")
    for topic, consumers in report["lag"].items():
        for consumer, count in consumers.items():
            lag.add_row(topic, consumer, "no schema" if count is None else str(count))
    print_table(lag, fold=True)
    outbox = Table("outbox", "messages not yet sent")
    for service, count in report["outbox"].items():
        outbox.add_row(service, "no schema" if count is None else str(count))
    print_table(outbox, fold=True)
    for blocked in report["standing"]:
        console.print(f"stands      {blocked['service']}: {blocked['reason']}", markup=False, soft_wrap=True)
    for account in report.get("accounts", []):
        console.print(f"account     {account['name']} ({account['role']}), password {account['password']}", markup=False)
    if source := report.get("source"):
        console.print(f"source      {source['name']}, key {source['key']}", markup=False)
    if reader_key := report.get("reader_key"):
        console.print(f"figures     reader's key {reader_key}", markup=False)
