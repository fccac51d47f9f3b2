"""The transactional outbox: messages are written in the transaction of the change that they announce."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import asyncpg
import orjson

from shared.contracts.envelope import Headers

CHANNEL_PREFIX = "outbox_"


class OutboxMessage(NamedTuple):
    """One Kafka record to be sent: a row of the outbox. `topic` has no prefix, `headers` are packed by `pack_headers`."""

    topic: str
    key: bytes | None
    headers: bytes
    value: bytes | None


def pack_headers(headers: Headers) -> bytes:
    """Return headers as one column value: JSON pairs, header values as Latin-1 so that each byte is one character."""
    return orjson.dumps([[name, value.decode("latin-1")] for name, value in headers])


def unpack_headers(packed: bytes) -> list[tuple[str, bytes]]:
    """Return the headers that `pack_headers` packed."""
    return [(name, value.encode("latin-1")) for name, value in orjson.loads(packed)]


NOTIFY = "SELECT pg_notify($1 || current_schema(), '')"


async def enqueue(connection: asyncpg.Connection, messages: Sequence[OutboxMessage]) -> None:
    """Insert messages in the caller's transaction; its commit notifies the relay."""
    if not messages:
        return
    await connection.copy_records_to_table("outbox", columns=OutboxMessage._fields, records=messages)
    await connection.execute(NOTIFY, CHANNEL_PREFIX)


FETCH_UNSENT = """
SELECT id, topic, key, headers, value
  FROM outbox
 ORDER BY id
 LIMIT $1
"""


async def fetch_unsent(connection: asyncpg.Connection, limit: int) -> list[tuple[int, OutboxMessage]]:
    """Return the oldest unsent messages with their row ids. A row exists until it is sent, so a late commit skips none."""
    rows = await connection.fetch(FETCH_UNSENT, limit)
    return [(row["id"], OutboxMessage(row["topic"], row["key"], row["headers"], row["value"])) for row in rows]


DELETE_SENT = "DELETE FROM outbox WHERE id = ANY ($1::bigint[])"


async def delete_sent(connection: asyncpg.Connection, ids: Sequence[int]) -> None:
    """Delete messages that the broker has acknowledged."""
    await connection.execute(DELETE_SENT, ids)


COUNT_UNSENT = "SELECT count(*) FROM outbox"


async def count_unsent(connection: asyncpg.Connection) -> int:
    """Return how many messages the outbox holds."""
    return int(await connection.fetchval(COUNT_UNSENT))
