"""Kafka and PostgreSQL together, in one state directory."""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from pydantic import SecretStr

from deploy.backoff import BackOff
from deploy.embedded import aot_cache
from deploy.embedded.engine import Engine
from deploy.embedded.jars import Progress, class_path
from deploy.embedded.kafka import SUPER_USER, Anonymous, Kafka
from deploy.embedded.postgres import NO_CHANGES, Postgres
from deploy.embedded.process import EngineError
from deploy.embedded.state_directory import StateDirectory
from shared.settings import Settings

Notify = Callable[[str], None]
"""Shows one sentence to the person at the terminal."""


def notify_on_stderr(sentence: str) -> None:
    """Write to standard error: standard output is for results."""
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()


def ignore_progress(_done: int, _all: int) -> None:
    """Ignore progress."""


TOPICS_LOST = (
    "Kafka's data is gone, the database's is there. The topics are made anew and read from their beginning. What was reported "
    "and not applied yet is lost: let the sources send it again, duplicates are harmless. Portals that read "
    "gongshi.publications find what is published from now on; /api/items has all of it. `gongshi positions show` tells "
    "whether a partition stands, and `gongshi verify all` whether everything is whole."
)
ROWS_LOST = (
    "The database's data is gone, Kafka's is there. Everything that the topics still hold is applied again from their "
    "beginning; accounts, keys of sources, reviews and releases are lost: restore the folder postgresql of a backup, or go on "
    "without them."
)


