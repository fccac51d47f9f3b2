"""`gongshi demo`: the whole system on this machine with a synthetic city's hotlines, to walk through or to be checked."""

from __future__ import annotations

import asyncio
import secrets
import shutil
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from deploy.cli.up import JarProgress, exit_on_signals, print_addresses
from deploy.demo.scenario import run_scenario
from deploy.demo.system import (
    CHECKED_MONTHS,
    MONTHS,
    PAIRED_SCREEN,
    DemoSystem,
    fill_boards,
    fill_office_boards,
    fill_records,
    set_up_demo,
)
from deploy.supervisor import Supervisor
from shared.accounts import Role
from shared.errors import GongshiError
from shared.settings import Settings

COMPLAINTS = 20_000
CHECKED_COMPLAINTS = 3_000


def demo(
    check: Annotated[bool, typer.Option("--check", help="Go the whole way by program, verify, end.")] = False,
    complaints: Annotated[int | None, typer.Option(min=500, help="Default 20000, with --check 3000.")] = None,
    seed: Annotated[int, typer.Option(help="Another seed is another city's history.")] = 1,
) -> None:
    """Start Kafka, PostgreSQL and the four services, replay synthetic hotlines, and serve until Ctrl-C.

    Everything in it is invented. With --check a complaint goes the whole way by program, in a state directory of its
    own: reported, counted, reviewed, released, shown on a screen, disputed, corrected, withdrawn; then everything is
    verified. Ends with 0 or 1.

    Examples:
        gongshi demo

        gongshi demo --check

        gongshi demo --complaints 2000 --seed 7
    """
    console = Console(stderr=True)
    if check:
        outcome = asyncio.run(_check(console, complaints or CHECKED_COMPLAINTS, seed))
        typer.echo(orjson.dumps(outcome, default=str).decode())
        raise typer.Exit(0 if outcome["ok"] else 1)
    asyncio.run(_demo(console, complaints or COMPLAINTS, seed))


async def _demo(console: Console, complaints: int, seed: int) -> None:
    with exit_on_signals():
        supervisor = await _start(console, Settings(synthetic=True))
    try:
        with exit_on_signals(), _progress(console) as bars:
            await supervisor.wait_ready()
            system = await set_up_demo(supervisor, seed, complaints, bars, MONTHS, with_ledger=False)
            await fill_boards(system, bars)
            await fill_office_boards(system, bars)
            await fill_records(system, bars)
        stop_requested = supervisor.watch_signals()
        print_addresses(supervisor)
        _print_access(system)
        await stop_requested.wait()
        console.print("Stopping: services first, then Kafka and PostgreSQL.")
    finally:
        await supervisor.stop()


async def _check(console: Console, complaints: int, seed: int) -> dict[str, Any]:
    """Run the scenario in a state directory of its own, so that a running demo is not touched; kept only after a failure."""
    base = Settings(synthetic=True)
    home = base.home / f"check-{secrets.token_hex(4)}"
    settings = base.model_copy(update={"home": home})
    supervisor = await _start(console, settings)
    try:
        with _progress(console) as bars:
            await supervisor.wait_ready()
            system = await set_up_demo(supervisor, seed, complaints, bars, CHECKED_MONTHS, with_ledger=True)
            await fill_boards(system, bars)
            await fill_office_boards(system, bars)
            await fill_records(system, bars)
            outcome = await run_scenario(system, bars)
    except Exception as error:
        # The last line is JSON for programs, whatever the error.
        if not isinstance(error, GongshiError):
            console.print_exception()
        outcome = {"ok": False, "error": f"{type(error).__name__}: {error}", "logs": str(home / "logs")}
    finally:
        await supervisor.stop()
    if outcome["ok"]:
        shutil.rmtree(home, ignore_errors=True)
    return outcome


async def _start(console: Console, settings: Settings) -> Supervisor:
    console.print("演示数据均为虚构。Everything shown is invented.", style="bold")
    notify = partial(console.print, markup=False, highlight=False, soft_wrap=True)
    with JarProgress(console) as progress:
        supervisor = Supervisor(settings, notify=notify, progress=progress)
        await supervisor.start()
    return supervisor


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description:<22}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=console)


def _print_access(system: DemoSystem) -> None:
    """Print the addresses, the accounts and the source key."""
    urls = system.supervisor.urls
    addresses = (
        ("门户 portal", urls["publisher"] + "/"),
        ("公示屏 screen", urls["publisher"] + "/screens/demo"),
        ("已配对的屏", f"{urls['publisher']}/screens/{PAIRED_SCREEN.screen_id}/pair/{system.screen_secret}"),
        ("竖屏 portrait", urls["publisher"] + "/screens/demo-portrait?orientation=portrait"),
        ("审核与发布 desk", urls["publisher"] + "/desk"),
        ("分析报告 reports", urls["publisher"] + "/boards/analysis"),
        ("经营者服务", urls["corrections"] + "/corrections"),
        ("更正工作台", urls["corrections"] + "/corrections/desk"),
        ("受理工作台", urls["intake"] + "/intake/desk"),
    )
    for name, url in addresses:
        typer.echo(f"  {name:<16} {url}")
    for account in system.staff.accounts:
        typer.echo(f"  {Role(account.role).value:<12} {account.name:<10} {account.password}")
    typer.echo(f"  {'source key':<12} {system.staff.source.name}  {system.staff.source.key}")
    typer.echo(f"State and logs: {Path(system.settings.home)}")
