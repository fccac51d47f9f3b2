"""Dead letters: refused records, stored with their raw bytes or the first part of them, to be listed, shown and replayed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any

import asyncpg
import orjson

from shared.database.counted import execute_counted
from shared.stream.kept_part import keep_part
from shared.stream.record import DeadLetterReason, RefusedRecord, RefusedSubmission, SubmittedRecord

KAFKA = "kafka"

INSERT = """
INSERT INTO dead_letters (topic, part, at_offset, key, headers, value, reason, detail, entrance, digest, whole_bytes,
                          whole_digest, topic_id)
SELECT t.*, (SELECT p.topic_id FROM positions AS p WHERE p.topic = t.topic AND p.part = t.part)
  FROM unnest($1::text[], $2::integer[], $3::bigint[], $4::bytea[], $5::jsonb[], $6::bytea[], $7::text[], $8::jsonb[],
              $9::text[], $10::bytea[], $11::bigint[], $12::bytea[])
       AS t(topic, part, at_offset, key, headers, value, reason, detail, entrance, digest, whole_bytes, whole_digest)
    ON CONFLICT DO NOTHING
"""


async def insert_dead_letters(connection: asyncpg.Connection, refused: Sequence[RefusedRecord | RefusedSubmission]) -> None:
    """Insert the refused records, in the transaction of their batch.

    A position that is a dead letter already is skipped, and so are the bytes of a submission that is one and waits.
    """
    if not refused:
        return
    kept = [keep_part(each.record) for each in refused]
    await connection.execute(
        INSERT,
        [each.record.topic for each in refused],
        [None if isinstance(each, RefusedSubmission) else each.record.partition for each in refused],
        [None if isinstance(each, RefusedSubmission) else each.record.offset for each in refused],
        [each.key for each in kept],
        [_headers_json(each.headers) for each in kept],
        [each.value for each in kept],
        [each.reason for each in refused],
        [orjson.dumps([asdict(finding) for finding in each.findings]).decode().replace("\\u0000", "") for each in refused],
        [each.record.entrance if isinstance(each, RefusedSubmission) else KAFKA for each in refused],
        [_digest(each.record) if isinstance(each, RefusedSubmission) else None for each in refused],
        [each.whole_bytes for each in kept],
        [each.whole_digest for each in kept],
    )


def _digest(record: SubmittedRecord) -> bytes:
    """Return the BLAKE2b hash of a submission, 16 bytes."""
    digest = blake2b(digest_size=16)
    for part in (record.topic.encode(), record.entrance.encode(), _headers_json(record.headers).encode(), record.value):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.digest()


def _headers_json(headers: Sequence[tuple[str, bytes | None]]) -> str:
    """Return headers as JSON pairs with hexadecimal values, so that every byte is restored."""
    pairs = [[_replace_nul(name), None if value is None else value.hex()] for name, value in headers]
    return orjson.dumps(pairs).decode()


def _replace_nul(name: str) -> str:
    return name.replace("\x00", "").encode("utf-8", "replace").decode()


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A dead letter as listed. `findings`: field, code and message; `value` is the raw record, personal data included.

    `entrance` is `kafka`, with the record's position in `part` and `at_offset`, or the entrance that has none. Where only a
    part is kept, `whole_bytes` and `whole_digest` (SHA-256) are those of the whole value.
    """

    id: int
    topic: str
    entrance: str
    part: int | None
    at_offset: int | None
    reason: str
    findings: list[dict[str, str]]
    recorded_at: datetime
    replayed_at: datetime | None
    superseded_at: datetime | None
    key: bytes | None
    headers: list[tuple[str, bytes | None]]
    value: bytes | None
    whole_bytes: int | None
    whole_digest: bytes | None

    @property
    def is_cut(self) -> bool:
        """Whether only a part is kept, so that it cannot be replayed as it came."""
        return self.whole_digest is not None

    @classmethod
    def from_row(cls, row: asyncpg.Record) -> DeadLetter:
        """Build from a row of `dead_letters`."""
        fields: dict[str, Any] = dict(row)
        fields["findings"] = orjson.loads(fields.pop("detail"))
        pairs = orjson.loads(fields["headers"])
        fields["headers"] = [(n, None if v is None else bytes.fromhex(v)) for n, v in pairs]
        return cls(**fields)


