"""The journal: who did what to which subject, append-only and hash-chained, one chain per service."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg
import orjson

GENESIS = bytes(32)
# The schemas that have a journal.
JOURNALS = ("accounts", "intake", "stats", "publisher", "corrections")


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One act. `before` and `after` are the subject's states; only their digests are stored."""

    actor: str
    action: str
    subject: str
    before: Any = None
    after: Any = None
    detail: dict[str, Any] = field(default_factory=dict)


def digest(state: Any) -> bytes | None:
    """Return the SHA-256 of a state in canonical JSON, or None for no state."""
    return None if state is None else hashlib.sha256(_canonical_json(state)).digest()


def _canonical_json(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z, default=str)


def entry_hash(previous: bytes, seq: int, at: datetime, entry: JournalEntry) -> bytes:
    """Return the SHA-256 of an entry, which covers its content, its number, its time and the previous hash."""
    states = digest(entry.before), digest(entry.after)
    return _chain_hash(
        previous, seq, at, entry.actor, entry.action, entry.subject, *states, orjson.loads(_canonical_json(entry.detail))
    )


def _chain_hash(previous: bytes, seq: int, at: datetime, *content: Any) -> bytes:
    readable = [value.hex() if isinstance(value, bytes) else value for value in content]
    return hashlib.sha256(previous + _canonical_json([seq, at.isoformat(), *readable])).digest()


FETCH_HEAD = "SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1"
LOCK = "SELECT pg_advisory_xact_lock(hashtext(current_schema() || '.journal'))"
APPEND = """
INSERT INTO journal (seq, at, actor, action, subject, before_digest, after_digest, detail, previous_hash, hash)
SELECT *
  FROM unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::bytea[], $7::bytea[],
              $8::jsonb[], $9::bytea[], $10::bytea[])
"""


async def append_entries(connection: asyncpg.Connection, at: datetime, entries: Sequence[JournalEntry]) -> None:
    """Append entries in the transaction of the acts that they record."""
    if not entries:
        return
    await connection.execute(LOCK)
    head = await connection.fetchrow(FETCH_HEAD)
    seq, previous = (head["seq"], head["hash"]) if head else (0, GENESIS)
    hashes: list[bytes] = []
    for number, entry in enumerate(entries, seq + 1):
        hashes.append(entry_hash(hashes[-1] if hashes else previous, number, at, entry))
    await connection.execute(
        APPEND,
        list(range(seq + 1, seq + 1 + len(entries))),
        [at] * len(entries),
        [e.actor for e in entries],
        [e.action for e in entries],
        [e.subject for e in entries],
        [digest(e.before) for e in entries],
        [digest(e.after) for e in entries],
        [_canonical_json(e.detail).decode() for e in entries],
        [previous, *hashes[:-1]],
        hashes,
    )


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry as it is stored; `detail` is JSON text."""

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    before_digest: bytes | None
    after_digest: bytes | None
    detail: str
    previous_hash: bytes
    hash: bytes

    def content_hash(self) -> bytes:
        """Return the hash that belongs to the content as it is now."""
        content = self.actor, self.action, self.subject, self.before_digest, self.after_digest, orjson.loads(self.detail)
        return _chain_hash(self.previous_hash, self.seq, self.at, *content)


def chain_fault(previous_seq: int, previous_hash: bytes, entry: StoredEntry) -> list[str]:
    """Return a sentence for each way in which an entry does not follow the one before it."""
    found = []
    if entry.seq != previous_seq + 1:
        found.append(f"entry {previous_seq + 1} is missing")
    if entry.previous_hash != previous_hash:
        found.append(f"entry {entry.seq} does not follow the one before it")
    if entry.content_hash() != entry.hash:
        found.append(f"entry {entry.seq} was edited")
    return found


FETCH_AFTER = """
SELECT seq, at, actor, action, subject, before_digest, after_digest, detail, previous_hash, hash
  FROM journal
 WHERE seq > $1
 ORDER BY seq
"""


async def stream_entries(connection: asyncpg.Connection, after: int = 0) -> AsyncIterator[StoredEntry]:
    """Yield the entries after a number, oldest first. Must run in a transaction, since it reads through a cursor."""
    async for row in connection.cursor(FETCH_AFTER, after, prefetch=1000):
        yield StoredEntry(**dict(row))
