"""The hub's worker: asks callbacks to confirm, and brings them the first page of a feed that has changed."""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

import asyncpg
import structlog

from services.publisher.delivering.sender import HttpSender
from services.publisher.domain.delivery import GIVE_UP_AFTER, RETRY_S, Outcome, Reply, outcome_of, retry_delay
from services.publisher.domain.feed_subject import FeedSubject, subject_of_path
from services.publisher.domain.hub import confirmation_address, signature
from services.publisher.store import feeds, gate, hub
from services.publisher.store.hub import HubRequest, Subscription
from shared.metrics import DELIVERIES
from shared.secret_box import OtherKey, SecretBox
from shared.stream import Database

log = structlog.get_logger(__name__)
PURPOSE = "hub"
BATCH = 64
AT_ONCE = 16
# Callbacks that hang hold up the others of their topic; a topic has a connection while its feed is drawn.
TOPICS_AT_ONCE = 4
# Whoever releases or subscribes notifies the worker; what it was not told of it finds after this long.
POLL_S = 30.0
# Between two rounds of topics.
ROUND_S = 1.0
Result = TypeVar("Result")
Render = Callable[[asyncpg.Connection, FeedSubject], Awaitable[bytes]]


class HubWorker:
    """Serves the hub. `public` is the address of the site."""

    def __init__(
        self, database: Database, sender: HttpSender, box: SecretBox, render: Render, public: str,
        schedule: tuple[float, ...] = RETRY_S,
    ) -> None:  # fmt: skip
        self._database = database
        self._sender = sender
        self._box = box
        self._render = render
        self._public = public
        self._schedule = schedule
        self._brought = -1

    async def step(self) -> float:
        """Look into the requests, drop leases that are over, and bring every topic that has changed to who lacks it.

        Of topics nothing is asked until something is released, a callback that failed has rested, or a lease is over.
        """
        async with self._database.snapshot() as connection:
            requests = await hub.fetch_requests(connection, BATCH)
            released, due_at = await gate.last_release_seq(connection), await hub.next_due(connection)
        await _gather([self._confirm(each) for each in requests])
        if released != self._brought or (due_at is not None and due_at <= self._database.clock()):
            if await self._distribute_all():
                self._brought = released
            return min(ROUND_S, self._schedule[0])
        if due_at is None:
            return POLL_S
        return min(POLL_S, max(0.0, (due_at - self._database.clock()).total_seconds()))

    async def _distribute_all(self) -> bool:
        """Bring every topic to who lacks it, at most `BATCH` of each; return whether that was everybody but who rests."""
        async with self._database.unit_of_work() as uow:
            await hub.delete_expired(uow.connection, uow.now)
            topics = await hub.fetch_topics(uow.connection)
        brought = await _gather([self._distribute(each) for each in topics], TOPICS_AT_ONCE)
        return all(brought)

    async def stop(self) -> None:
        """Nothing is on its way between steps."""

    async def _confirm(self, request: HubRequest) -> None:
        """Ask the callback whether it wants what was requested in its name; without its word nothing happens (5.3)."""
        challenge = secrets.token_urlsafe(32)
        query = {"hub.mode": request.mode, "hub.topic": self._public + request.topic, "hub.challenge": challenge}
        if request.mode == "subscribe":
            query["hub.lease_seconds"] = str(request.lease_s)
        reply, body = await self._sender.exchange("GET", confirmation_address(request.callback, query), b"", {})
        is_confirmed = outcome_of(reply) is Outcome.DELIVERED and body.strip() == challenge.encode()
        async with self._database.unit_of_work() as uow:
            subject = subject_of_path(request.topic)
            if is_confirmed and request.mode == "subscribe" and subject is not None:
                seq = await feeds.last_seq(uow.connection, subject)
                await hub.subscribe(uow.connection, request, uow.now + timedelta(seconds=request.lease_s), seq)
            elif is_confirmed:
                await hub.unsubscribe(uow.connection, request.callback, request.topic)
            await hub.delete_request(uow.connection, request)

    async def _distribute(self, topic: str) -> bool:
        """Bring a topic to some who lack it; return whether that was everybody but who rests."""
        subject = subject_of_path(topic)
        if subject is None:
            return True
        async with self._database.snapshot() as connection:
            seq = await feeds.last_seq(connection, subject)
            behind = await hub.fetch_behind(connection, topic, seq, self._database.clock(), BATCH)
            content = await self._render(connection, subject) if behind else b""
        await _gather([self._send(each, content, seq) for each in behind])
        return len(behind) < BATCH

    async def _send(self, subscription: Subscription, content: bytes, seq: int) -> None:
        links = f'<{self._public}/hub>; rel="hub", <{self._public}{subscription.topic}>; rel="self"'
        headers = {"content-type": "application/atom+xml; charset=utf-8", "link": links}
        if subscription.secret is not None:
            try:
                headers["x-hub-signature"] = signature(self._box.decrypt(subscription.secret), content)
            except OtherKey:
                log.warning("hub_secret_unreadable")
        reply = await self._sender.post(subscription.callback, content, headers)
        outcome = outcome_of(reply)
        DELIVERIES.labels("hub", outcome.value).inc()
        await self._store(subscription, reply, outcome, seq)

    async def _store(self, subscription: Subscription, reply: Reply, outcome: Outcome, seq: int) -> None:
        async with self._database.unit_of_work() as uow:
            first_at = subscription.first_failure_at or uow.now
            if outcome is Outcome.DELIVERED:
                await hub.set_sent(uow.connection, subscription, seq)
            elif outcome is Outcome.GONE or uow.now - first_at > GIVE_UP_AFTER:
                await hub.unsubscribe(uow.connection, subscription.callback, subscription.topic)
            else:
                own = retry_delay(subscription.failures + 1, random.random(), self._schedule)  # noqa: S311 spreads attempts
                rest = max(own, timedelta(seconds=min(reply.retry_after_s or 0.0, GIVE_UP_AFTER.total_seconds())))
                await hub.set_failed(uow.connection, subscription, uow.now + rest, uow.now)


async def _gather(works: list[Awaitable[Result]], at_once: int = AT_ONCE) -> list[Result]:
    """Do several things, so many at a time, and return what each returns."""
    room = asyncio.Semaphore(at_once)

    async def do(work: Awaitable[Result]) -> Result:
        async with room:
            return await work

    return await asyncio.gather(*(do(work) for work in works))
