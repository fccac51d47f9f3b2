"""The report of a process of a service on itself, which the operations page shows."""

from __future__ import annotations

import os
import socket
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import asyncpg

from shared.accounts.service_states import BlockedState, ConsumerState, ServiceState, report_state, withdraw_state
from shared.database.connections import acquire
from shared.stream.consumer import BatchConsumer
from shared.stream.dead_letters import count_waiting
from shared.stream.outbox import count_unsent
from shared.version import VERSION

if TYPE_CHECKING:
    from shared.service import Service, ServiceContext

REPORT_INTERVAL_S = 20.0


class StateReporter:
    """Reports what waits in this process, and withdraws the report when it stops."""

    def __init__(self, service: Service, context: ServiceContext) -> None:
        self._service = service
        self._context = context
        self._process = f"{socket.gethostname()}:{os.getpid()}"[:100]
        self._started_at = context.database.clock()

    async def report(self) -> None:
        """Report once."""
        context = self._context
        async with acquire(context.database.pool) as connection:
            state = ServiceState(
                version=VERSION,
                started_at=self._started_at,
                outbox=await count_unsent(connection),
                dead_letters=await count_waiting(connection),
                consumers=tuple(_consumer_state(each, context.service) for each in context.consumers),
                attention=tuple(await self._service.attention(connection, context.database.clock())),
            )
            await report_state(connection, context.service, self._process, state)

    async def withdraw(self) -> None:
        """Withdraw the report; without a database it stands, and is told as silent."""
        with suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
            async with acquire(self._context.database.pool) as connection:
                await withdraw_state(connection, self._context.service, self._process)


def _consumer_state(consumer: BatchConsumer, service: str) -> ConsumerState:
    health = consumer.health
    blocked = tuple(
        BlockedState(partition=each.partition.partition, cause=each.cause.value, reason=each.describe(service))
        for each in health.blocked.values()
    )
    failure = type(health.failure).__name__ if health.failure else ""
    committed_s = round(time.monotonic() - health.committed_at, 1)
    return ConsumerState(topic=health.topic, lag=consumer.lag(), committed_s=committed_s, failure=failure, blocked=blocked)
