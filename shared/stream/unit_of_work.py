"""The unit of work: one transaction in which a batch is applied, and what it emits, refuses and journals."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from shared.clock import Clock
from shared.contracts.envelope import Event, Headers, binary_headers
from shared.database.connections import acquire
from shared.identifiers import uuid7s
from shared.stream.dead_letters import insert_dead_letters
from shared.stream.journal import JournalEntry, append_entries
from shared.stream.outbox import enqueue
from shared.stream.outbox_batch import OutboxMessage
from shared.stream.record import (
    DeadLetterReason,
    ReceivedEvent,
    RefusedRecord,
    RefusedSubmission,
    SubmittedRecord,
    ValidationFinding,
)


@dataclass(slots=True)
class UnitOfWork:
    """The argument of a handler: the connection inside its transaction, the time, ids, and what is to be written at the end.

    A handler opens no transaction and publishes nothing itself; what it emits, refuses and journals is written when the
    unit of work ends, in the same transaction.
    """

    connection: asyncpg.Connection
    now: datetime
    source: str
    messages: list[OutboxMessage] = field(default_factory=list)
    refused: list[RefusedRecord] = field(default_factory=list)
    refused_submissions: list[RefusedSubmission] = field(default_factory=list)
    journal_entries: list[JournalEntry] = field(default_factory=list)
    ids: Iterator[UUID] = field(default_factory=uuid7s)

    def emit(self, event: Event, event_id: UUID | None = None, *, headers: Headers = ()) -> None:
        """Add an event to the outbox. `headers`: what its emitter knows beyond its fields."""
        own = binary_headers(event, event_id=event_id or next(self.ids), source=self.source, at=self.now)
        self.messages.append(OutboxMessage(event.topic, event.key().encode(), (*own, *headers), event.body()))

    def refuse(self, received: ReceivedEvent[Any], reason: DeadLetterReason, *findings: ValidationFinding) -> None:
        """Make one event a dead letter; its neighbours are applied."""
        self.refused.append(RefusedRecord(received.record, reason, findings))

    def refuse_submission(
        self, record: SubmittedRecord, reason: DeadLetterReason, findings: Sequence[ValidationFinding]
    ) -> None:
        """Make one event that came in outside Kafka a dead letter."""
        self.refused_submissions.append(RefusedSubmission(record, reason, tuple(findings)))

    def journal(self, entry: JournalEntry) -> None:
        """Add an entry to the journal."""
        self.journal_entries.append(entry)

    async def flush(self) -> None:
        """Write dead letters, journal entries and outbox messages."""
        await insert_dead_letters(self.connection, [*self.refused, *self.refused_submissions])
        await append_entries(self.connection, self.now, self.journal_entries)
        await enqueue(self.connection, self.messages)


@dataclass(frozen=True, slots=True)
class Database:
    """The database as one service sees it: its pool, and the transactions that are opened on it."""

    pool: asyncpg.Pool
    clock: Clock
    source: str

    @asynccontextmanager
    async def unit_of_work(self) -> AsyncIterator[UnitOfWork]:
        """Open a transaction; commit with everything that was emitted, refused and journaled, or roll back on any error."""
        async with acquire(self.pool) as connection, connection.transaction():
            uow = UnitOfWork(connection, self.clock(), self.source)
            yield uow
            await uow.flush()

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[asyncpg.Connection]:
        """Open a read-only transaction at repeatable read: every statement sees the same snapshot."""
        async with acquire(self.pool) as connection, connection.transaction(isolation="repeatable_read", readonly=True):
            yield connection
