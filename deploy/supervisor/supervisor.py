"""The supervisor: starts engines, then services; stops them in reverse."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Self

from pydantic import SecretStr

from deploy import runtime
from deploy.embedded.engines import Engines, Notify, ignore_progress, notify_on_stderr
from deploy.embedded.jars import Progress
from deploy.log_file import LogFile
from deploy.migrating import bring_up_to_date
from deploy.runtime import DemoAccount, DemoSource, RunningService, Runtime
from deploy.sealing import seal_until_stopped
from deploy.service_settings import settings_of_service
from deploy.supervisor.environment import to_environment
from deploy.supervisor.service import Command, Service, ServiceFailedError, service_command
from shared.database.logins import login_folder, make_passwords
from shared.settings import Settings
from shared.stream.access import account_names, ensure_access, file_of
from shared.stream.topics import ensure_topics

SERVICES = ("publisher", "intake", "stats", "corrections")
READY_TIMEOUT_S = 60.0
PROBE_INTERVAL_S = 0.1
LAST_SEAL_TIMEOUT_S = 10.0


async def prepare_stores(settings: Settings) -> None:
    """Migrate the database's schemas, its logins included, and create missing topics."""
    passwords = make_passwords(settings.database_logins) if settings.database_logins else {}
    await asyncio.gather(bring_up_to_date(settings, passwords), _prepare_broker(settings))


async def _prepare_broker(settings: Settings) -> None:
    await ensure_topics(settings)
    if settings.kafka_accounts is not None:
        passwords = make_passwords(settings.kafka_accounts, account_names(), file_of)
        await ensure_access(settings, passwords, anonymous=settings.kafka_loopback_listener)


