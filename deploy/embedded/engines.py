"""Kafka and PostgreSQL together, in one state directory."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.embedded.home import Home
from deploy.embedded.jars import Progress, class_path
from deploy.embedded.kafka import Kafka
from deploy.embedded.postgres import Postgres

# Not 9092 and 5432: a machine that runs gongshi for a try may have its own broker or database there.
KAFKA_PORT = 19092
POSTGRES_PORT = 15432

Say = Callable[[str], None]
"""Takes one sentence for the person at the terminal."""


def say_on_stderr(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


def no_progress(_done: int, _all: int) -> None:
    """Shows nothing."""


class Engines:
    """The broker and the database, embedded or given.

    Used as an async context manager: inside, both answer; after it, both are stopped. What the environment names by
    KAFKA_BOOTSTRAP_SERVERS or DATABASE_URL is used as it is and neither started nor stopped.

    home: the state directory. cache: where Kafka's jars are kept for all state directories. The ports are the first
    ones tried, 0 for any. kafka_bootstrap_servers, database_url: what to use instead of an embedded engine.
    """

    def __init__(
        self,
        home: Path,
        *,
        cache: Path | None = None,
        kafka_port: int = KAFKA_PORT,
        postgres_port: int = POSTGRES_PORT,
        kafka_bootstrap_servers: str | None = None,
        database_url: str | None = None,
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
    def from_environment(cls, home: Path, *, say: Say = say_on_stderr, progress: Progress = no_progress) -> Self:
        """With what KAFKA_BOOTSTRAP_SERVERS, DATABASE_URL and GONGSHI_{CACHE,KAFKA_PORT,POSTGRES_PORT} say."""
        return cls(
            home,
            kafka_port=int(os.environ.get("GONGSHI_KAFKA_PORT", KAFKA_PORT)),
            postgres_port=int(os.environ.get("GONGSHI_POSTGRES_PORT", POSTGRES_PORT)),
            kafka_bootstrap_servers=os.environ.get("KAFKA_BOOTSTRAP_SERVERS"),
            database_url=os.environ.get("DATABASE_URL"),
            say=say,
            progress=progress,
        )

    @property
    def kafka_bootstrap_servers(self) -> str:
        return self._given[0] or self._embedded_kafka().bootstrap_servers

    @property
    def database_url(self) -> str:
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
        """kill -9; it stays away until restart_kafka()."""
        await self._embedded_kafka().kill()

    async def kill_postgres(self) -> None:
        """kill -9 of the postmaster; it stays away until restart_postgres()."""
        await self._embedded_postgres().kill()

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
        self.kafka = Kafka(self._home.path, jars, self._ports[0], hold)
        await self.kafka.start()
        self._tell_port("Kafka", self._ports[0], self.kafka.port)

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
    return Path(os.environ.get("GONGSHI_CACHE", "~/.cache/gongshi")).expanduser()
