"""One service under supervision: its socket, its process, its log."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from deploy.backoff import BackOff
from deploy.embedded.engines import Say
from deploy.embedded.process import last_lines, rotate
from deploy.listening import bound_near
from deploy.supervisor.probe import is_ready
from shared.errors import GongshiError
from shared.waiting import until_set

STOP_MARGIN_S = 10.0  # above what the service gives its batch in flight
EARLY_DEATHS = 3  # so many before it was ever ready: waiting longer is no use

Command = Callable[[str, int], Sequence[str]]
"""Makes the command line of a service from its name and the number of the socket it shall listen on."""


class ServiceFailedError(GongshiError):
    """A service did not become ready."""


def service_command(name: str, listener: int) -> list[str]:
    """Return the command that runs one service on an inherited socket and lets it die with this process."""
    command = [sys.executable, "-m", "deploy.serving", name]
    return [*command, f"--listen-fd={listener}", f"--parent={os.getpid()}"]


class Service:
    """A service that is started again when it dies, on the same address."""

    def __init__(self, name: str, host: str, wanted_port: int, log: Path, *, command: Command, say: Say) -> None:
        self.name = name
        self.log = log
        self._command = command
        self._say = say
        self._socket = bound_near(host, wanted_port)
        self.host, self.port = self._socket.getsockname()[:2]
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self._deaths = 0
        if wanted_port not in {0, self.port}:
            say(f"Port {wanted_port} is taken by another program: {name} listens on {self.port} instead.")

    @property
    def url(self) -> str:
        """Where it answers."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def pid(self) -> int:
        """Its process; 0 while there is none."""
        return self._process.pid if self._process is not None and self._process.returncode is None else 0

    def start(self, environment: Mapping[str, str], started: Callable[[], None]) -> None:
        """Start it, and again whenever it dies, until stop(). started: called after each start."""
        self._keeper = asyncio.create_task(self._keep(environment, started))

    async def ready(self) -> bool:
        """Whether it is ready. Raises ServiceFailedError when it keeps dying before that."""
        if self.pid and await is_ready(self.host, self.port):
            self._deaths = 0
            return True
        if self._deaths >= EARLY_DEATHS:
            raise ServiceFailedError(f"{self.name} dies at its start; the end of {self.log}:\n{last_lines(self.log)}")
        return False

    def signal(self, number: signal.Signals) -> None:
        """Send its process a signal; nothing while there is none."""
        if self.pid:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    async def stop(self, grace_s: float) -> None:
        """End it and keep it away: asked first, killed after the grace."""
        self._stopping.set()
        self._ask_to_end()
        if self._keeper is not None:
            _, late = await asyncio.wait([self._keeper], timeout=grace_s + STOP_MARGIN_S)
            if late:
                self._say(f"{self.name} did not end in {grace_s + STOP_MARGIN_S:.0f} s and is killed.")
                self.signal(signal.SIGKILL)
            await self._keeper
        self._socket.close()

    def _ask_to_end(self) -> None:
        self.signal(signal.SIGTERM)
        self.signal(signal.SIGCONT)  # if it was stopped by SIGSTOP, it could not end

    async def _keep(self, environment: Mapping[str, str], started: Callable[[], None]) -> None:
        pauses = BackOff()
        while not self._stopping.is_set():
            self._process = await self._start(environment)
            started()
            if self._stopping.is_set():
                self._ask_to_end()
            code = await self._process.wait()
            if not self._stopping.is_set():
                self._deaths += 1
                pause = pauses.next()
                self._say(f"{self.name} ended with {_told(code)}; starting it again in {pause:.1f} s. Its log: {self.log}")
                await until_set(self._stopping, pause)

    async def _start(self, environment: Mapping[str, str]) -> asyncio.subprocess.Process:
        rotate(self.log)
        with self.log.open("ab") as output:
            return await asyncio.create_subprocess_exec(
                *self._command(self.name, self._socket.fileno()),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=dict(environment),
                pass_fds=(self._socket.fileno(),),
                start_new_session=True,  # Ctrl-C is for the supervisor, which stops things in order.
            )


def _told(code: int) -> str:
    return f"exit code {code}" if code >= 0 else signal.Signals(-code).name
