"""A backup: the whole database, how far the topics were in the same moment, and the keys that are in files.

It is taken in a quiet moment: every record that a service has emitted is applied by those who read it, and no outbox holds
anything. Then nothing of the topics between services is needed to go on from it.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from time import monotonic

import asyncpg
from pydantic import BaseModel

from deploy.backlog import SERVICES
from deploy.broker_errors import translate_broker_errors
from deploy.databases import connect_database, database_url
from deploy.postgres_client import run_program
from deploy.sealing import SealPaths
from deploy.topic_offsets import fetch_topic_offsets_by_name
from services.intake.comparison import MATCHING_KEY_FILE
from services.publisher.bureau import KEY_FILE
from shared import clock
from shared.accounts import second_factor
from shared.contracts.topics import CATALOGUE, REPORTS
from shared.database import use_schema
from shared.errors import PermanentError, TransientError
from shared.settings import Settings
from shared.stream.outbox import count_unsent
from shared.stream.position_overrides import fetch_positions
from shared.stream.topic_offsets import TopicOffsets
from shared.version import VERSION

DUMP, MANIFEST, KEYS = "database.dump", "manifest.json", "keys"
FOLDER_MODE, FILE_MODE = 0o700, 0o600
RETRY_S = 0.2
# What the services say to each other and to the public; reports are what sources say, and are read again after a restore.
DERIVED = tuple(topic for topic in CATALOGUE if topic.name != REPORTS)


class BackupExists(PermanentError):
    """The folder is not empty: a backup is never written over another one."""


class NeverQuiet(TransientError):
    """There was no moment in which everything said between the services was applied; try again, or pause the sources."""


class NoBackup(PermanentError):
    """There is no whole backup in this folder."""


class TopicState(BaseModel):
    """A topic at the moment of the backup: its id, and the end of each partition."""

    topic_id: str | None
    ends: dict[int, int]


class Manifest(BaseModel):
    """What a backup holds. `positions`: by service, topic and partition; topics are named without the prefix."""

    version: str
    taken_at: datetime
    sha256: str
    topics: dict[str, TopicState]
    positions: dict[str, dict[str, dict[int, int]]]
    keys: list[str]


async def take_backup(settings: Settings, folder: Path, patience_s: float = 60.0) -> Manifest:
    """Write a backup into a new folder, which only this account can read, and return its manifest.

    Raises `BackupExists`, `NeverQuiet`, `ClientMissing`, `ClientFailed`, `EngineUnavailable`.
    """
    _make_folder(folder)
    deadline = monotonic() + patience_s
    while (manifest := await _take_once(settings, folder)) is None:
        if monotonic() > deadline:
            raise NeverQuiet
        await asyncio.sleep(RETRY_S)
    _write(folder / MANIFEST, manifest.model_dump_json(indent=2).encode())
    return manifest


def _make_folder(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise BackupExists(f"{folder} is not empty: a backup is never written over another one.")
    folder.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    folder.chmod(FOLDER_MODE)


async def _take_once(settings: Settings, folder: Path) -> Manifest | None:
    """Write the dump and return its manifest, or None where this moment was not quiet."""
    names = {settings.topic_prefix + topic.name: topic.name for topic in CATALOGUE}
    before = await fetch_offsets(settings, names)
    async with connect_database(settings) as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        snapshot = await connection.fetchval("SELECT pg_export_snapshot()")
        positions = {service: await _positions(connection, service, names) for service in SERVICES}
        if not await _is_quiet(connection, before, positions, await fetch_offsets(settings, names)):
            return None
        at = clock.now()
        dump = folder / DUMP
        await run_program(
            "pg_dump", database_url(settings), "--format=custom", f"--snapshot={snapshot}", f"--file={dump}", "--no-password"
        )
    dump.chmod(FILE_MODE)
    states = {
        name: TopicState(topic_id=str(each.topic_id or "") or None, ends={p.partition: end for p, end in each.ends.items()})
        for name, each in before.items()
    }
    keys = _copy_keys(settings, folder / KEYS)
    return Manifest(version=VERSION, taken_at=at, sha256=digest_of(dump), topics=states, positions=positions, keys=keys)


async def fetch_offsets(settings: Settings, names: Mapping[str, str]) -> dict[str, TopicOffsets]:
    """Return the offsets of the topics that exist, by the name without the prefix."""
    with translate_broker_errors():
        found = await fetch_topic_offsets_by_name(settings, names)
    return {names[name]: offsets for name, offsets in found.items()}


async def _positions(connection: asyncpg.Connection, service: str, names: Mapping[str, str]) -> dict[str, dict[int, int]]:
    await use_schema(connection, service)
    found: dict[str, dict[int, int]] = {}
    for each in await fetch_positions(connection):
        if each.partition.topic in names:
            found.setdefault(names[each.partition.topic], {})[each.partition.partition] = each.next_offset
    return found


async def _is_quiet(
    connection: asyncpg.Connection,
    before: Mapping[str, TopicOffsets],
    positions: Mapping[str, Mapping[str, Mapping[int, int]]],
    after: Mapping[str, TopicOffsets],
) -> bool:
    """Whether the snapshot has applied all that was said between the services, and says nothing that is not sent yet."""
    for service in SERVICES:
        await use_schema(connection, service)
        if await count_unsent(connection):
            return False
    for topic in DERIVED:
        ends = before[topic.name].ends if topic.name in before else {}
        if topic.name in before and ends != after[topic.name].ends:
            return False
        for reader in set(topic.consumers) & set(SERVICES):
            at = positions[reader].get(topic.name, {})
            if any(at.get(partition.partition, 0) < end for partition, end in ends.items()):
                return False
    return True


def seals_folder(settings: Settings) -> Path:
    """Return the folder of the sealer's key and its seals."""
    return SealPaths.of(settings).seals.parent


