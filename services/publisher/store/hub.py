"""The WebSub hub: requests that wait for the callback's confirmation, and subscriptions with their leases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import asyncpg

# Of all, and of one host: nobody fills the hub for the others.
MAX_SUBSCRIPTIONS = 10_000
MAX_OF_HOST = 200


@dataclass(frozen=True, slots=True)
class HubRequest:
    """A request to subscribe or unsubscribe; `secret` is encrypted."""

    callback: str
    topic: str
    mode: str
    lease_s: int
    secret: bytes | None
    requested_at: datetime


ROOM = """
SELECT (SELECT count(*) FROM publisher.hub_requests) + (SELECT count(*) FROM publisher.hub_subscriptions) AS everybody,
       (SELECT count(*) FROM publisher.hub_requests WHERE starts_with(callback, $1))
       + (SELECT count(*) FROM publisher.hub_subscriptions WHERE starts_with(callback, $1)) AS of_host
"""


async def has_room(connection: asyncpg.Connection, origin: str) -> bool:
    """Return whether a callback of an origin (scheme, host, port) can be taken."""
    row = await connection.fetchrow(ROOM, origin)
    return row is not None and row["everybody"] < MAX_SUBSCRIPTIONS and row["of_host"] < MAX_OF_HOST


UPSERT_REQUEST = """
INSERT INTO publisher.hub_requests (callback, topic, mode, lease_s, secret, requested_at)
VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (callback, topic) DO UPDATE
   SET mode = excluded.mode, lease_s = excluded.lease_s, secret = excluded.secret, requested_at = excluded.requested_at
"""


async def upsert_request(connection: asyncpg.Connection, request: HubRequest) -> None:
    """Store a request; a later one for the same callback and topic takes its place."""
    await connection.execute(
        UPSERT_REQUEST, request.callback, request.topic, request.mode, request.lease_s, request.secret, request.requested_at
    )


REQUESTS = """
SELECT callback, topic, mode, lease_s, secret, requested_at FROM publisher.hub_requests ORDER BY requested_at LIMIT $1
"""
DELETE_REQUEST = "DELETE FROM publisher.hub_requests WHERE (callback, topic, requested_at) = ($1, $2, $3)"


async def fetch_requests(connection: asyncpg.Connection, limit: int) -> list[HubRequest]:
    """Return the oldest requests."""
    return [HubRequest(**dict(row)) for row in await connection.fetch(REQUESTS, limit)]


async def delete_request(connection: asyncpg.Connection, request: HubRequest) -> None:
    """Delete a request that was looked into, unless a later one has taken its place."""
    await connection.execute(DELETE_REQUEST, request.callback, request.topic, request.requested_at)


SUBSCRIBE = """
INSERT INTO publisher.hub_subscriptions (callback, topic, secret, lease_until, sent_seq)
VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (callback, topic) DO UPDATE
   SET secret = excluded.secret, lease_until = excluded.lease_until, failures = 0, first_failure_at = NULL, retry_at = NULL
"""
UNSUBSCRIBE = "DELETE FROM publisher.hub_subscriptions WHERE (callback, topic) = ($1, $2)"
EXPIRE = "DELETE FROM publisher.hub_subscriptions WHERE lease_until < $1"


async def subscribe(connection: asyncpg.Connection, request: HubRequest, lease_until: datetime, sent_seq: int) -> None:
    """Store a confirmed subscription, or renew one."""
    await connection.execute(SUBSCRIBE, request.callback, request.topic, request.secret, lease_until, sent_seq)


async def unsubscribe(connection: asyncpg.Connection, callback: str, topic: str) -> None:
    """Delete a subscription."""
    await connection.execute(UNSUBSCRIBE, callback, topic)


async def delete_expired(connection: asyncpg.Connection, now: datetime) -> None:
    """Delete the subscriptions whose lease is over."""
    await connection.execute(EXPIRE, now)


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription: what was sent last, and how often in a row it failed since when."""

    callback: str
    topic: str
    secret: bytes | None
    sent_seq: int
    failures: int
    first_failure_at: datetime | None


TOPICS = "SELECT DISTINCT topic FROM publisher.hub_subscriptions"
BEHIND = """
SELECT callback, topic, secret, sent_seq, failures, first_failure_at
  FROM publisher.hub_subscriptions
 WHERE topic = $1 AND sent_seq < $2 AND (retry_at IS NULL OR retry_at <= $3)
 ORDER BY callback
 LIMIT $4
"""
SENT = """
UPDATE publisher.hub_subscriptions
   SET sent_seq = greatest(sent_seq, $3), failures = 0, first_failure_at = NULL, retry_at = NULL
 WHERE (callback, topic) = ($1, $2)
"""
FAILED = """
UPDATE publisher.hub_subscriptions
   SET failures = failures + 1, first_failure_at = coalesce(first_failure_at, $4), retry_at = $3
 WHERE (callback, topic) = ($1, $2)
"""


async def fetch_topics(connection: asyncpg.Connection) -> list[str]:
    """Return the topics that somebody subscribes to."""
    return [row["topic"] for row in await connection.fetch(TOPICS)]


NEXT_DUE = "SELECT least(min(retry_at), min(lease_until)) FROM publisher.hub_subscriptions"


async def next_due(connection: asyncpg.Connection) -> datetime | None:
    """Return when the first callback that failed has rested, or the first lease is over."""
    at: datetime | None = await connection.fetchval(NEXT_DUE)
    return at


async def fetch_behind(connection: asyncpg.Connection, topic: str, seq: int, now: datetime, limit: int) -> list[Subscription]:
    """Return the subscriptions of a topic that were not sent what it has up to `seq`, those that rest left out."""
    return [Subscription(**dict(row)) for row in await connection.fetch(BEHIND, topic, seq, now, limit)]


async def set_sent(connection: asyncpg.Connection, subscription: Subscription, seq: int) -> None:
    """Store that a callback has taken what a topic has up to `seq`."""
    await connection.execute(SENT, subscription.callback, subscription.topic, seq)


async def set_failed(connection: asyncpg.Connection, subscription: Subscription, retry_at: datetime, now: datetime) -> None:
    """Store that a callback took nothing, and when to try again."""
    await connection.execute(FAILED, subscription.callback, subscription.topic, retry_at, now)