class Supervisor:
    """Runs the engines and services of one state directory, as an async context manager.

    Inside, the engines accept requests and the services have been started; `wait_ready()` waits for these. What dies is
    restarted with exponential back-off. `settings` then have the addresses filled in.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        services: Sequence[str] = SERVICES,
        command: Command = service_command,
        prepare: Callable[[Settings], Awaitable[None]] = prepare_stores,
        notify: Notify = notify_on_stderr,
        progress: Progress = ignore_progress,
    ) -> None:
        self.settings = settings
        self.engines = Engines.from_settings(settings, notify=notify, progress=progress)
        self._names = services
        self._command = command
        self._prepare = prepare
        self._notify = notify
        self._home = settings.home.absolute()
        self._services: dict[str, Service] = {}
        self._engine_task: asyncio.Task[None] | None = None
        self._seal_task: asyncio.Task[None] | None = None
        self._seal_stop = asyncio.Event()
        self._runtime: Runtime | None = None

    @property
    def urls(self) -> dict[str, str]:
        """Base URL of each service."""
        return {name: service.url for name, service in self._services.items()}

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        await self.stop()

    async def start(self) -> None:
        """Start everything; the services may not be ready yet."""
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise

    async def wait_ready(self, timeout_s: float = READY_TIMEOUT_S) -> None:
        """Return when every service is ready. Raises `ServiceFailedError` with the end of the log of one that is not."""
        deadline = monotonic() + timeout_s
        pending = list(self._services.values())
        while pending:
            ready = await asyncio.gather(*(service.poll_ready() for service in pending))
            pending = [service for service, is_ready in zip(pending, ready, strict=True) if not is_ready]
            if pending and monotonic() > deadline:
                late = pending[0]
                raise ServiceFailedError(
                    f"{late.name} was not ready in {timeout_s:.0f} s; the end of {late.log.path}:\n{late.log.tail()}"
                )
            await asyncio.sleep(PROBE_INTERVAL_S if pending else 0)

    def watch_signals(self) -> asyncio.Event:
        """Return an event that SIGINT or SIGTERM sets from now on; a second one, while stopping, kills the services."""
        stop_requested = asyncio.Event()

        def on_signal() -> None:
            if stop_requested.is_set():
                for name in self._services:
                    self.kill(name)
            stop_requested.set()

        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, on_signal)
        return stop_requested

    async def stop(self) -> None:
        """Stop the services, then the engines."""
        grace = self.settings.stop_timeout_s
        await asyncio.gather(*(service.stop(grace) for service in self._services.values()))
        self._seal_stop.set()
        if self._seal_task is not None:
            await asyncio.wait([self._seal_task], timeout=LAST_SEAL_TIMEOUT_S)
        for task in (self._seal_task, self._engine_task):
            if task is not None:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        if self._runtime is not None:
            runtime.remove(self._home)
        await self.engines.stop()

    def pid(self, name: str) -> int:
        """Return the service's current process id; 0 while it is being restarted."""
        return self._services[name].pid

    def kill(self, name: str) -> None:
        """SIGKILL a service; it is restarted."""
        self._services[name].signal(signal.SIGKILL)

    def pause(self, name: str) -> None:
        """SIGSTOP a service: its process exists and does nothing until resume()."""
        self._services[name].signal(signal.SIGSTOP)

    def resume(self, name: str) -> None:
        """SIGCONT a service."""
        self._services[name].signal(signal.SIGCONT)

    def set_reader_key(self, key: str) -> None:
        """Write the key that reads figures of stats to the state file."""
        if self._runtime is not None:
            self._runtime = self._runtime.model_copy(update={"reader_key": key})
            self._write_runtime()

    def set_demo_access(self, *, accounts: Sequence[DemoAccount] = (), source: DemoSource | None = None) -> None:
        """Write the demo's accounts and source to the state file."""
        if self._runtime is not None:
            self._runtime = self._runtime.model_copy(update={"accounts": list(accounts), "source": source})
            self._write_runtime()

    async def _start(self) -> None:
        await self.engines.start()
        (self._home / "logs").mkdir(parents=True, exist_ok=True)
        self._bind_services()
        self.settings = self._with_addresses()
        await self._prepare(self.settings)
        self._runtime = Runtime(
            pid=os.getpid(),
            kafka_bootstrap_servers=self.engines.kafka_bootstrap_servers,
            kafka=runtime.kafka_access(self.settings),
            kafka_accounts=self.settings.kafka_accounts,
            database_logins=self.settings.database_logins,
            database_url=self.engines.database_url,
        )
        for name, service in self._services.items():
            service.start(to_environment(settings_of_service(self.settings, name)), self._write_runtime)
        self._engine_task = asyncio.create_task(self.engines.supervise())
        # In this process, not in a service: none of them holds the key.
        self._seal_task = asyncio.create_task(seal_until_stopped(self.settings, self._seal_stop, self._notify))

    def _bind_services(self) -> None:
        for name in self._names:
            port = getattr(self.settings, f"{name}_port")
            log = LogFile(self._home / "logs" / f"{name}.log")
            self._services[name] = Service(name, self.settings.host, port, log, command=self._command, notify=self._notify)

    def _with_addresses(self) -> Settings:
        ports = {f"{name}_port": service.port for name, service in self._services.items()}
        return self.engines.sign_in(self.settings).model_copy(
            update={
                "database_url": SecretStr(self.engines.database_url),
                "database_logins": self._database_logins(),
                "kafka_accounts": self._kafka_accounts(),
                "home": self._home,
                **ports,
            }
        )

    def _database_logins(self) -> Path | None:
        """Return the folder of passwords; an external database has logins of its own making unless a folder is configured."""
        folder = self.settings.database_logins
        return folder or login_folder(self._home) if self.engines.postgres else folder

    def _kafka_accounts(self) -> Path | None:
        """Return the folder of passwords of the broker's accounts, in the same way."""
        folder = self.settings.kafka_accounts
        return folder or login_folder(self._home) if self.engines.kafka else folder

    def _write_runtime(self) -> None:
        if self._runtime is not None:
            services = {name: RunningService(url=service.url, pid=service.pid) for name, service in self._services.items()}
            self._runtime = self._runtime.model_copy(update={"services": services})
            runtime.write(self._home, self._runtime)