def key_files(settings: Settings, seals: Iterable[str]) -> dict[str, Path]:
    """Return where a system keeps what is in files and in no database, by its name in a backup.

    The key of the leases, that of second factors, those of the rulings, and of the sealer the files named `seals`.
    """
    files = {
        "screen-lease.key": settings.secret_file or settings.home / KEY_FILE,
        "second-factor.key": second_factor.key_file(settings),
        "matching.key": settings.matching_key or settings.home / MATCHING_KEY_FILE,
        "rulings.pem": settings.rulings_key,
        "rulings.pub": settings.rulings_public_key,
        **{f"seals/{name}": seals_folder(settings) / name for name in seals},
    }
    return {name: file for name, file in files.items() if file is not None}


def copy_key(source: Path, target: Path) -> None:
    """Copy a file that only this account may read."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    shutil.copyfile(source, target)
    target.chmod(FILE_MODE)


def _copy_keys(settings: Settings, folder: Path) -> list[str]:
    """Copy the keys that there are; return their names in the backup."""
    seals = seals_folder(settings)
    names = sorted(path.name for path in seals.iterdir() if path.is_file()) if seals.is_dir() else ()
    found = {name: file for name, file in key_files(settings, names).items() if file.exists()}
    for name, file in found.items():
        copy_key(file, folder / name)
    return list(found)


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a backup whose dump is whole. Raises `NoBackup`."""
    try:
        manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    except (FileNotFoundError, ValueError) as error:
        raise NoBackup(f"{folder} holds no backup: there is no {MANIFEST} that can be read.") from error
    dump = folder / DUMP
    if not dump.exists() or digest_of(dump) != manifest.sha256:
        raise NoBackup(f"{dump} is not the file that the backup was made with: its SHA-256 is another one.")
    return manifest


def digest_of(file: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _write(file: Path, content: bytes) -> None:
    file.touch(mode=FILE_MODE)
    file.write_bytes(content)
