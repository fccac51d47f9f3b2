"""The service's side of a worker process."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from typing import cast

import structlog

from shared.errors import PermanentError, TransientError
from shared.worker_process.frames import ANSWERED, HEAD, READY, to_frame

# The model takes a second on a busy machine, and no longer than this on any.
START_TIMEOUT_S = 60.0
log = structlog.get_logger(__name__)


class WorkerNotStarted(TransientError):
    """The worker process could not be started."""


class WorkerDied(TransientError):
    """The worker process ended, or had to be ended, before it answered."""


class WorkerRefused(PermanentError):
    """The worker failed on this request."""


class WorkerProcess:
    """One process of a program, started by the first request and ended when none came for `idle_s`; one request at a time."""

    def __init__(self, module: str, *, idle_s: float = 30.0, timeout_s: float = 30.0) -> None:
        self._command = (sys.executable, "-m", module)
        self._idle_s, self._timeout_s = idle_s, timeout_s
        self._process: Process | None = None
        self._turn = asyncio.Lock()
        self._idle: asyncio.TimerHandle | None = None

    @property
    def pid(self) -> int | None:
        """The process that runs now."""
        return self._process.pid if self._process else None

    async def ask(self, request: bytes) -> bytes:
        """Return the answer to a request.

        Raises `WorkerNotStarted`, `WorkerDied`, and `WorkerRefused` with the type of the worker's error.
        """
        async with self._turn:
            if self._idle is not None:
                self._idle.cancel()
            process = self._process or await self._start()
            try:
                async with asyncio.timeout(self._timeout_s):
                    status, answer = await _exchange(process, request)
            except (EOFError, OSError) as error:
                await self.close()
                log.warning("worker_died", module=self._command[-1], error=type(error).__name__)
                raise WorkerDied from error
            except BaseException:
                # The answer that is still on its way would be taken for the next one's.
                await self.close()
                raise
            self._idle = asyncio.get_running_loop().call_later(self._idle_s, self._end_idle)
        if status != ANSWERED:
            raise WorkerRefused(answer.decode())
        return answer

    async def close(self) -> None:
        """End the process, if one runs."""
        process, self._process = self._process, None
        if self._idle is not None:
            self._idle.cancel()
        if process is None:
            return
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()

    async def _start(self) -> Process:
        process = self._process = await asyncio.create_subprocess_exec(*self._command, stdin=PIPE, stdout=PIPE)
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                status, _ = await _read_frame(process)
        except (EOFError, OSError) as error:
            await self.close()
            raise WorkerNotStarted from error
        except BaseException:
            await self.close()
            raise
        if status != READY:
            await self.close()
            raise WorkerNotStarted
        log.info("worker_started", module=self._command[-1])
        return process

    def _end_idle(self) -> None:
        """Let the process end by itself: it has answered all that it was asked."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            self._process = None


async def _exchange(process: Process, request: bytes) -> tuple[int, bytes]:
    stdin = cast("asyncio.StreamWriter", process.stdin)
    stdin.write(to_frame(ANSWERED, request))
    await stdin.drain()
    return await _read_frame(process)


async def _read_frame(process: Process) -> tuple[int, bytes]:
    stdout = cast("asyncio.StreamReader", process.stdout)
    status, length = HEAD.unpack(await stdout.readexactly(HEAD.size))
    return status, await stdout.readexactly(length)
