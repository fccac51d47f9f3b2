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
class Entry:
    """One thing that was done. `before` and `after` are the subject's states; only their digests are kept."""

    actor: str
    action: str
    subject: str
    before: Any = None
    after: Any = None
    detail: dict[str, Any] = field(default_factory=dict)


def digest(state: Any) -> bytes | None:
    """Return the SHA-256 of a state in canonical JSON, or None for no state."""
    return None if state is None else hashlib.sha256(_canonical(state)).digest()


def _canonical(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_UTC_Z, default=str)


def chained(previous: bytes, seq: int, at: datetime, entry: Entry) -> bytes:
    """Return the hash of an entry, which covers its content, its number and the hash before it."""
    states = digest(entry.before), digest(entry.after)
    return _chain_hash(
        previous, seq, at, entry.actor, entry.action, entry.subject, *states, orjson.loads(_canonical(entry.detail))
    )


def _chain_hash(previous: bytes, seq: int, at: datetime, *content: Any) -> bytes:
    readable = [c.hex() if isinstance(c, bytes) else c for c in content]
    return hashlib.sha256(previous + _canonical([seq, at.isoformat(), *readable])).digest()


HEAD = "SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1"
LOCK = "SELECT pg_advisory_xact_lock(hashtext(current_schema() || '.journal'))"
APPEND = """
INSERT INTO journal (seq, at, actor, action, subject, before_digest, after_digest, detail, previous_hash, hash)
SELECT *
  FROM unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::bytea[], $7::bytea[],
              $8::jsonb[], $9::bytea[], $10::bytea[])
"""


async def append(connection: asyncpg.Connection, at: datetime, entries: Sequence[Entry]) -> None:
    """Append entries in the transaction of what they record."""
    if not entries:
        return
    await connection.execute(LOCK)
    head = await connection.fetchrow(HEAD)
    seq, previous = (head["seq"], head["hash"]) if head else (0, GENESIS)
    hashes: list[bytes] = []
    for number, entry in enumerate(entries, seq + 1):
        hashes.append(chained(hashes[-1] if hashes else previous, number, at, entry))
    await connection.execute(
        APPEND,
        list(range(seq + 1, seq + 1 + len(entries))),
        [at] * len(entries),
        [e.actor for e in entries],
        [e.action for e in entries],
        [e.subject for e in entries],
        [digest(e.before) for e in entries],
        [digest(e.after) for e in entries],
        [_canonical(e.detail).decode() for e in entries],
        [previous, *hashes[:-1]],
        hashes,
    )


READ = """
SELECT seq, at, actor, action, subject, before_digest, after_digest, detail, previous_hash, hash
  FROM journal
 ORDER BY seq
"""


async def faults(connection: asyncpg.Connection) -> list[str]:
    """Return what is wrong with the chain: edited, dropped, inserted or reordered entries. Empty: nothing is.

    Runs inside a transaction, since it reads through a cursor.
    """
    found: list[str] = []
    expected_seq, previous = 1, GENESIS
    async for row in connection.cursor(READ, prefetch=1000):
        if row["seq"] != expected_seq:
            found.append(f"entry {expected_seq} is missing")
        if row["previous_hash"] != previous:
            found.append(f"entry {row['seq']} does not follow the one before it")
        content = [row[c] for c in ("actor", "action", "subject", "before_digest", "after_digest")]
        if _chain_hash(row["previous_hash"], row["seq"], row["at"], *content, orjson.loads(row["detail"])) != row["hash"]:
            found.append(f"entry {row['seq']} was edited")
        expected_seq, previous = row["seq"] + 1, row["hash"]
    return found
