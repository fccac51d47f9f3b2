"""A restore: the database as it was, and topics that hold nothing which the database does not know.

Identifiers of complaints and items are made by the services. Reports that came after the backup are read again and get other
ones: what the services had said of them in the meantime would stand beside it and be counted twice. So topics that have gone on
are refused, or made anew; publications are then told again from the release record.
"""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from time import monotonic

import asyncpg
from aiokafka.admin import AIOKafkaAdminClient

from deploy.backup import DERIVED, DUMP, KEYS, Manifest, copy_key, fetch_offsets, key_files, read_manifest, seals_folder
from deploy.broker_errors import translate_broker_errors
from deploy.databases import connect_database, database_url, open_database
from deploy.migrating import seal_stored_seeds
from deploy.postgres_client import connection_environment, run_program
from deploy.sealing import SealJob
from services.publisher.republication import republish
from shared import clock
from shared.contracts.publications import PUBLICATIONS
from shared.contracts.seals import SEALS
from shared.database import SCHEMAS, ensure_roles, migrate, use_schema
from shared.database.logins import LOGINS, read_passwords, role_of
from shared.errors import PermanentError, TransientError
from shared.settings import Settings
from shared.stream.client_options import client_options
from shared.stream.journal import JournalEntry, append_entries
from shared.stream.topic_offsets import TopicOffsets
from shared.stream.topics import ensure_topics
from shared.version import VERSION

DELETED_WITHIN_S = 60.0
POLL_S = 0.2


class ServicesRun(TransientError):
    """Services are connected to the database: stop them before a restore."""


class DatabaseNotEmpty(PermanentError):
    """The database holds a system already: --replace deletes it, and all that came after the backup with it."""


class TopicsNewer(PermanentError):
    """Topics hold what the services said after the backup."""


class BackupNewer(PermanentError):
    """The backup is of a newer version than this program: install that version first."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore has done. `discarded`: records by topic that were said after the backup; `republished`: publications."""

    taken_at: datetime
    discarded: Mapping[str, int]
    republished: int


async def restore_backup(
    settings: Settings, folder: Path, *, replace: bool = False, discard_newer: bool = False, replication: int = 1
) -> Restored:
    """Restore a backup; nothing is changed where it is refused.

    Raises `NoBackup`, `BackupNewer`, `ServicesRun`, `DatabaseNotEmpty`, `TopicsNewer`, `ClientMissing`, `ClientFailed`.
    """
    manifest = read_manifest(folder)
    if _numbers(manifest.version) > _numbers(VERSION):
        raise BackupNewer(f"The backup is of version {manifest.version}, this is {VERSION}: install that version first.")
    offsets = await fetch_offsets(settings, {settings.topic_prefix + topic.name: topic.name for topic in DERIVED})
    newer = find_newer(manifest, offsets)
    async with connect_database(settings) as connection:
        await _require_no_services(connection)
        if not replace and await connection.fetchval("SELECT to_regclass('accounts.people') IS NOT NULL"):
            raise DatabaseNotEmpty
        if newer and not discard_newer:
            raise TopicsNewer(_describe(newer))
        await _restore_database(settings, connection, folder)
    if newer:
        await _make_anew(settings, [settings.topic_prefix + name for name in newer], replication)
    _restore_keys(settings, folder / KEYS, moved=bool(newer))
    await seal_stored_seeds(settings)
    republished = await _republish(settings, manifest, offsets, newer)
    await _journal(settings, manifest, newer)
    return Restored(manifest.taken_at, newer, republished)


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part.isdecimal()]


def find_newer(manifest: Manifest, offsets: Mapping[str, TopicOffsets]) -> dict[str, int]:
    """Return how many offsets of each topic between the services lie behind the backup. In a topic made anew all do."""
    newer = {}
    for name, found in offsets.items():
        known = manifest.topics.get(name)
        is_same = known is not None and known.topic_id == str(found.topic_id or "")
        before = known.ends if known is not None and is_same else {p.partition: at for p, at in found.beginnings.items()}
        behind = sum(max(0, end - before.get(partition.partition, 0)) for partition, end in found.ends.items())
        if behind:
            newer[name] = behind
    return newer


