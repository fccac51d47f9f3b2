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
from deploy.log_file import LogFile
from shared.errors import GongshiError

GUARD = Path(__file__).with_name("guard.py")
PROBE_INTERVAL_S = 0.05  # an engine is ready in 0.5 to 2 s


class EngineError(GongshiError):
    """An embedded engine did not start or stop as it should."""


@dataclass(frozen=True)
class StopPolicy:
    """How an engine is stopped: by `stop_signal`, after `grace_s` seconds or when the guard dies by `kill_signal`."""

    stop_signal: signal.Signals
    kill_signal: signal.Signals
    grace_s: float


class GuardedProcess:
    """An engine that ends when this object is stopped or this Python process ends, for whatever reason."""

    def __init__(self, guard: asyncio.subprocess.Process, lifeline: asyncio.StreamWriter, pid: int, log: LogFile) -> None:
        self._guard = guard
        self._lifeline = lifeline
        self.pid = pid
        self.log = log

    @classmethod
    async def start(
        cls,
        command: Sequence[str | Path],
        *,
        stop_policy: StopPolicy,
        log: LogFile,
        environment: Mapping[str, str],
        account: Account | None = None,
        inherited_fds: Sequence[int] = (),
    ) -> "GuardedProcess":
        """Start the command; its output goes to `log`.

        inherited_fds: open lock files that the guard holds until the engine ends.
        """
        with log.open() as output:
            guard = await asyncio.create_subprocess_exec(
                *_guard_command(stop_policy, account),
                *map(str, command),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=output,
                env=dict(environment),
                cwd="/",
                pass_fds=tuple(inherited_fds),
                start_new_session=True,  # Ctrl-C is for the supervisor, which stops things in order.
            )
        if guard.stdin is None or guard.stdout is None or not (line := await guard.stdout.readline()):
            raise EngineError(f"{command[0]} could not be started:\n{log.tail()}")
        return cls(guard, guard.stdin, int(line), log)

    @property
    def is_alive(self) -> bool:
        """Whether the engine runs."""
        return self._guard.returncode is None

    async def wait(self) -> int:
        """Return the exit code when the engine has ended."""
        return await self._guard.wait()

    async def stop(self) -> None:
        """Shut it down cleanly, and return when it has ended."""
        self._lifeline.close()
        await self._guard.wait()

    async def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """End it by a signal, and return when it has ended."""
        self.signal(number)
        await self._guard.wait()

    def signal(self, number: signal.Signals) -> None:
        """Send the engine a signal; no-op if it has ended."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    async def wait_ready(self, probe: Callable[[], Awaitable[bool]], timeout_s: float) -> None:
        """Return when the probe is true. Raises `EngineError` with the end of the log if the engine ends or time is up."""
        deadline = monotonic() + timeout_s
        while not await probe():
            if not self.is_alive:
                raise EngineError(f"it ended while starting; the end of {self.log.path}:\n{self.log.tail()}")
            if monotonic() > deadline:
                raise EngineError(f"it was not ready in {timeout_s:.0f} s; the end of {self.log.path}:\n{self.log.tail()}")
            await asyncio.sleep(PROBE_INTERVAL_S)


def _guard_command(stop_policy: StopPolicy, account: Account | None) -> list[str]:
    command = [sys.executable, "-I", "-S", str(GUARD)]
    command += [
        f"--stop-signal={stop_policy.stop_signal.value}",
        f"--kill-signal={stop_policy.kill_signal.value}",
        f"--grace={stop_policy.grace_s}",
    ]
    if account is not None:
        command += [f"--uid={account.uid}", f"--gid={account.gid}", *(["--dac-override"] if account.needs_dac_override else [])]
    return [*command, "--"]
