"""The outbox relay, one per service: publishes unsent messages in order per key and deletes those that are acknowledged."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import AsyncExitStack, suppress

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer

from shared.database.connections import acquire
from shared.metrics import OUTBOX_SENT
from shared.settings import Settings
from shared.stream.client_options import client_options
from shared.stream.outbox import CHANNEL_PREFIX, delete_sent, fetch_unsent
from shared.stream.outbox_publisher import OutboxPublisher
from shared.stream.signature import load_signer
from shared.stream.topics import MAX_MESSAGE_BYTES
from shared.waiting import wait_set

log = structlog.get_logger(__name__)

BATCH_MESSAGES = 5_000
# For the lock of a relay that has died, and for a notification that was lost.
LOCK_INTERVAL_S = 1.0
POLL_INTERVAL_S = 5.0
SEND_TIMEOUT_S = 30.0
BACK_OFF_S = 1.0
# A live relay polls every five seconds, or sends: a session idle for this long is frozen, and the database releases its lock.
LOCK_TIMEOUT_S = 2 * SEND_TIMEOUT_S

TRY_LEADER_LOCK = "SELECT pg_try_advisory_lock(hashtext(current_schema() || '.relay'))"
CURRENT_SCHEMA = "SELECT current_schema()"
SET_IDLE_TIMEOUT = "SELECT set_config('idle_session_timeout', $1, false)"


def outbox_producer(settings: Settings) -> AIOKafkaProducer:
    """Return a producer for outbox messages: idempotent, acknowledged by all replicas, in large batches."""
    return AIOKafkaProducer(
        **client_options(settings),
        enable_idempotence=True,
        acks="all",
        linger_ms=5,
        max_batch_size=512 * 1024,
        request_timeout_ms=20_000,
        max_request_size=MAX_MESSAGE_BYTES,
    )


class Relay:
    """Runs until stopped. A second relay of the same schema waits for the advisory lock, then takes over.

    A relay that dies between publishing and deleting publishes twice: consumers drop the duplicate by revision or event id.
    """

    def __init__(self, pool: asyncpg.Pool, settings: Settings, service: str) -> None:
        self._pool = pool
        self._settings = settings
        self._signer = load_signer(settings)
        self._prefix = settings.topic_prefix
        self._service = service
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.failure: str | None = None

    def start(self) -> None:
        """Start to relay in the background."""
        self._task = asyncio.create_task(self._run(), name=f"{self._service}-relay")

    async def stop(self) -> None:
        """Stop; unsent messages stay in the outbox."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        """Relay for ever; after any error start again with a new connection and a new producer."""
        while True:
            try:
                async with AsyncExitStack() as stack:
                    await self._relay(stack)
            except asyncio.CancelledError:
                raise
            except Exception as error:
                self.failure = type(error).__name__
                log.warning("relay_failed", service=self._service, error=self.failure)
                await asyncio.sleep(BACK_OFF_S)

    async def _relay(self, stack: AsyncExitStack) -> None:
        connection = await stack.enter_async_context(acquire(self._pool))
        await connection.execute(SET_IDLE_TIMEOUT, str(int(LOCK_TIMEOUT_S * 1000)))
        while not await connection.fetchval(TRY_LEADER_LOCK):
            await asyncio.sleep(LOCK_INTERVAL_S)
        channel = CHANNEL_PREFIX + await connection.fetchval(CURRENT_SCHEMA)
        await connection.add_listener(channel, self._on_notify)
        connection.add_termination_listener(self._on_notify)  # a lost connection is noticed at once
        stack.push_async_callback(self._remove_listener, connection, channel)
        producer = outbox_producer(self._settings)
        await producer.start()
        stack.push_async_callback(producer.stop)
        publisher = OutboxPublisher(producer, self._prefix, self._signer)
        self.failure = None
        while True:
            self._wake.clear()
            unsent = await fetch_unsent(connection, BATCH_MESSAGES)
            if unsent.messages:
                async with asyncio.timeout(SEND_TIMEOUT_S):
                    await publisher.publish(unsent.messages)
                await delete_sent(connection, unsent.row_ids)
                for topic, sent in Counter(message.topic for message in unsent.messages).items():
                    OUTBOX_SENT.labels(self._service, topic).inc(sent)
            if len(unsent.messages) < BATCH_MESSAGES:
                await wait_set(self._wake, POLL_INTERVAL_S)

    def _on_notify(self, *_: object) -> None:
        self._wake.set()

    async def _remove_listener(self, connection: asyncpg.Connection, channel: str) -> None:
        with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            connection.remove_termination_listener(self._on_notify)
            await connection.remove_listener(channel, self._on_notify)