def _describe(newer: Mapping[str, int]) -> str:
    counts = ", ".join(f"{count} in {name}" for name, count in newer.items())
    return (
        f"The services have said more since the backup: {counts}. Reports are read again and would be counted twice beside it. "
        "--discard-newer makes these topics anew; what was released or decided since then is lost and must be done again."
    )


CONNECTED = "SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = current_database() AND usename = ANY ($1::text[])"


async def _require_no_services(connection: asyncpg.Connection) -> None:
    rows = await connection.fetch(CONNECTED, [role_of(login) for login in LOGINS])
    if rows:
        names = ", ".join(sorted(row["usename"] for row in rows))
        raise ServicesRun(f"{names} are connected to the database: stop the services before a restore.")


async def _restore_database(settings: Settings, connection: asyncpg.Connection, folder: Path) -> None:
    """Put the dump in place of what is there, roles first, and bring it up to this version."""
    for schema in SCHEMAS:
        await connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")  # of a closed list
    await ensure_roles(connection)
    url = database_url(settings)
    name = connection_environment(url)["PGDATABASE"]
    options = ("--exit-on-error", "--single-transaction", "--no-password", f"--dbname={name}")
    await run_program("pg_restore", url, *options, str(folder / DUMP))
    await migrate(url, read_passwords(settings.database_logins))


async def _make_anew(settings: Settings, topics: Sequence[str], replication: int) -> None:
    """Delete topics and create them again, empty: a position belongs to a topic's id, so that every reader begins at 0."""
    admin = AIOKafkaAdminClient(**client_options(settings))
    with translate_broker_errors():
        await admin.start()
        try:
            await admin.delete_topics(list(topics))
            deadline = monotonic() + DELETED_WITHIN_S
            while set(topics) & set(await admin.list_topics()) and monotonic() < deadline:
                await asyncio.sleep(POLL_S)
        finally:
            await admin.close()
        while not set(topics) <= set(await ensure_topics(settings, replication)) and monotonic() < deadline:
            await asyncio.sleep(POLL_S)
            if not set(topics) - await _existing(settings):
                return


async def _existing(settings: Settings) -> set[str]:
    admin = AIOKafkaAdminClient(**client_options(settings))
    await admin.start()
    try:
        return set(await admin.list_topics())
    finally:
        await admin.close()


def _restore_keys(settings: Settings, folder: Path, *, moved: bool) -> None:
    """Put keys where there are none. Seals made after the backup are moved aside: they tell of entries that are lost."""
    seals = seals_folder(settings)
    if moved and seals.is_dir():
        seals.rename(seals.with_name(f"{seals.name}.before-restore-{clock.now():%Y%m%dT%H%M%S}"))
    names = sorted(path.name for path in (folder / "seals").glob("*"))
    for name, target in key_files(settings, names).items():
        if (folder / name).exists() and not target.exists():
            copy_key(folder / name, target)


async def _republish(
    settings: Settings, manifest: Manifest, offsets: Mapping[str, TopicOffsets], newer: Mapping[str, int]
) -> int:
    """Enqueue the newest public form of every item, and send the seals, where their topics are not those of the backup."""
    known, found = manifest.topics.get(PUBLICATIONS), offsets.get(PUBLICATIONS)
    is_same = known is not None and found is not None and known.topic_id == str(found.topic_id or "")
    if SEALS in newer or not is_same:
        with translate_broker_errors():
            await SealJob(settings).resend()
    if PUBLICATIONS not in newer and is_same:
        return 0
    async with open_database(settings, "publisher") as database:
        return await republish(database)


async def _journal(settings: Settings, manifest: Manifest, newer: Mapping[str, int]) -> None:
    """Record the restore in the journal of accounts, as what the owner of the database does."""
    detail = {"taken_at": manifest.taken_at.isoformat(), "discarded": dict(newer)}
    entry = JournalEntry(getpass.getuser(), "database_restored", "database", detail=detail)
    async with connect_database(settings, "accounts") as connection, connection.transaction():
        await use_schema(connection, "accounts")
        await append_entries(connection, clock.now(), [entry])
