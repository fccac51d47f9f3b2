"""Subscriptions by mail: asked for, confirmed, sent, left. Addresses and tokens are encrypted; see `shared.secret_box`."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import asyncpg

# Of one address, of its questions that nobody has answered yet, and of those of all: nobody is flooded, and nobody floods
# the mail server.
MAX_OF_ADDRESS = 20
MAX_QUESTIONS = 5
MAX_UNCONFIRMED = 500
MAX_IN_ALL = 100_000


@dataclass(frozen=True, slots=True)
class MailSubscription:
    """A subscription; `subject` is that of a feed, as in `regions/990102`."""

    address_digest: bytes = field(repr=False)
    subject: str
    address: bytes = field(repr=False)
    language: str
    token: bytes = field(repr=False)
    sent_seq: int = 0


ROOM = """
SELECT count(*) FILTER (WHERE address_digest = $1) AS of_address,
       count(*) FILTER (WHERE address_digest = $1 AND confirmed_at IS NULL) AS questions,
       count(*) FILTER (WHERE confirmed_at IS NULL) AS unconfirmed,
       count(*) AS everybody
  FROM publisher.mail_subscriptions
"""
INSERT = """
INSERT INTO publisher.mail_subscriptions (address_digest, subject, address, language, token_hash, token, requested_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (address_digest, subject) DO NOTHING
"""


async def insert_request(
    connection: asyncpg.Connection, subscription: MailSubscription, token_hash: bytes, at: datetime
) -> None:
    """Store a request where there is room; one that is there already stays as it is."""
    row = await connection.fetchrow(ROOM, subscription.address_digest)
    if row is None or row["of_address"] >= MAX_OF_ADDRESS or row["questions"] >= MAX_QUESTIONS:
        return
    if row["unconfirmed"] >= MAX_UNCONFIRMED or row["everybody"] >= MAX_IN_ALL:
        return
    await connection.execute(
        INSERT, subscription.address_digest, subscription.subject, subscription.address, subscription.language, token_hash,
        subscription.token, at,
    )  # fmt: skip


_COLUMNS = "address_digest, subject, address, language, token, sent_seq"
UNASKED = f"SELECT {_COLUMNS} FROM publisher.mail_subscriptions WHERE asked_at IS NULL ORDER BY requested_at LIMIT $1"  # noqa: S608
SET_QUESTION_SENT = "UPDATE publisher.mail_subscriptions SET asked_at = $3 WHERE (address_digest, subject) = ($1, $2)"


async def fetch_unasked(connection: asyncpg.Connection, limit: int) -> list[MailSubscription]:
    """Return the requests whose person has not been asked yet."""
    return [MailSubscription(**dict(row)) for row in await connection.fetch(UNASKED, limit)]


async def set_question_sent(connection: asyncpg.Connection, subscription: MailSubscription, at: datetime) -> None:
    """Store that the person was asked: once."""
    await connection.execute(SET_QUESTION_SENT, subscription.address_digest, subscription.subject, at)


CONFIRM = """
UPDATE publisher.mail_subscriptions
   SET confirmed_at = coalesce(confirmed_at, $2), sent_seq = greatest(sent_seq, $3)
 WHERE token_hash = $1
RETURNING subject
"""
LEAVE = "DELETE FROM publisher.mail_subscriptions WHERE token_hash = $1 RETURNING subject"
SUBJECT_OF = "SELECT subject FROM publisher.mail_subscriptions WHERE token_hash = $1"
FORGET = "DELETE FROM publisher.mail_subscriptions WHERE confirmed_at IS NULL AND requested_at < $1"


async def confirm(connection: asyncpg.Connection, token_hash: bytes, at: datetime, seq: int) -> str | None:
    """Confirm a subscription, which begins behind release `seq`; return its subject, None for a token that is none."""
    subject: str | None = await connection.fetchval(CONFIRM, token_hash, at, seq)
    return subject


async def find_subject(connection: asyncpg.Connection, token_hash: bytes) -> str | None:
    """Return the subject of a token's subscription."""
    subject: str | None = await connection.fetchval(SUBJECT_OF, token_hash)
    return subject


async def leave(connection: asyncpg.Connection, token_hash: bytes) -> bool:
    """Delete a subscription with its address; return whether there was one."""
    return await connection.fetchval(LEAVE, token_hash) is not None


async def forget_unconfirmed(connection: asyncpg.Connection, before: datetime) -> None:
    """Delete what nobody has confirmed since a time."""
    await connection.execute(FORGET, before)


DUE = f"""
SELECT {_COLUMNS}
  FROM publisher.mail_subscriptions
 WHERE confirmed_at IS NOT NULL
   AND (sent_at IS NULL OR sent_at < $1)
   AND sent_seq < (SELECT max(release_seq) FROM publisher.public_items)
 ORDER BY sent_at NULLS FIRST
 LIMIT $2
"""  # noqa: S608 the columns are ours
SET_SENT = "UPDATE publisher.mail_subscriptions SET sent_seq = $3, sent_at = $4 WHERE (address_digest, subject) = ($1, $2)"


async def fetch_due(connection: asyncpg.Connection, before: datetime, limit: int) -> list[MailSubscription]:
    """Return the subscriptions that were sent nothing since a time, where anything was released."""
    return [MailSubscription(**dict(row)) for row in await connection.fetch(DUE, before, limit)]


async def set_sent(connection: asyncpg.Connection, subscription: MailSubscription, seq: int, at: datetime) -> None:
    """Store up to which release a subscription was told."""
    await connection.execute(SET_SENT, subscription.address_digest, subscription.subject, seq, at)
