"""What the broker and the database have in common: a guarded process, a port, a start that can be tried again."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from pathlib import Path
from signal import SIGKILL, Signals
from typing import ClassVar

from deploy.embedded.ports import free_port
from deploy.embedded.process import EngineError, GuardedProcess, last_lines

START_TRIES = 5  # a port may be taken by another process between the look and the start
PAUSE_S = 0.5  # before the next try


class Engine(ABC):
    """One engine of one state directory. Reuses the data that is there; started again, it keeps its port.

    home: the state directory. wanted_port: the first one tried; 0 lets the kernel choose. hold: see GuardedProcess.
    """

    name: ClassVar[str]
    """As people call it; in lower case also its folder in the state directory and its log."""
    ready_within_s: ClassVar[float]
    port_taken: ClassVar[tuple[str, ...]]
    """What it writes when its port is taken: the next one is tried."""
    passing: ClassVar[tuple[str, ...]] = ()
    """What it writes when it could start a moment later."""
    at_once: ClassVar[Signals] = SIGKILL
    """The signal that ends it without tidying up."""

    def __init__(self, home: Path, wanted_port: int, hold: tuple[int, ...] = ()) -> None:
        self.log = home / "logs" / f"{self.name.lower()}.log"
        self.port = 0
        self._port_is_known = False  # to clients: from the first start on it must not change
        self._folder = home / self.name.lower()
        self._wanted_port = wanted_port
        self._hold = hold
        self._process: GuardedProcess | None = None
        self._changing = asyncio.Lock()

    @property
    def process(self) -> GuardedProcess:
        """The engine's process; there is one from start() on."""
        if self._process is None:
            raise EngineError(f"{self.name} has not been started")
        return self._process

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        return self._process is not None and self._process.alive

    async def start(self) -> None:
        """Return when it answers; nothing if it runs already."""
        async with self._changing:
            if not self.alive:
                await self._start()

    async def stop(self, *, immediate: bool = False) -> None:
        """End it, if it runs; immediate: as in a crash, but with nothing left running."""
        async with self._changing:
            if self._process is not None:
                if immediate:
                    await self._process.kill(self.at_once)
                await self._process.stop()

    async def kill(self) -> None:
        """SIGKILL, as in a crash."""
        await self.process.kill()

    async def _start(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        for _ in range(START_TRIES):
            self.port = self.port or free_port(self._wanted_port)
            try:
                self._process = await self._launch()
                await self._until_ready(self._process)
            except EngineError as error:
                if not any(words in str(error) for words in (*self.port_taken, *self.passing)):
                    raise EngineError(f"{self.name} did not start: {error}") from error
                if not self._port_is_known:
                    self.port = 0
                await asyncio.sleep(PAUSE_S)
            else:
                self._port_is_known = True
                return
        raise EngineError(f"{self.name} did not start in {START_TRIES} tries; the end of {self.log}:\n{last_lines(self.log)}")

    async def _until_ready(self, process: GuardedProcess) -> None:
        try:
            await process.until_ready(self._answers, self.ready_within_s)
        except BaseException:
            await process.stop()
            raise

    @abstractmethod
    async def _launch(self) -> GuardedProcess:
        """Make its data if there is none, and start its process."""

    @abstractmethod
    async def _answers(self) -> bool:
        """Whether it does what its clients need."""
