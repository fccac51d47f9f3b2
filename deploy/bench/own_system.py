"""A system that a bench starts for itself and deletes afterwards."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from deploy.supervisor import SERVICES, Supervisor
from shared.settings import Settings


@asynccontextmanager
async def run_own_system(settings: Settings, **changes: object) -> AsyncIterator[Supervisor]:
    """Run a system of sample data once it is ready, on free ports and in a state directory of its own."""
    home = settings.home / f"bench-{secrets.token_hex(4)}"
    free_ports = {f"{name}_port": 0 for name in (*SERVICES, "kafka", "postgres")}
    own = Settings.model_validate({**settings.model_dump(), "home": home, "synthetic": True, **free_ports, **changes})
    try:
        async with Supervisor(own, notify=lambda _: None) as supervisor:
            await supervisor.wait_ready()
            yield supervisor
    finally:
        shutil.rmtree(home, ignore_errors=True)
