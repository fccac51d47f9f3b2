"""The transactional outbox: messages are written in the transaction of the change that they announce.

A row holds the messages of one transaction for one topic, in order.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import asyncpg

from shared.stream.outbox_batch import OutboxMessage, pack, split, unpack, unpack_headers

CHANNEL_PREFIX = "outbox_"

ENQUEUE = """
WITH enqueued AS (
    INSERT INTO outbox (topic, messages, batch)
    SELECT topic, messages, batch
      FROM unnest($1::text[], $2::integer[], $3::bytea[]) WITH ORDINALITY AS o(topic, messages, batch, place)
     ORDER BY place
)
SELECT pg_notify($4 || current_schema(), '')
"""


async def enqueue(connection: asyncpg.Connection, messages: Sequence[OutboxMessage]) -> None:
    """Insert messages in the caller's transaction; its commit notifies the relay."""
    if not messages:
        return
    batches = list(split(messages))
    await connection.execute(
        ENQUEUE,
        [batch[0].topic for batch in batches],
        [len(batch) for batch in batches],
        [pack(batch) for batch in batches],
        CHANNEL_PREFIX,
    )


@dataclass(frozen=True, slots=True)
class Unsent:
    """The oldest rows of the outbox, by their ids, and the messages that they hold, in order."""

    row_ids: Sequence[int]
    messages: Sequence[OutboxMessage]


# A row of before 2026-11-27 is one message, in its columns.
FETCH_UNSENT = """
SELECT id, topic, key, headers, value, batch
  FROM (SELECT id, topic, key, headers, value, batch, sum(messages) OVER (ORDER BY id) - messages AS messages_before
          FROM outbox
         ORDER BY id
         LIMIT $1) AS oldest
 WHERE messages_before < $1
 ORDER BY id
"""


async def fetch_unsent(connection: asyncpg.Connection, limit: int) -> Unsent:
    """Return the oldest unsent messages: `limit` of them, and the rest of the row in which the last of these is.

    A row exists until it is sent, so a late commit skips none.
    """
    rows = await connection.fetch(FETCH_UNSENT, limit)
    return Unsent([row["id"] for row in rows], [message for row in rows for message in _messages(row)])


ITERATE_UNSENT = "SELECT topic, key, headers, value, batch FROM outbox WHERE topic = $1 ORDER BY id"
PREFETCH = 10


async def iterate_unsent(connection: asyncpg.Connection, topic: str) -> AsyncIterator[OutboxMessage]:
    """Yield the unsent messages of a topic in order. Needs a transaction, since it reads through a cursor."""
    async for row in connection.cursor(ITERATE_UNSENT, topic, prefetch=PREFETCH):
        for message in _messages(row):
            yield message


def _messages(row: asyncpg.Record) -> Sequence[OutboxMessage]:
    if row["batch"] is None:
        return (OutboxMessage(row["topic"], row["key"], unpack_headers(row["headers"]), row["value"]),)
    return unpack(row["topic"], row["batch"])


DELETE_SENT = "DELETE FROM outbox WHERE id = ANY ($1::bigint[])"


async def delete_sent(connection: asyncpg.Connection, row_ids: Sequence[int]) -> None:
    """Delete rows of which the broker has acknowledged every message."""
    await connection.execute(DELETE_SENT, row_ids)


COUNT_UNSENT = "SELECT coalesce(sum(messages), 0) FROM outbox"


async def count_unsent(connection: asyncpg.Connection) -> int:
    """Return how many messages the outbox holds."""
    return int(await connection.fetchval(COUNT_UNSENT))