FETCH = """
SELECT id, topic, entrance, part, at_offset, reason, detail, recorded_at, replayed_at, superseded_at, key, headers, value,
       whole_bytes, whole_digest
  FROM dead_letters
 WHERE ($1::bigint[] IS NULL OR id = ANY ($1))
   AND ($2 OR (replayed_at IS NULL AND superseded_at IS NULL))
   AND ($3::text IS NULL OR reason = $3)
   AND (whole_digest IS NULL OR NOT $4)
 ORDER BY id
 LIMIT $5
"""


async def fetch_dead_letters(
    connection: asyncpg.Connection,
    *,
    ids: Sequence[int] | None = None,
    replayed: bool = False,
    reason: DeadLetterReason | None = None,
    whole: bool = False,
    limit: int = 1000,
) -> list[DeadLetter]:
    """Return at most `limit` dead letters, oldest first; those replayed or superseded only if `replayed` is set.

    `whole`: none of which only a part is kept.
    """
    return [DeadLetter.from_row(row) for row in await connection.fetch(FETCH, ids, replayed, reason, whole, limit)]


FETCH_NEWEST = """
SELECT id, topic, entrance, part, at_offset, reason, detail, recorded_at, replayed_at, superseded_at, key, headers, value,
       whole_bytes, whole_digest
  FROM dead_letters
 WHERE ($1 OR (replayed_at IS NULL AND superseded_at IS NULL))
   AND ($2::text IS NULL OR reason = $2)
   AND ($3::timestamptz IS NULL OR recorded_at >= $3)
   AND ($4::bigint IS NULL OR id < $4)
 ORDER BY id DESC
 LIMIT $5
"""


async def fetch_newest_dead_letters(
    connection: asyncpg.Connection,
    *,
    replayed: bool,
    reason: DeadLetterReason | None,
    since: datetime | None,
    before_id: int | None,
    limit: int,
) -> list[DeadLetter]:
    """Return at most `limit` dead letters with a lower id than `before_id`, newest first."""
    rows = await connection.fetch(FETCH_NEWEST, replayed, reason, since, before_id, limit)
    return [DeadLetter.from_row(row) for row in rows]


MARK_RESUBMITTED = """
UPDATE dead_letters
   SET replayed_at = now()
 WHERE entrance = $1
   AND key = $2
   AND replayed_at IS NULL
"""


async def mark_resubmitted(connection: asyncpg.Connection, record: SubmittedRecord) -> None:
    """Mark dead letters of the same entrance and key as replayed: the sender has sent the event again."""
    await connection.execute(MARK_RESUBMITTED, record.entrance, record.key)


HAS_WAITING_SUBMISSIONS = """
SELECT EXISTS (
    SELECT FROM dead_letters WHERE replayed_at IS NULL AND superseded_at IS NULL AND digest IS NOT NULL AND entrance = $1
)
"""
MARK_SUPERSEDED = """
UPDATE dead_letters
   SET superseded_at = now()
 WHERE replayed_at IS NULL
   AND superseded_at IS NULL
   AND digest IS NOT NULL
   AND entrance = $1
   AND key = ANY ($2::bytea[])
"""


async def mark_superseded(connection: asyncpg.Connection, entrance: str, keys: Iterable[bytes]) -> None:
    """Mark what an entrance refused under these keys as superseded: a later report of each was accepted."""
    if await connection.fetchval(HAS_WAITING_SUBMISSIONS, entrance):
        await connection.execute(MARK_SUPERSEDED, entrance, list(keys))


MARK_REPLAYED = """
UPDATE dead_letters
   SET replayed_at = now()
 WHERE id = ANY ($1::bigint[])
   AND replayed_at IS NULL
   AND superseded_at IS NULL
RETURNING id
"""


async def mark_replayed(connection: asyncpg.Connection, ids: Sequence[int]) -> list[int]:
    """Mark dead letters as replayed and return the ids of those that were not before."""
    return [row["id"] for row in await connection.fetch(MARK_REPLAYED, ids)]


COUNT_WAITING = """
SELECT count(*)
  FROM (SELECT FROM dead_letters WHERE replayed_at IS NULL AND superseded_at IS NULL LIMIT 100000) AS waiting
"""


async def count_waiting(connection: asyncpg.Connection) -> int:
    """Return how many dead letters wait to be looked at, of 100,000 at most."""
    return int(await connection.fetchval(COUNT_WAITING))


DELETE_OLDER = "DELETE FROM dead_letters WHERE recorded_at < $1"


async def delete_older(connection: asyncpg.Connection, before: datetime) -> int:
    """Delete the dead letters that were recorded before a moment; return how many."""
    return await execute_counted(connection, DELETE_OLDER, before)
