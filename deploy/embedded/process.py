"""One engine process behind its guard."""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from deploy.embedded.account import Account
from shared.errors import GongshiError

GUARD = Path(__file__).with_name("guard.py")
LOG_LIMIT = 16 * 1024 * 1024  # bytes; one older file is kept
PROBE_INTERVAL = 0.05  # seconds; an engine is ready in 0.5 to 2 s


class EngineError(GongshiError):
    """An embedded engine did not start or stop as it should."""


@dataclass(frozen=True)
class Ending:
    """How an engine is ended: asked by `ask`, after `grace` seconds by `force`; `force` also when its guard dies."""

    ask: signal.Signals
    force: signal.Signals
    grace: float


class GuardedProcess:
    """An engine that ends when this object is stopped and when this Python process ends, in whatever way."""

    def __init__(self, guard: asyncio.subprocess.Process, lifeline: asyncio.StreamWriter, pid: int, log: Path) -> None:
        self._guard = guard
        self._lifeline = lifeline
        self.pid = pid
        self.log = log

    @classmethod
    async def start(
        cls,
        command: Sequence[str | Path],
        *,
        ending: Ending,
        log: Path,
        environment: Mapping[str, str],
        account: Account | None = None,
        hold: Sequence[int] = (),
    ) -> "GuardedProcess":
        """Start command; its output goes to log. hold: open files (locks) that the guard keeps until the engine is gone."""
        rotate(log)
        with log.open("ab") as output:
            guard = await asyncio.create_subprocess_exec(
                *_guard_command(ending, account),
                *map(str, command),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=output,
                env=dict(environment),
                cwd="/",
                pass_fds=tuple(hold),
                start_new_session=True,  # Ctrl-C is for the supervisor, which stops things in order.
            )
        if guard.stdin is None or guard.stdout is None or not (line := await guard.stdout.readline()):
            raise EngineError(f"{command[0]} could not be started:\n{last_lines(log)}")
        return cls(guard, guard.stdin, int(line), log)

    @property
    def alive(self) -> bool:
        """Whether the engine runs."""
        return self._guard.returncode is None

    async def wait(self) -> int:
        """The exit code, when the engine has ended."""
        return await self._guard.wait()

    async def stop(self) -> None:
        """End it well, and return when it is gone."""
        self._lifeline.close()
        await self._guard.wait()

    async def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """End it at once by a signal, and return when it is gone."""
        self.signal(number)
        await self._guard.wait()

    def signal(self, number: signal.Signals) -> None:
        """Send the engine a signal; nothing if it is gone."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    async def until_ready(self, probe: Callable[[], Awaitable[bool]], seconds: float) -> None:
        """Return when probe says yes; raise with the end of the log if the engine ends first or after so many seconds."""
        deadline = monotonic() + seconds
        while not await probe():
            if not self.alive:
                raise EngineError(f"it ended while starting; the end of {self.log}:\n{last_lines(self.log)}")
            if monotonic() > deadline:
                raise EngineError(f"it was not ready in {seconds:.0f} s; the end of {self.log}:\n{last_lines(self.log)}")
            await asyncio.sleep(PROBE_INTERVAL)


def _guard_command(ending: Ending, account: Account | None) -> list[str]:
    command = [sys.executable, "-I", "-S", str(GUARD)]
    command += [f"--stop-signal={ending.ask.value}", f"--last-signal={ending.force.value}", f"--grace={ending.grace}"]
    if account is not None:
        command += [f"--uid={account.uid}", f"--gid={account.gid}", *(["--reach"] if account.reach else [])]
    return [*command, "--"]


def rotate(log: Path) -> None:
    """Keep the log bounded: at the limit it becomes the older file, of which there is one."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_name(f"{log.name}.1"))


def last_lines(log: Path, count: int = 15) -> str:
    """The end of a log, for an error message."""
    if not log.exists():
        return "(nothing was written)"
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 16_384))
        text = file.read().decode("utf-8", "replace")
    return "\n".join(text.splitlines()[-count:]) or "(nothing was written)"
