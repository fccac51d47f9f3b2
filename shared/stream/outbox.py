"""The transactional outbox: what a transaction says is written with what it does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import asyncpg
import orjson

from shared.contracts.envelope import Headers

CHANNEL_PREFIX = "outbox_"


class Letter(NamedTuple):
    """One Kafka record to be sent: a row of the outbox."""

    topic: str
    key: bytes | None
    headers: bytes
    value: bytes | None


def pack_headers(headers: Headers) -> bytes:
    """Return headers as one value of a row: JSON pairs, each byte of a value as the character of its number."""
    return orjson.dumps([[name, value.decode("latin-1")] for name, value in headers])


def unpack_headers(packed: bytes) -> list[tuple[str, bytes]]:
    """Return the headers that `pack_headers` packed."""
    return [(name, value.encode("latin-1")) for name, value in orjson.loads(packed)]


WAKE = "SELECT pg_notify($1 || current_schema(), '')"


async def enqueue(connection: asyncpg.Connection, letters: Sequence[Letter]) -> None:
    """Write letters in the caller's transaction and wake the relay when it commits."""
    if not letters:
        return
    await connection.copy_records_to_table("outbox", columns=Letter._fields, records=letters)
    await connection.execute(WAKE, CHANNEL_PREFIX)


UNSENT = """
SELECT id, topic, key, headers, value
  FROM outbox
 ORDER BY id
 LIMIT $1
"""


async def unsent(connection: asyncpg.Connection, limit: int) -> list[tuple[int, Letter]]:
    """Return the oldest unsent letters. A row exists until it is sent, so none is skipped by a late commit."""
    rows = await connection.fetch(UNSENT, limit)
    return [(row["id"], Letter(row["topic"], row["key"], row["headers"], row["value"])) for row in rows]


SENT = "DELETE FROM outbox WHERE id = ANY ($1::bigint[])"


async def forget(connection: asyncpg.Connection, ids: Sequence[int]) -> None:
    """Remove letters that the broker has acknowledged."""
    await connection.execute(SENT, ids)


DEPTH = "SELECT count(*) FROM outbox"


async def depth(connection: asyncpg.Connection) -> int:
    """Return how many letters wait."""
    return int(await connection.fetchval(DEPTH))
