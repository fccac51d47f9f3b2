"""The journal: who did what to which subject, append-only and hash-chained, one chain per service."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import asyncpg
import orjson

GENESIS = bytes(32)


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


FETCH_ALL = """
SELECT seq, at, actor, action, subject, before_digest, after_digest, detail, previous_hash, hash
  FROM journal
 ORDER BY seq
"""


async def find_chain_faults(connection: asyncpg.Connection) -> list[str]:
    """Return a sentence for each edited, dropped, inserted or reordered entry; an empty list if the chain is intact.

    Must run in a transaction, since it reads through a cursor.
    """
    chain_faults: list[str] = []
    expected_seq, previous = 1, GENESIS
    async for row in connection.cursor(FETCH_ALL, prefetch=1000):
        if row["seq"] != expected_seq:
            chain_faults.append(f"entry {expected_seq} is missing")
        if row["previous_hash"] != previous:
            chain_faults.append(f"entry {row['seq']} does not follow the one before it")
        content = [row[c] for c in ("actor", "action", "subject", "before_digest", "after_digest")]
        if _chain_hash(row["previous_hash"], row["seq"], row["at"], *content, orjson.loads(row["detail"])) != row["hash"]:
            chain_faults.append(f"entry {row['seq']} was edited")
        expected_seq, previous = row["seq"] + 1, row["hash"]
    return chain_faults
