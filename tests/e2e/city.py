"""The demo's system on engines of its own, build once for all page tests: hotlines replayed, months closed, boards filled."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from deploy.demo.system import CHECKED_MONTHS, DemoSystem, fill_boards, set_up_demo
from deploy.supervisor import SERVICES, Supervisor
from shared.settings import Settings

SEED = 1
COMPLAINTS = 800  # enough for operators with several months, and for major items on the board and at the desk
ENGINES = ("kafka", "postgres")


@asynccontextmanager
async def build(home: Path) -> AsyncIterator[DemoSystem]:
    """Start everything on free ports, and fill the boards as `gongshi demo` does."""
    free_ports = {f"{name}_port": 0 for name in (*SERVICES, *ENGINES)}
    settings = Settings.model_validate({"home": home, "synthetic": True, **free_ports})
    bars = Progress(console=Console(file=StringIO()))
    async with Supervisor(settings, notify=lambda _: None) as supervisor:
        await supervisor.wait_ready()
        system = await set_up_demo(supervisor, SEED, COMPLAINTS, bars, CHECKED_MONTHS, with_ledger=True)
        await fill_boards(system, bars)
        yield system
