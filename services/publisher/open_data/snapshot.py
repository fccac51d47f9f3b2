"""A snapshot of the open data: all files as of one release, and the signed list of their digests.

It is made every day, within an hour of a release, and at once when something in it was withdrawn: until the new one is there
the old one is not served.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Self, TypeVar

import asyncpg
import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from services.publisher.open_data.tables import TABLES
from services.publisher.open_data.writers import Writer, writers
from services.publisher.store import open_data
from services.publisher.store.public_items import StoredItem
from shared.ed25519_keys import load_private_key, write_private_key
from shared.stream import Database

Result = TypeVar("Result")
CONTEXT = b"gongshi.open-data.manifest.v1\n"
MANIFEST = "manifest.json"
BATCH = 2_000
# How soon a withdrawal is noticed.
SNAPSHOT_INTERVAL_S = 5.0
RENEW_AFTER = timedelta(days=1)
# What was released and corrected since is in the files within an hour.
RENEW_CHANGED_AFTER = timedelta(hours=1)
TRY_LOCK = "SELECT pg_try_advisory_xact_lock(hashtext('publisher.open_data'))"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A snapshot: its folder and its manifest."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def release_seq(self) -> int:
        """The release up to which it goes."""
        return int(self.manifest["release_seq"])

    @property
    def created_at(self) -> datetime:
        """When it was made."""
        return datetime.fromisoformat(self.manifest["created_at"])

    def file(self, name: str) -> dict[str, Any] | None:
        """Return name, digest, size and rows of a file, None where there is no such file."""
        found: list[dict[str, Any]] = [each for each in self.manifest["files"] if each["name"] == name]
        return found[0] if found else None


def signed_bytes(manifest: dict[str, Any]) -> bytes:
    """Return what a manifest signs: all of it but the signature, as JSON with sorted keys."""
    return CONTEXT + orjson.dumps({k: v for k, v in manifest.items() if k != "signature"}, option=orjson.OPT_SORT_KEYS)


def is_signed(manifest: dict[str, Any], public_key: str) -> bool:
    """Return whether a manifest is signed by a key (hexadecimal)."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        key.verify(bytes.fromhex(manifest["signature"]), signed_bytes(manifest))
    except (InvalidSignature, ValueError, KeyError):
        return False
    return True


class SnapshotStore:
    """The snapshots in a folder of this installation; the newest is served."""

    def __init__(self, folder: Path, key_file: Path) -> None:
        self._folder = folder
        self._key_file = key_file
        self.current: Snapshot | None = None

    @classmethod
    def of_home(cls, home: Path) -> Self:
        """Return the store in a state directory."""
        return cls(home / "open-data", home / "keys" / "open-data.pem")

    def load(self) -> None:
        """Find the newest snapshot of before."""
        folders = sorted(self._folder.glob("*/" + MANIFEST), key=lambda path: path.stat().st_mtime)
        if folders:
            with suppress(ValueError, OSError):
                self.current = Snapshot(folders[-1].parent, orjson.loads(folders[-1].read_bytes()))

    async def renew(self, database: Database) -> bool:
        """Make a snapshot if it is time for one; return whether one was made. One process at a time makes one."""
        now = database.clock()
        async with database.snapshot() as connection:
            current = self.current
            if current is not None and not await self._is_due(connection, current, now):
                return False
            if not await connection.fetchval(TRY_LOCK):
                return False
            snapshot = await self._make(connection, now)
        former, self.current = self.current, snapshot
        if former is not None and former.folder != snapshot.folder:
            await asyncio.to_thread(shutil.rmtree, former.folder, ignore_errors=True)
        return True

    @staticmethod
    async def _is_due(connection: asyncpg.Connection, current: Snapshot, now: datetime) -> bool:
        """Return whether it is time for a snapshot: at once after a withdrawal, and where the present one is empty."""
        age = now - current.created_at
        if age >= RENEW_AFTER or await open_data.is_withdrawn_since(connection, current.release_seq):
            return True
        has_news = await open_data.last_release_seq(connection) > current.release_seq
        return has_news and (age >= RENEW_CHANGED_AFTER or current.release_seq == 0)

    async def _make(self, connection: asyncpg.Connection, now: datetime) -> Snapshot:
        seq = await open_data.last_release_seq(connection)
        folder = self._folder / f"{now:%Y%m%dT%H%M%S%f}-{seq}"
        folder.mkdir(parents=True)
        files = [
            (table, [writer(table, folder / f"{table.name}.{writer.extension}") for writer in writers()]) for table in TABLES
        ]
        try:
            after = 0
            while batch := await open_data.fetch_batch(connection, after, BATCH):
                after = batch[-1].release_seq
                await _in_thread(partial(_write, files, batch))
            return await _in_thread(partial(self._finish, folder, files, seq, now))
        except BaseException:
            for _table, of_table in files:
                for writer in of_table:
                    with suppress(Exception):
                        writer.close()
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def _finish(self, folder: Path, files: Any, seq: int, now: datetime) -> Snapshot:
        listed = []
        for table, of_table in files:
            for writer in of_table:
                writer.close()
                with writer.path.open("rb") as file:
                    digest = hashlib.file_digest(file, "sha256")
                listed.append(
                    {
                        "name": writer.path.name,
                        "table": table.name,
                        "rows": writer.rows,
                        "bytes": writer.path.stat().st_size,
                        "media_type": writer.media_type,
                        "sha256": digest.hexdigest(),
                    }
                )
        key = self._key()
        manifest = {
            "created_at": now.isoformat(), "release_seq": seq, "files": listed,
            "public_key": key.public_key().public_bytes_raw().hex(),
        }  # fmt: skip
        manifest["signature"] = key.sign(signed_bytes(manifest)).hex()
        (folder / MANIFEST).write_bytes(orjson.dumps(manifest, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        return Snapshot(folder, manifest)

    def _key(self) -> Ed25519PrivateKey:
        """Return the key that signs manifests, made on the first call."""
        if not self._key_file.exists():
            with suppress(FileExistsError):
                write_private_key(self._key_file, Ed25519PrivateKey.generate())
        return load_private_key(self._key_file)


async def _in_thread(work: Callable[[], Result]) -> Result:
    """Return what a thread returns; one that is cancelled waits for it, so that nobody closes a file that is written."""
    running = asyncio.ensure_future(asyncio.to_thread(work))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait({running})
        raise


def _write(files: Sequence[tuple[Any, Sequence[Writer]]], batch: Sequence[StoredItem]) -> None:
    for table, of_table in files:
        rows = [row for stored in batch if (row := table.row(stored)) is not None]
        for writer in of_table:
            writer.write(rows)
