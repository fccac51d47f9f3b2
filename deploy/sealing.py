"""Sealing the journals of a system: where key and file are, what is sent to the topic, and when."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import asyncpg
from aiokafka.errors import KafkaError

from deploy.databases import connect_database, message_of
from deploy.producers import open_producer
from shared import clock
from shared.contracts import JournalSealed, binary_headers
from shared.contracts.seals import SEALS
from shared.errors import GongshiError
from shared.identifiers import uuid7
from shared.seals.seal import SealingKey
from shared.seals.seal_file import SealFile
from shared.seals.sealer import Sealer
from shared.settings import Settings
from shared.stream.journal import JOURNALS
from shared.waiting import wait_set

SOURCE = "/gongshi/sealer"
NOT_NOW = (GongshiError, KafkaError, OSError, asyncpg.PostgresError, asyncpg.InterfaceError)
PUBLIC_MODE = 0o644

Notify = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class SealPaths:
    """The sealer's files: its private key, the public keys that verification trusts, one a line, and its copy of the seals."""

    key: Path
    trusted_keys: Path
    seals: Path

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return the paths of a system."""
        folder = settings.seal_folder or settings.home / "seals"
        return cls(folder / "key.pem", folder / "trusted-keys", folder / "seals.jsonl")

    def read_trusted_keys(self) -> list[str]:
        """Return the public keys that verification trusts."""
        return self.trusted_keys.read_text(encoding="ascii").split() if self.trusted_keys.exists() else []

    def load_key(self) -> SealingKey:
        """Return the key, made on the first call; its public half is trusted from then on."""
        key = SealingKey.load_or_create(self.key)
        trusted = self.read_trusted_keys()
        if key.public_key not in trusted:
            self.trusted_keys.write_text("".join(f"{each}\n" for each in (*trusted, key.public_key)), encoding="ascii")
            self.trusted_keys.chmod(PUBLIC_MODE)
        return key


class SealJob:
    """Seals into the file and then into the topic: what the topic has is in the file."""

    def __init__(self, settings: Settings) -> None:
        paths = SealPaths.of(settings)
        self._settings = settings
        self._file = SealFile(paths.seals)
        self._key = paths.load_key()
        self._sealer = Sealer(self._key, JOURNALS)
        self._known_size = -1
        self._unsent: JournalSealed | None = None

    async def seal(self, *, force: bool = False) -> JournalSealed | None:
        """Make a seal if one is due, and return it. Raises `JournalContradictsSeal`, `EngineUnavailable`, `KafkaError`."""
        with self._file.lock():
            self._read_on()
            await self._send_unsent()
            async with connect_database(self._settings) as connection:
                seal = await self._sealer.seal(connection, clock.now(), force=force)
            if seal is not None:
                self._file.append(seal)
                self._known_size = self._file.size()
                self._unsent = seal
                await self._send_unsent()
        return seal

    async def resend(self) -> None:
        """Send every seal of the file to the topic: one that was made anew lacks them."""
        for seal in self._file.read():
            self._unsent = seal
            await self._send_unsent()

    def _read_on(self) -> None:
        """Go on from the last seal in the file, where another process may have sealed.

        Whether that one has reached the topic is not known: it is sent again, readers drop it.
        """
        if self._file.size() == self._known_size:
            return
        mine = [seal for seal in self._file.read() if seal.public_key == self._key.public_key]
        self._sealer = Sealer(self._key, JOURNALS, mine[-1] if mine else None)
        self._unsent, self._known_size = self._sealer.last, self._file.size()

    async def run(self, stop: asyncio.Event, notify: Notify) -> None:
        """Seal at intervals until stopped, and once more then. A reason not to goes to `notify` when it is a new one."""
        notified = ""
        while True:
            stopping = stop.is_set()
            try:
                await self.seal()
                notified = ""
            except NOT_NOW as error:
                reason = message_of(error)
                if reason != notified and not stopping:
                    notify(f"The journals are not sealed: {reason}")
                notified = reason
            if stopping:
                return
            await wait_set(stop, self._settings.seal_interval_s)

    async def _send_unsent(self) -> None:
        if self._unsent is None:
            return
        seal = self._unsent
        headers = binary_headers(seal, event_id=uuid7(), source=SOURCE, at=seal.sealed_at)
        topic = self._settings.topic_prefix + SEALS
        async with open_producer(self._settings) as producer:
            await producer.send_and_wait(topic, seal.body(), key=seal.key().encode(), headers=list(headers))
        self._unsent = None


async def seal_until_stopped(settings: Settings, stop: asyncio.Event, notify: Notify) -> None:
    """Seal the journals of a running system at the interval of the settings; 0 seals nothing."""
    if settings.seal_interval_s:
        await SealJob(settings).run(stop, notify)
