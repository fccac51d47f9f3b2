"""Kafka and PostgreSQL together, in one state directory."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.backoff import BackOff
from deploy.embedded import warm
from deploy.embedded.engine import Engine
from deploy.embedded.home import Home
from deploy.embedded.jars import Progress, class_path
from deploy.embedded.kafka import Kafka
from deploy.embedded.postgres import Postgres
from deploy.embedded.process import EngineError
from shared.settings import Settings

Say = Callable[[str], None]
"""Takes one sentence for the person at the terminal."""


def say_on_stderr(sentence: str) -> None:
    """Keep standard output for results."""
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()


def no_progress(_done: int, _all: int) -> None:
    """Shows nothing."""


class Engines:
    """The broker and the database, embedded or given.

    Used as an async context manager: inside, both answer; after it, both are stopped. An engine whose address is
    given (KAFKA_BOOTSTRAP_SERVERS, DATABASE_URL) is used as it is and neither started nor stopped.

    home: the state directory. cache: where Kafka's jars are kept for all state directories. The ports are the first
    ones tried, 0 for any.
    """

    def __init__(
        self,
        home: Path,
        *,
        cache: Path | None = None,
        kafka_port: int = 0,
        postgres_port: int = 0,
        kafka_bootstrap_servers: str = "",
        database_url: str = "",
        say: Say = say_on_stderr,
        progress: Progress = no_progress,
    ) -> None:
        self.kafka: Kafka | None = None
        self.postgres: Postgres | None = None
        self._home = Home(home)
        self._cache = cache or default_cache()
        self._ports = (kafka_port, postgres_port)
        self._given = (kafka_bootstrap_servers, database_url)
        self._say = say
        self._progress = progress

    @classmethod
    def from_settings(cls, settings: Settings, *, say: Say = say_on_stderr, progress: Progress = no_progress) -> Self:
        """Make those of the settings: the given addresses, else embedded engines in `home`."""
        return cls(
            settings.home,
            cache=settings.cache,
            kafka_port=settings.kafka_port,
            postgres_port=settings.postgres_port,
            kafka_bootstrap_servers=settings.kafka_bootstrap_servers,
            database_url=settings.database_url.get_secret_value(),
            say=say,
            progress=progress,
        )

    @property
    def kafka_bootstrap_servers(self) -> str:
        """Host and port of the broker in use."""
        return self._given[0] or self._embedded_kafka().bootstrap_servers

    @property
    def database_url(self) -> str:
        """URL of the database in use, password included."""
        return self._given[1] or self._embedded_postgres().url

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        await self.stop()

    async def start(self) -> None:
        """Raises StateInUseError if another process runs its engines in the same directory."""
        hold = (await self._home.hold(),)
        try:
            await self._start_all(hold)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop what was started, at the same time, and leave the state directory to others."""
        started = [engine.stop() for engine in (self.kafka, self.postgres) if engine is not None]
        await asyncio.gather(*started)
        self._home.release()

    async def restart_kafka(self) -> None:
        """Start it again on its data and port, after a stop if it runs."""
        await self._embedded_kafka().stop()
        await self._embedded_kafka().start()

    async def restart_postgres(self, *, immediate: bool = False) -> None:
        """Start it again on its data and port; immediate: stopped as in a crash."""
        await self._embedded_postgres().stop(immediate=immediate)
        await self._embedded_postgres().start()

    async def kill_kafka(self) -> None:
        """Kill it by SIGKILL; it stays away until restart_kafka(), or keep() starts it again."""
        await self._embedded_kafka().kill()

    async def kill_postgres(self) -> None:
        """Kill the postmaster by SIGKILL; it stays away until restart_postgres(), or keep() starts it again."""
        await self._embedded_postgres().kill()

    async def keep(self) -> None:
        """Start an engine that dies again, until cancelled."""
        await asyncio.gather(*(self._keep(engine) for engine in (self.kafka, self.postgres) if engine is not None))

    async def _keep(self, engine: Engine) -> None:
        pauses = BackOff()
        while True:
            await engine.process.wait()
            # A restart on purpose ends the process, too: then it runs again when the pause is over.
            await asyncio.sleep(pauses.next())
            if not engine.alive:
                self._say(f"{engine.name} has died; starting it again. Its log: {engine.log}")
                try:
                    await engine.start()
                except EngineError as error:
                    self._say(str(error))

    async def _start_all(self, hold: tuple[int, ...]) -> None:
        starts: list[Awaitable[None]] = []
        if not self._given[0]:
            starts.append(self._start_kafka(hold))
        if not self._given[1]:
            starts.append(self._start_postgres(hold))
        for outcome in await asyncio.gather(*starts, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome

    async def _start_kafka(self, hold: tuple[int, ...]) -> None:
        jars = await asyncio.to_thread(class_path, self._cache, self._progress)
        learnt = warm.cache_file(self._cache, jars)
        if not learnt.exists():
            await self._train(learnt, jars)
        self.kafka = Kafka(self._home.path, jars, self._ports[0], hold, java_options=warm.use(learnt))
        await self.kafka.start()
        self._tell_port("Kafka", self._ports[0], self.kafka.port)

    async def _train(self, learnt: Path, jars: list[Path]) -> None:
        with warm.alone(self._cache) as first:
            if first:
                self._say("Preparing Kafka once, so that later starts are quick (about 15 seconds).")
                await warm.train(learnt, jars)

    async def _start_postgres(self, hold: tuple[int, ...]) -> None:
        self.postgres = Postgres(self._home.path, self._ports[1], hold)
        await self.postgres.start()
        self._tell_port("PostgreSQL", self._ports[1], self.postgres.port)

    def _tell_port(self, name: str, wanted: int, got: int) -> None:
        if wanted not in {0, got}:
            self._say(f"Port {wanted} is taken by another program: {name} listens on {got} instead.")

    def _embedded_kafka(self) -> Kafka:
        if self.kafka is None:
            raise RuntimeError("there is no embedded Kafka: it was not started, or KAFKA_BOOTSTRAP_SERVERS names another")
        return self.kafka

    def _embedded_postgres(self) -> Postgres:
        if self.postgres is None:
            raise RuntimeError("there is no embedded PostgreSQL: it was not started, or DATABASE_URL names another")
        return self.postgres


def default_cache() -> Path:
    """GONGSHI_CACHE, or a folder in the user's cache directory."""
    return Path(os.environ.get("GONGSHI_CACHE", "~/.cache/gongshi")).expanduser()
