"""One service under supervision: its socket, its process, its log."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from deploy.backoff import BackOff
from deploy.embedded.engines import Notify
from deploy.log_file import LogFile
from deploy.sockets import bind_listener_near
from deploy.supervisor.probe import is_ready
from shared.errors import GongshiError
from shared.waiting import wait_set

STOP_MARGIN_S = 10.0  # added to the time that the service has for its batch in flight
MAX_EARLY_EXITS = 3  # before it was ever ready: further restarts are futile

Command = Callable[[str, int], Sequence[str]]
"""Returns the command line of a service, given its name and the file descriptor of its listening socket."""


class ServiceFailedError(GongshiError):
    """A service did not become ready."""


def service_command(name: str, listen_fd: int) -> list[str]:
    """Return the command that runs a service on an inherited socket and ends with this process."""
    command = [sys.executable, "-m", "deploy.serving", name]
    return [*command, f"--listen-fd={listen_fd}", f"--parent={os.getpid()}"]


class Service:
    """A service that is restarted on the same address when it dies."""

    def __init__(self, name: str, host: str, preferred_port: int, log: LogFile, *, command: Command, notify: Notify) -> None:
        self.name = name
        self.log = log
        self._command = command
        self._notify = notify
        self._socket = bind_listener_near(host, preferred_port)
        self.host, self.port = self._socket.getsockname()[:2]
        self._process: asyncio.subprocess.Process | None = None
        self._run_task: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self._early_exits = 0
        if preferred_port not in {0, self.port}:
            notify(f"Port {preferred_port} is in use by another program: {name} listens on {self.port} instead.")

    @property
    def url(self) -> str:
        """Its base URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def pid(self) -> int:
        """Its process id; 0 while there is no process."""
        return self._process.pid if self._process is not None and self._process.returncode is None else 0

    def start(self, environment: Mapping[str, str], on_start: Callable[[], None]) -> None:
        """Run it, restarted whenever it dies, until stop(). on_start: called after each start."""
        self._run_task = asyncio.create_task(self._run_forever(environment, on_start))

    async def poll_ready(self) -> bool:
        """Whether it is ready. Raises `ServiceFailedError` when it keeps dying before that."""
        if self.pid and await is_ready(self.host, self.port):
            self._early_exits = 0
            return True
        if self._early_exits >= MAX_EARLY_EXITS:
            raise ServiceFailedError(f"{self.name} dies at its start; the end of {self.log.path}:\n{self.log.tail()}")
        return False

    def signal(self, number: signal.Signals) -> None:
        """Send its process a signal; no-op while there is none."""
        if self.pid:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    async def stop(self, grace_s: float) -> None:
        """Stop it for good: SIGTERM, then SIGKILL after the grace period."""
        self._stopping.set()
        self._request_stop()
        if self._run_task is not None:
            _, late = await asyncio.wait([self._run_task], timeout=grace_s + STOP_MARGIN_S)
            if late:
                self._notify(f"{self.name} did not stop in {grace_s + STOP_MARGIN_S:.0f} s and is killed.")
                self.signal(signal.SIGKILL)
            await self._run_task
        self._socket.close()

    def _request_stop(self) -> None:
        self.signal(signal.SIGTERM)
        self.signal(signal.SIGCONT)  # a process stopped by SIGSTOP cannot end

    async def _run_forever(self, environment: Mapping[str, str], on_start: Callable[[], None]) -> None:
        pauses = BackOff()
        while not self._stopping.is_set():
            self._process = await self._start(environment)
            on_start()
            if self._stopping.is_set():
                self._request_stop()
            code = await self._process.wait()
            if not self._stopping.is_set():
                self._early_exits += 1
                pause = pauses.next()
                self._notify(
                    f"{self.name} ended with {describe_exit(code)}; restarting it in {pause:.1f} s. Its log: {self.log.path}"
                )
                await wait_set(self._stopping, pause)

    async def _start(self, environment: Mapping[str, str]) -> asyncio.subprocess.Process:
        with self.log.open() as output:
            return await asyncio.create_subprocess_exec(
                *self._command(self.name, self._socket.fileno()),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=dict(environment),
                pass_fds=(self._socket.fileno(),),
                start_new_session=True,  # Ctrl-C reaches the supervisor only, which stops everything in order.
            )


def describe_exit(code: int) -> str:
    """Return the exit code, or the name of the signal, in words."""
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name
