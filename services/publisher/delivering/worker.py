"""The worker that brings versions to targets: one in all publishers, a few attempts at a time, and nobody waits for it."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from services.publisher.channels import delivering_channels
from services.publisher.channels.declaration import Channel, Message, Sender
from services.publisher.domain.delivery import MAX_RETRY_AFTER_S, RETRY_S, Outcome, Reply, next_attempt, retry_delay
from services.publisher.domain.target import Target, TargetState
from services.publisher.store import deliveries, targets
from services.publisher.store.deliveries import DueDelivery
from shared.contracts import ItemState
from shared.metrics import DELIVERIES
from shared.secret_box import OtherKey, SecretBox
from shared.stream import Database, JournalEntry

log = structlog.get_logger(__name__)

BATCH = 500
# Attempts at one target, and at all, at a time; while it fails, one.
PER_TARGET = 4
IN_ALL = 64
# A target that fails is tried again at least this often while something waits for it.
MAX_REST = timedelta(minutes=10)
POLL_S = 5.0
CLEAN_INTERVAL_S = 3600.0


def message_id(target_id: str, item_id: str, version: int) -> str:
    """Return the id by which a target knows a message again."""
    return f"{target_id}.{item_id}.v{version}"


class DeliveryWorker:
    """Enqueues for each target what was released for it, and sends what is due.

    Of an item one version is on its way at a time, so versions arrive in their order; a withdrawal overtakes all others.
    `schedule`: seconds to wait after each attempt. `wake` is set when an attempt has ended, and with it a place is free.
    """

    def __init__(
        self, database: Database, sender: Sender, box: SecretBox, channels: Mapping[str, Channel] | None = None,
        schedule: tuple[float, ...] = RETRY_S, wake: asyncio.Event | None = None,
    ) -> None:  # fmt: skip
        self._database = database
        self._sender = sender
        self._box = box
        self._channels = delivering_channels() if channels is None else channels
        for name in self._channels:
            for outcome in Outcome:
                DELIVERIES.labels(name, outcome.value)
        self._schedule = schedule
        self._wake = wake or asyncio.Event()
        self._cleaned_at = 0.0
        self._in_flight: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._not_before: dict[str, float] = {}

    async def step(self) -> float:
        """Enqueue and start what is due; return the seconds after which there may be more, unless something wakes it."""
        await self._clean()
        async with self._database.snapshot() as connection:
            known = await targets.fetch_targets(connection, self._database.clock())
            behind = await targets.fetch_behind(connection)
        for target_id in behind:
            await self._enqueue(target_id)
        at = self._database.clock()
        slots = {target.target_id: count for target in known if (count := self._slots(target, at)) > 0}
        async with self._database.snapshot() as connection:
            due = await deliveries.fetch_due(connection, slots, at, list(self._in_flight)) if slots else []
            next_due = await deliveries.fetch_next_due(connection)
        chosen = due[: max(0, IN_ALL - len(self._in_flight))]
        if chosen:
            # Before it is sent: what dies in between may have arrived.
            async with self._database.unit_of_work() as uow:
                await deliveries.set_sent(uow.connection, chosen, uow.now)
        for each in chosen:
            self._start(each)
        waits = [POLL_S, *(moment - time.monotonic() for moment in self._not_before.values() if moment > time.monotonic())]
        if next_due is not None and next_due > at:
            waits.append((next_due - at).total_seconds())
        return max(0.02, min(waits))

    async def stop(self) -> None:
        """Leave the attempts that are on their way; they are made again under the same ids."""
        for task in list(self._in_flight.values()):
            task.cancel()
        await asyncio.gather(*self._in_flight.values(), return_exceptions=True)

    async def _clean(self) -> None:
        if time.monotonic() - self._cleaned_at > CLEAN_INTERVAL_S:
            async with self._database.unit_of_work() as uow:
                await deliveries.delete_old_attempts(uow.connection, uow.now)
            self._cleaned_at = time.monotonic()

    async def _enqueue(self, target_id: str) -> None:
        count = BATCH
        while count == BATCH:
            async with self._database.unit_of_work() as uow:
                count = await deliveries.enqueue(uow.connection, target_id, uow.now, BATCH)

    def _slots(self, target: Target, at: datetime) -> int:
        """Return how many attempts at a target may be started now."""
        if target.state is not TargetState.ACTIVE or target.channel not in self._channels:
            return 0
        if (target.retry_at and target.retry_at > at) or self._not_before.get(target.target_id, 0.0) > time.monotonic():
            return 0
        allowed = 1 if target.failures or target.per_minute else PER_TARGET
        return allowed - Counter(target_id for target_id, _ in self._in_flight)[target.target_id]

    def _start(self, due: DueDelivery) -> None:
        task = asyncio.create_task(self._attempt(due))
        self._in_flight[due.key] = task

        def finish(done: asyncio.Task[None]) -> None:
            self._in_flight.pop(due.key, None)
            if not done.cancelled() and (error := done.exception()) is not None:
                log.warning("delivery_failed", target=due.target_id, error=type(error).__name__)
            self._wake.set()

        task.add_done_callback(finish)

    async def _attempt(self, due: DueDelivery) -> None:
        at = self._database.clock()
        async with self._database.snapshot() as connection:
            try:
                found = await targets.fetch_targets(connection, at, self._box, due.target_id)
            except OtherKey:
                log.exception("target_secret_unreadable", target=due.target_id)
                found = []
        if not found:
            self._not_before[due.target_id] = time.monotonic() + POLL_S
            return
        target, channel = found[0], self._channels[found[0].channel]
        if target.per_minute:
            self._not_before[target.target_id] = time.monotonic() + 60 / target.per_minute
        body = channel.body_of(due.item)
        reply, outcome = Reply(error="not_carried", was_sent=False), Outcome.REFUSED
        message = Message(message_id(target.target_id, due.item.item_id, due.item.version), body or {})
        if body is not None and channel.deliver is not None:
            reply = await channel.deliver(target, message, self._sender)
            outcome = channel.acknowledge(reply)
        DELIVERIES.labels(channel.name, outcome.value).inc()
        await self._store(target, due, message.message_id, reply, outcome)

    async def _store(self, target: Target, due: DueDelivery, sent_id: str, reply: Reply, outcome: Outcome) -> None:
        item = due.item
        key = (due.target_id, item.item_id, item.version)
        async with self._database.unit_of_work() as uow:
            connection, at = uow.connection, uow.now
            if outcome is Outcome.DELIVERED:
                await deliveries.set_delivered(connection, *key, at)
                if await targets.set_well(connection, due.target_id):
                    await deliveries.make_due(connection, due.target_id, at)
            else:
                first_at = due.first_attempt_at or at
                is_withdrawal = item.state is ItemState.WITHDRAWN
                due_at = next_attempt(
                    attempts=due.attempts + 1, first_at=first_at, at=at, is_withdrawal=is_withdrawal, spread=random.random(),  # noqa: S311
                    schedule=self._schedule,
                )  # fmt: skip
                await deliveries.postpone(connection, *key, at, at if outcome is Outcome.GONE else due_at)
                if due.sent_at is None and not reply.was_sent:
                    await deliveries.set_not_sent(connection, *key)
            if outcome is Outcome.GONE and await targets.set_state(connection, due.target_id, TargetState.DISABLED):
                uow.journal(JournalEntry("publisher", "target_disabled", due.target_id, detail={"status": reply.status}))
            if outcome is Outcome.FAILING:
                await targets.set_failing(connection, due.target_id, at + self._rest(target, reply), target.failures + 1)
            await deliveries.insert_attempt(connection, due.target_id, sent_id, at, reply)

    def _rest(self, target: Target, reply: Reply) -> timedelta:
        """Return how long a target is left alone that failed: as long as it asks for, within bounds."""
        own = retry_delay(target.failures + 1, random.random(), self._schedule)  # noqa: S311 spreads attempts
        requested = timedelta(seconds=min(reply.retry_after_s or 0.0, MAX_RETRY_AFTER_S))
        return max(min(own, MAX_REST), requested)
