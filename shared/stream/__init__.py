"""The stream core: Kafka records in, applied exactly once in PostgreSQL, and a transactional outbox for events out.

A service declares a table of subscriptions (`subscribe`); each handler receives a `UnitOfWork` and a run of events, reads,
decides, writes, and emits what happened with `uow.emit`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.front_door import open_door

if TYPE_CHECKING:
    from shared.stream.journal import JournalEntry
    from shared.stream.outbox_batch import OutboxMessage
    from shared.stream.record import (
        DeadLetterReason,
        ReceivedEvent,
        RefusedRecord,
        SkippedRecord,
        SubmittedRecord,
        ValidationFinding,
    )
    from shared.stream.subscription import RELAXED_LINGER_S, Handler, Subscription, subscribe
    from shared.stream.unit_of_work import Database, UnitOfWork

__all__ = [
    "RELAXED_LINGER_S",
    "Database",
    "DeadLetterReason",
    "Handler",
    "JournalEntry",
    "OutboxMessage",
    "ReceivedEvent",
    "RefusedRecord",
    "SkippedRecord",
    "SubmittedRecord",
    "Subscription",
    "UnitOfWork",
    "ValidationFinding",
    "subscribe",
]

_MODULES = {
    "Database": "unit_of_work",
    "DeadLetterReason": "record",
    "Handler": "subscription",
    "JournalEntry": "journal",
    "OutboxMessage": "outbox_batch",
    "RELAXED_LINGER_S": "subscription",
    "ReceivedEvent": "record",
    "RefusedRecord": "record",
    "SkippedRecord": "record",
    "SubmittedRecord": "record",
    "Subscription": "subscription",
    "UnitOfWork": "unit_of_work",
    "ValidationFinding": "record",
    "subscribe": "subscription",
}


def __getattr__(name: str) -> object:
    return open_door(__name__, _MODULES, name)
