"""`gongshi up` and `gongshi run`: everything on this machine, or one service."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Annotated, Self

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from deploy.readers import issue_local_key
from deploy.supervisor import SERVICES, Supervisor
from shared.errors import PermanentError
from shared.settings import Settings

NAMES = ", ".join(SERVICES)


class UnknownServiceError(PermanentError):
    """The service does not exist."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no service {name!r}. The services are: {NAMES}.")


def up(
    services: Annotated[str, typer.Option(help="Comma-separated; default all.")] = ",".join(SERVICES),
) -> None:
    """Start Kafka, PostgreSQL and the services on this machine, and serve until Ctrl-C.

    What dies is restarted. With KAFKA_BOOTSTRAP_SERVERS and DATABASE_URL set, those are used instead of embedded ones.
    State and logs are in GONGSHI_HOME, by default .gongshi.

    Examples:
        gongshi up

        gongshi up --services intake,stats

        GONGSHI_HOME=/var/lib/gongshi GONGSHI_PUBLISHER_PORT=80 gongshi up
    """
    asyncio.run(_up([parse_service(name.strip()) for name in services.split(",")]))


def parse_service(name: str) -> str:
    """Return the name. Raises `UnknownServiceError`."""
    if name not in SERVICES:
        raise UnknownServiceError(name)
    return name


async def _up(names: list[str]) -> None:
    console = Console(stderr=True)
    notify = partial(console.print, markup=False, highlight=False, soft_wrap=True)
    with exit_on_signals(), JarProgress(console) as progress:
        supervisor = Supervisor(Settings(), services=names, notify=notify, progress=progress)
        await supervisor.start()
    try:
        with exit_on_signals():
            await supervisor.wait_ready()
            await issue_reader_key(supervisor)
        stop_requested = supervisor.watch_signals()
        print_addresses(supervisor)
        await stop_requested.wait()
        notify("Stopping: services first, then Kafka and PostgreSQL.")
    finally:
        await supervisor.stop()


async def issue_reader_key(supervisor: Supervisor) -> None:
    """Make the key with which commands of this machine read figures, where stats runs."""
    if "stats" in supervisor.urls:
        supervisor.set_reader_key(await issue_local_key(supervisor.settings))


@contextmanager
def exit_on_signals() -> Iterator[None]:
    """Let SIGINT and SIGTERM end a start well, what was started is stopped; exits with 128 and the number of the signal."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    received: list[int] = []

    def cancel(number: int) -> None:
        received.append(number)
        if task is not None:
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, cancel, number)
    try:
        yield
    except asyncio.CancelledError:
        if not received:
            raise
        typer.echo("Stopped before everything was ready.", err=True)
        raise typer.Exit(128 + received[0]) from None
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


def print_addresses(supervisor: Supervisor) -> None:
    """Print all addresses on standard output."""
    for name, url in supervisor.urls.items():
        typer.echo(f"{name:<12} {url}")
    typer.echo(f"{'Kafka':<12} {supervisor.engines.kafka_bootstrap_servers}")
    typer.echo("Everything is ready. Ctrl-C stops it.")


def run(service: Annotated[str, typer.Argument(help=f"One of {NAMES}.")]) -> None:
    """Run one service in the foreground, against the broker and the database of the environment.

    Without KAFKA_BOOTSTRAP_SERVERS and DATABASE_URL it joins what `gongshi up` runs in the same GONGSHI_HOME.

    Examples:
        gongshi run stats

        KAFKA_BOOTSTRAP_SERVERS=kafka:9092 DATABASE_URL=postgresql://gongshi:…@db/gongshi gongshi run publisher
    """
    # Imported here: no other command needs a service's web framework.
    from deploy.serving import serve

    serve(parse_service(service))


class JarProgress:
    """A bar for the download of Kafka's jars; invisible when they are cached."""

    def __init__(self, console: Console) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        self._bar = Progress(*columns, console=console, disable=not console.is_terminal)
        self._task = self._bar.add_task("Fetching Apache Kafka, once", visible=False)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def __call__(self, done: int, total: int) -> None:
        """Set the number of jars that are present and the total; called from another thread."""
        self._bar.update(self._task, completed=done, total=total, visible=True)
