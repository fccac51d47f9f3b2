"""The unit of work: one transaction in which a batch is applied, and what it says and records."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from shared.clock import Clock
from shared.contracts.envelope import Event, binary_headers
from shared.database.pool import acquire
from shared.identifiers import uuid7s
from shared.stream.dead_letters import quarantine
from shared.stream.journal import Entry, append
from shared.stream.outbox import Letter, enqueue, pack_headers
from shared.stream.record import Detail, Reason, Received, Refused


@dataclass(slots=True)
class Unit:
    """What a handler is given: the connection inside its transaction, the time, ids, and a place to say what happened.

    A handler opens no transaction and sends nothing itself; what it emits, refuses and records is written when the
    unit ends, in the same transaction.
    """

    connection: asyncpg.Connection
    now: datetime
    source: str
    letters: list[Letter] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    ids: Iterator[UUID] = field(default_factory=uuid7s)

    def emit(self, event: Event, event_id: UUID | None = None) -> None:
        """Say that something happened."""
        headers = binary_headers(event, event_id=event_id or next(self.ids), source=self.source, at=self.now)
        self.letters.append(Letter(event.topic, event.key().encode(), pack_headers(headers), event.body()))

    def refuse(self, received: Received[Any], reason: Reason, *details: Detail) -> None:
        """Refuse one event for good; its neighbours are applied."""
        self.refused.append(Refused(received.record, reason, details))

    def record(self, entry: Entry) -> None:
        """Leave a trace in the journal."""
        self.entries.append(entry)

    async def finish(self) -> None:
        """Write what was said, refused and recorded."""
        await quarantine(self.connection, self.refused)
        await append(self.connection, self.now, self.entries)
        await enqueue(self.connection, self.letters)


@dataclass(frozen=True, slots=True)
class Store:
    """The pool of one service and how its units of work begin."""

    pool: asyncpg.Pool
    clock: Clock
    source: str

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[Unit]:
        """Open a transaction; commit with everything that was said in it, or roll back on any error."""
        async with acquire(self.pool) as connection, connection.transaction():
            unit = Unit(connection, self.clock(), self.source)
            yield unit
            await unit.finish()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[asyncpg.Connection]:
        """Open a read-only transaction: every statement sees the same moment."""
        async with acquire(self.pool) as connection, connection.transaction(isolation="repeatable_read", readonly=True):
            yield connection
