"""The relay: sends what the outbox holds, one per service, in order per key, and forgets what was acknowledged."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, suppress

import asyncpg
import structlog
from aiokafka import AIOKafkaProducer

from shared.database.pool import acquire
from shared.metrics import SENT
from shared.settings import Settings
from shared.stream.outbox import CHANNEL_PREFIX, forget, unsent
from shared.stream.sender import BatchSender
from shared.waiting import until_set

log = structlog.get_logger(__name__)

BATCH = 5_000
IDLE_S = 1.0
SEND_TIMEOUT_S = 30.0
BACK_OFF_S = 1.0
# A relay asks every second, or sends: one that is silent for so long is frozen, and the database lets another have the lock.
GONE_S = 2 * SEND_TIMEOUT_S

TRY_LOCK = "SELECT pg_try_advisory_lock(hashtext(current_schema() || '.relay'))"
SCHEMA = "SELECT current_schema()"
GONE = "SELECT set_config('idle_session_timeout', $1, false)"


def outbox_producer(bootstrap_servers: str) -> AIOKafkaProducer:
    """Return a producer for letters: idempotent, acknowledged by all, in batches worth a request."""
    return AIOKafkaProducer(
        bootstrap_servers=bootstrap_servers,
        enable_idempotence=True,
        acks="all",
        linger_ms=5,
        max_batch_size=512 * 1024,
        request_timeout_ms=20_000,
        max_request_size=16 * 1024 * 1024,
    )


class Relay:
    """Runs until stopped. A second relay of the same schema waits for the advisory lock, then takes over.

    It may send a letter twice, when it dies between send and forget: readers drop the second by revision.
    """

    def __init__(self, pool: asyncpg.Pool, settings: Settings, service: str) -> None:
        self._pool = pool
        self._bootstrap_servers = settings.kafka_bootstrap_servers
        self._prefix = settings.topic_prefix
        self._service = service
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.failure: str | None = None

    def start(self) -> None:
        """Begin to relay."""
        self._task = asyncio.create_task(self._run(), name=f"{self._service}-relay")

    async def stop(self) -> None:
        """Stop relaying; what is unsent stays in the outbox."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        """Relay for ever; on any error begin anew with a new connection and a new producer."""
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
        await connection.execute(GONE, str(int(GONE_S * 1000)))
        while not await connection.fetchval(TRY_LOCK):
            await asyncio.sleep(IDLE_S)
        channel = CHANNEL_PREFIX + await connection.fetchval(SCHEMA)
        await connection.add_listener(channel, self._woken)
        stack.push_async_callback(self._unlisten, connection, channel)
        producer = outbox_producer(self._bootstrap_servers)
        await producer.start()
        stack.push_async_callback(producer.stop)
        sender = BatchSender(producer, self._prefix)
        self.failure = None
        while True:
            self._wake.clear()
            letters = await unsent(connection, BATCH)
            if letters:
                async with asyncio.timeout(SEND_TIMEOUT_S):
                    await sender.send([letter for _, letter in letters])
                await forget(connection, [number for number, _ in letters])
                SENT.labels(self._service, letters[0][1].topic).inc(len(letters))
            if len(letters) < BATCH:
                await until_set(self._wake, IDLE_S)

    def _woken(self, *_: object) -> None:
        self._wake.set()

    async def _unlisten(self, connection: asyncpg.Connection, channel: str) -> None:
        with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            await connection.remove_listener(channel, self._woken)