class Engines:
    """The broker and the database, embedded or external.

    An async context manager: inside, both accept requests; at the end both are stopped. An engine whose address is
    configured (KAFKA_BOOTSTRAP_SERVERS, DATABASE_URL) is external and is neither started nor stopped.

    home: the state directory. cache: Kafka's jars, shared by all state directories. The ports are the first
    ones tried, 0 for any. postgres_settings replace some of the embedded database's.
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
        postgres_settings: Mapping[str, str] = NO_CHANGES,
        kafka_anonymous: Anonymous = Anonymous.LIMITED,
        notify: Notify = notify_on_stderr,
        progress: Progress = ignore_progress,
    ) -> None:
        self.kafka: Kafka | None = None
        self.postgres: Postgres | None = None
        self._home = StateDirectory(home)
        self._cache = cache or default_cache()
        self._ports = (kafka_port, postgres_port)
        self._external = (kafka_bootstrap_servers, database_url)
        self._postgres_settings = postgres_settings
        self._kafka_anonymous = kafka_anonymous
        self._notify = notify
        self._progress = progress

    @classmethod
    def from_settings(
        cls, settings: Settings, *, notify: Notify = notify_on_stderr, progress: Progress = ignore_progress
    ) -> Self:
        """Return the engines of the settings: the configured addresses, otherwise embedded engines in `home`."""
        return cls(
            settings.home,
            cache=settings.cache,
            kafka_port=settings.kafka_port,
            postgres_port=settings.postgres_port,
            kafka_bootstrap_servers=settings.kafka_bootstrap_servers,
            database_url=settings.database_url.get_secret_value(),
            kafka_anonymous=Anonymous.LIMITED if settings.kafka_loopback_listener else Anonymous.NOBODY,
            notify=notify,
            progress=progress,
        )

    @property
    def home(self) -> Path:
        """The state directory."""
        return self._home.path

    @property
    def kafka_bootstrap_servers(self) -> str:
        """Host and port of the broker in use."""
        return self._external[0] or self._embedded_kafka().bootstrap_servers

    def sign_in(self, settings: Settings) -> Settings:
        """Return the settings with the broker's address, and with the super user's account of an embedded one."""
        if self._external[0]:
            return settings
        kafka = self._embedded_kafka()
        return settings.model_copy(
            update={
                "kafka_bootstrap_servers": kafka.account_servers,
                "kafka_security_protocol": "SASL_PLAINTEXT",
                "kafka_sasl_mechanism": "PLAIN",
                "kafka_sasl_username": SUPER_USER,
                "kafka_sasl_password": SecretStr(kafka.password),
                "kafka_sasl_password_file": None,
            }
        )

    @property
    def database_url(self) -> str:
        """URL of the database in use, password included."""
        return self._external[1] or self._embedded_postgres().url

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        await self.stop()

    async def start(self) -> None:
        """Raises StateInUseError if another process runs its engines in the same directory."""
        inherited_fds = (await self._home.lock(),)
        try:
            await self._start_all(inherited_fds)
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop the embedded engines in parallel, and unlock the state directory."""
        started = [engine.close() for engine in (self.kafka, self.postgres) if engine is not None]
        await asyncio.gather(*started)
        self._home.unlock()

    async def restart_kafka(self) -> None:
        """Restart it on its data and port."""
        await self._embedded_kafka().stop()
        await self._embedded_kafka().start()

    async def restart_postgres(self, *, immediate: bool = False) -> None:
        """Restart it on its data and port; immediate: stopped as in a crash."""
        await self._embedded_postgres().stop(immediate=immediate)
        await self._embedded_postgres().start()

    async def kill_kafka(self) -> None:
        """Kill it by SIGKILL; it stays down until restart_kafka() or supervise() starts it again."""
        await self._embedded_kafka().kill()

    async def kill_postgres(self) -> None:
        """Kill the postmaster by SIGKILL; it stays down until restart_postgres() or supervise() starts it again."""
        await self._embedded_postgres().kill()

    async def supervise(self) -> None:
        """Restart engines that die, until cancelled."""
        await asyncio.gather(*(self._supervise(engine) for engine in (self.kafka, self.postgres) if engine is not None))

    async def _supervise(self, engine: Engine) -> None:
        pauses = BackOff()
        while True:
            await engine.process.wait()
            # A requested restart ends the process, too: it runs again when the pause is over.
            await asyncio.sleep(pauses.next())
            if not engine.is_alive:
                self._notify(f"{engine.name} has died; starting it again. Its log: {engine.log.path}")
                try:
                    await engine.start()
                except EngineError as error:
                    self._notify(str(error))

    async def _start_all(self, inherited_fds: tuple[int, ...]) -> None:
        self._warn_of_lost_data()
        starts: list[Awaitable[None]] = []
        if not self._external[0]:
            starts.append(self._start_kafka(inherited_fds))
        if not self._external[1]:
            starts.append(self._start_postgres(inherited_fds))
        for outcome in await asyncio.gather(*starts, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome

    def _warn_of_lost_data(self) -> None:
        """Say what follows when one engine's data is there and the other's is not."""
        if any(self._external):
            return
        has_topics, has_rows = ((self._home.path / folder / "data").exists() for folder in ("kafka", "postgresql"))
        if has_rows and not has_topics:
            self._notify(TOPICS_LOST)
        elif has_topics and not has_rows:
            self._notify(ROWS_LOST)

    async def _start_kafka(self, inherited_fds: tuple[int, ...]) -> None:
        jars = await asyncio.to_thread(class_path, self._cache, self._progress)
        cached_classes = aot_cache.cache_file(self._cache, jars)
        if not cached_classes.exists():
            await self._train(cached_classes, jars)
        self.kafka = Kafka(
            self._home.path,
            jars,
            self._ports[0],
            inherited_fds,
            anonymous=self._kafka_anonymous,
            java_options=aot_cache.cache_option(cached_classes),
        )
        await self.kafka.start()
        self._report_port("Kafka", self._ports[0], self.kafka.port)

    async def _train(self, cached_classes: Path, jars: list[Path]) -> None:
        with aot_cache.lock_training(self._cache) as is_owner:
            if is_owner:
                self._notify("Preparing Kafka once, so that later starts are quick (about 15 seconds).")
                await aot_cache.train(cached_classes, jars)

    async def _start_postgres(self, inherited_fds: tuple[int, ...]) -> None:
        self.postgres = Postgres(self._home.path, self._ports[1], inherited_fds, changed=self._postgres_settings)
        await self.postgres.start()
        self._report_port("PostgreSQL", self._ports[1], self.postgres.port)

    def _report_port(self, name: str, preferred: int, actual: int) -> None:
        if preferred not in {0, actual}:
            self._notify(f"Port {preferred} is in use by another program: {name} listens on {actual} instead.")

    def _embedded_kafka(self) -> Kafka:
        if self.kafka is None:
            raise RuntimeError(
                "there is no embedded Kafka: it was not started, or KAFKA_BOOTSTRAP_SERVERS names an external one"
            )
        return self.kafka

    def _embedded_postgres(self) -> Postgres:
        if self.postgres is None:
            raise RuntimeError("there is no embedded PostgreSQL: it was not started, or DATABASE_URL names an external one")
        return self.postgres


def default_cache() -> Path:
    """Return GONGSHI_CACHE, or a folder in the user's cache directory."""
    return Path(os.environ.get("GONGSHI_CACHE", "~/.cache/gongshi")).expanduser()
