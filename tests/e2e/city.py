"""The demo's city on engines of its own, built once for all page tests: hotlines replayed, months closed, boards filled."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from deploy.demo.stage import CHECKED_MONTHS, Stage, fill_boards, set_up
from deploy.supervisor import SERVICES, Supervisor
from shared.settings import Settings

SEED = 1
COMPLAINTS = 800  # enough for operators with several months, and for major items on the board and at the desk
ENGINES = ("kafka", "postgres")


@asynccontextmanager
async def built(home: Path) -> AsyncIterator[Stage]:
    """Start everything at free ports, and fill the boards as `gongshi demo` does."""
    anywhere = {f"{name}_port": 0 for name in (*SERVICES, *ENGINES)}
    settings = Settings.model_validate({"home": home, "synthetic": True, **anywhere})
    bars = Progress(console=Console(file=StringIO()))
    async with Supervisor(settings, say=lambda _: None) as supervisor:
        await supervisor.until_ready()
        stage = await set_up(supervisor, SEED, COMPLAINTS, bars, CHECKED_MONTHS, witnessed=True)
        await fill_boards(stage, bars)
        yield stage
