"""The machine under test: engines and services as real processes, and the faults that may befall them."""

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
from tests.integration.probes import until

ROOT = Path(__file__).parents[3]


class Machine:
    """Runs services by the command line and starts again what a fault has ended."""

    def __init__(self, engines: Engines, home: Path, services: tuple[str, ...], session_timeout_ms: int) -> None:
        self.engines = engines
        self._home = home
        self._services = services
        self._session_timeout_ms = session_timeout_ms
        self._processes: dict[str, Process] = {}  # the newest of each service
        self._keepers: dict[asyncio.Task[None], Process] = {}
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

    async def command(self, *arguments: str) -> tuple[int, bytes, bytes]:
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
        while kept := {keeper: process for keeper, process in self._keepers.items() if not keeper.done()}:
            for process in kept.values():
                if process.returncode is None:
                    process.terminate()
            await asyncio.wait(kept)
        await asyncio.gather(*self._keepers)

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
        self._keepers[asyncio.create_task(self._keep(service, process))] = process

    async def _keep(self, service: str, process: Process) -> None:
        """Start a service again that has died, unless another process has taken its place."""
        await process.wait()
        if not self._stopping and self._processes[service] is process:
            await self._start(service)

    async def kill(self, service: str) -> None:
        """kill -9; it is started again."""
        killed = self._processes[service]
        killed.kill()

        async def another() -> bool:
            return self._processes[service] is not killed

        await until(f"{service} is started again", another)
        self.faults.append(f"kill {service}")

    async def freeze(self, service: str) -> None:
        """Stop it beyond the session timeout while a second one takes over, then let the zombie go on."""
        zombie = self._processes[service]
        zombie.send_signal(signal.SIGSTOP)
        try:
            await self._start(service)
            await self._taken_over(service)
        finally:
            zombie.send_signal(signal.SIGCONT)
        self.faults.append(f"freeze {service}")
        await until(f"the older {service} is alive beside the newer", lambda: _alive(zombie))
        zombie.terminate()
        await zombie.wait()

    async def _taken_over(self, service: str) -> None:
        """Wait until the positions of the frozen process are claimed by another."""
        before = await self._epochs(service)

        async def claimed() -> bool:
            return await self._epochs(service) > before

        await until(f"{service}'s partitions are claimed by another process", claimed, within_s=60)

    async def _epochs(self, service: str) -> int:
        connection = await asyncpg.connect(self.engines.database_url)
        try:
            return int(await connection.fetchval(f"SELECT coalesce(sum(epoch), 0) FROM {service}.positions"))
        finally:
            await connection.close()

    async def crash_postgres(self) -> None:
        """Stop PostgreSQL as in a crash, and start it on its data."""
        await self.engines.restart_postgres(immediate=True)
        self.faults.append("crash PostgreSQL")

    async def kill_broker(self) -> None:
        """kill -9 of the broker, and start it on its data."""
        await self.engines.kill_kafka()
        await self.engines.restart_kafka()
        self.faults.append("kill broker")


async def _alive(process: Process) -> bool:
    return process.returncode is None
