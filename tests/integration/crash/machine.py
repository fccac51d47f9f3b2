"""The machine under test: engines and services as real processes, and the faults that are injected into them."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import Process
from pathlib import Path
from types import TracebackType
from typing import Self

import asyncpg

from deploy.embedded.engines import Engines
from tests.integration.probes import wait_until

ROOT = Path(__file__).parents[3]


class Machine:
    """Runs services by the command line and restarts those that a fault has ended."""

    def __init__(self, engines: Engines, home: Path, services: tuple[str, ...], session_timeout_ms: int) -> None:
        self.engines = engines
        self._home = home
        self._services = services
        self._session_timeout_ms = session_timeout_ms
        self._processes: dict[str, Process] = {}  # the newest of each service
        self._restarters: dict[asyncio.Task[None], Process] = {}
        self._stopping = False
        self.faults: list[str] = []

    @property
    def environment(self) -> dict[str, str]:
        """The environment of every process of the system."""
        return {
            **os.environ,
            "KAFKA_BOOTSTRAP_SERVERS": self.engines.kafka_bootstrap_servers,
            "DATABASE_URL": self.engines.database_url,
            "GONGSHI_HOME": str(self._home),
            "GONGSHI_SESSION_TIMEOUT_MS": str(self._session_timeout_ms),
            **{f"GONGSHI_{name.upper()}_PORT": "0" for name in ("publisher", "intake", "stats", "corrections")},
        }

    async def run_command(self, *arguments: str) -> tuple[int, bytes, bytes]:
        """Run a command of gongshi; return its exit status, stdout and stderr."""
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "deploy.cli", *arguments,
            cwd=ROOT, env=self.environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await process.communicate()
        return process.returncode or 0, out, err

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop every process of every service gracefully, the older ones and those that are just being started too."""
        self._stopping = True
        while active := {restarter: process for restarter, process in self._restarters.items() if not restarter.done()}:
            for process in active.values():
                if process.returncode is None:
                    process.terminate()
            await asyncio.wait(active)
        await asyncio.gather(*self._restarters)

    async def start(self) -> None:
        """Start every service."""
        for service in self._services:
            await self._start(service)

    async def _start(self, service: str) -> None:
        with (self._home / f"{service}.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "deploy.cli", "run", service, cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )
        self._processes[service] = process
        self._restarters[asyncio.create_task(self._restart_when_dead(service, process))] = process

    async def _restart_when_dead(self, service: str, process: Process) -> None:
        """Restart a service that has died, unless another process has replaced it."""
        await process.wait()
        if not self._stopping and self._processes[service] is process:
            await self._start(service)

    async def kill(self, service: str) -> None:
        """kill -9; the service is restarted."""
        killed = self._processes[service]
        killed.kill()

        async def is_restarted() -> bool:
            return self._processes[service] is not killed

        await wait_until(f"{service} is restarted", is_restarted)
        self.faults.append(f"kill {service}")

    async def freeze(self, service: str) -> None:
        """Stop a process beyond the session timeout while a second one takes over, then let the zombie continue."""
        zombie = self._processes[service]
        zombie.send_signal(signal.SIGSTOP)
        try:
            await self._start(service)
            await self._wait_claimed(service)
        finally:
            zombie.send_signal(signal.SIGCONT)
        self.faults.append(f"freeze {service}")
        await wait_until(f"the older {service} is alive beside the newer", lambda: _is_alive(zombie))
        zombie.terminate()
        await zombie.wait()

    async def _wait_claimed(self, service: str) -> None:
        """Wait until the positions of the frozen process are claimed by another."""
        before = await self._sum_epochs(service)

        async def is_claimed() -> bool:
            return await self._sum_epochs(service) > before

        await wait_until(f"{service}'s partitions are claimed by another process", is_claimed, within_s=60)

    async def _sum_epochs(self, service: str) -> int:
        connection = await asyncpg.connect(self.engines.database_url)
        try:
            return int(await connection.fetchval(f"SELECT coalesce(sum(epoch), 0) FROM {service}.positions"))
        finally:
            await connection.close()

    async def crash_postgres(self) -> None:
        """Stop PostgreSQL as in a crash, then start it on its data."""
        await self.engines.restart_postgres(immediate=True)
        self.faults.append("crash PostgreSQL")

    async def kill_broker(self) -> None:
        """kill -9 of the broker, then start it on its data."""
        await self.engines.kill_kafka()
        await self.engines.restart_kafka()
        self.faults.append("kill broker")


async def _is_alive(process: Process) -> bool:
    return process.returncode is None
