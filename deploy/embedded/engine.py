"""Base class of the broker and the database: a guarded process, a port, a start that is retried."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from pathlib import Path
from signal import SIGKILL, Signals
from typing import ClassVar

from deploy.embedded.ports import PortReservation, reserve_port
from deploy.embedded.process import EngineError, GuardedProcess
from deploy.log_file import LogFile

START_TRIES = 5  # a program that knows no reservations may take the port between the probe and the start
RETRY_PAUSE_S = 0.5


class Engine(ABC):
    """One engine of one state directory. It reuses existing data, and keeps its port over restarts.

    home: the state directory. preferred_port: the first one tried; 0 lets the kernel choose. inherited_fds: see
    GuardedProcess.
    """

    name: ClassVar[str]
    """Display name; in lower case also its folder in the state directory and its log."""
    ready_within_s: ClassVar[float]
    port_in_use_messages: ClassVar[tuple[str, ...]]
    """Log messages that mean that its port is in use: the next port is tried."""
    transient_messages: ClassVar[tuple[str, ...]] = ()
    """Log messages that mean that a start a moment later may succeed."""
    immediate_signal: ClassVar[Signals] = SIGKILL
    """The signal that ends it without a clean shutdown."""

    def __init__(self, home: Path, preferred_port: int, inherited_fds: tuple[int, ...] = ()) -> None:
        self.log = LogFile(home / "logs" / f"{self.name.lower()}.log")
        self.port = 0
        self._reservation: PortReservation | None = None
        self._is_port_published = False  # clients know it from the first start on: it must not change
        self._folder = home / self.name.lower()
        self._preferred_port = preferred_port
        self._inherited_fds = inherited_fds
        self._process: GuardedProcess | None = None
        self._lock = asyncio.Lock()

    @property
    def process(self) -> GuardedProcess:
        """The engine's process. Raises `EngineError` before start()."""
        if self._process is None:
            raise EngineError(f"{self.name} has not been started")
        return self._process

    @property
    def is_alive(self) -> bool:
        """Whether its process runs."""
        return self._process is not None and self._process.is_alive

    async def start(self) -> None:
        """Return when it accepts requests; no-op if it runs already."""
        async with self._lock:
            if not self.is_alive:
                await self._start()

    async def stop(self, *, immediate: bool = False) -> None:
        """Stop it if it runs; immediate: without a clean shutdown, as in a crash."""
        async with self._lock:
            if self._process is not None:
                if immediate:
                    await self._process.kill(self.immediate_signal)
                await self._process.stop()

    async def close(self) -> None:
        """Stop it if it runs, and give its port up."""
        await self.stop()
        self._release_port()

    async def kill(self) -> None:
        """SIGKILL, as in a crash."""
        await self.process.kill()

    async def _start(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        for _ in range(START_TRIES):
            self._reserve_port()
            try:
                self._process = await self._launch()
                await self._wait_ready(self._process)
            except EngineError as error:
                if not any(words in str(error) for words in (*self.port_in_use_messages, *self.transient_messages)):
                    raise EngineError(f"{self.name} did not start: {error}") from error
                if not self._is_port_published:
                    self._release_port()
                await asyncio.sleep(RETRY_PAUSE_S)
            else:
                self._is_port_published = True
                return
        raise EngineError(f"{self.name} did not start in {START_TRIES} tries; the end of {self.log.path}:\n{self.log.tail()}")

    def _reserve_port(self) -> None:
        if self._reservation is None:
            self._reservation = reserve_port(self._preferred_port)
            self.port = self._reservation.port

    def _release_port(self) -> None:
        if self._reservation is not None:
            self._reservation.release()
            self._reservation = None

    async def _wait_ready(self, process: GuardedProcess) -> None:
        try:
            await process.wait_ready(self._is_ready, self.ready_within_s)
        except BaseException:
            await process.stop()
            raise

    @abstractmethod
    async def _launch(self) -> GuardedProcess:
        """Create its data directory if there is none, and start its process."""

    @abstractmethod
    async def _is_ready(self) -> bool:
        """Whether it accepts its clients' requests: this very process, not another system's engine on the same port."""
