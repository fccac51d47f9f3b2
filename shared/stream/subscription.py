"""A subscription: one topic, its decoder, and the table of handlers by event type."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import structlog
from aiokafka import ConsumerRecord

from shared import security_events
from shared.security_events import SecurityEvent
from shared.stream.record import (
    UNPACKS_TOO_LARGE,
    DeadLetterReason,
    DecodedRecord,
    Decoder,
    ReceivedEvent,
    RefusedRecord,
    ValidationFinding,
    contract_decoder,
)
from shared.stream.signature import Verifier
from shared.stream.unit_of_work import UnitOfWork
from shared.stream.unread_batch import UnreadBatch

log = structlog.get_logger(__name__)

# The share of one step in the second from a complaint to its figure.
LINGER_S = 0.1
# For subscriptions whose effects nobody expects within the second.
RELAXED_LINGER_S = 0.5

FORGED = ValidationFinding("gongshi_signature", "forged", "the record is not signed by the one who may say it")

Handler = Callable[[UnitOfWork, Sequence[ReceivedEvent[Any]]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a service does with one topic.

    `batch_factor`: how many times the usual batch size is fetched at once where many records wait. `lingers_under_load`: the
    handler gains so much by large batches (a sum is updated once a batch, small work shares a transaction) that under load
    the consumer waits longer for one. `linger_s`: seconds to wait for more records after every batch, so that a steady
    trickle is not one transaction a record; the first after a silence never waits. `verifier`: records that it does not know
    are refused.
    """

    topic: str
    decoder: Decoder
    handlers: Mapping[type[Any], Handler]
    batch_factor: int = 1
    lingers_under_load: bool = False
    linger_s: float = LINGER_S
    verifier: Verifier | None = None

    def decode(self, record: ConsumerRecord) -> DecodedRecord:
        """Decode a record. One on which the decoder itself fails is refused alone: raising would cost its whole batch."""
        if type(record) is UnreadBatch:
            return RefusedRecord(record, DeadLetterReason.UNDECODABLE, (UNPACKS_TOO_LARGE,))
        if self.verifier is not None and not self.verifier.verify(self.topic, record):
            security_events.report(
                SecurityEvent.RULING_FORGED, topic=self.topic, partition=record.partition, offset=record.offset
            )
            return RefusedRecord(record, DeadLetterReason.INVALID, (FORGED,))
        try:
            return self.decoder(record)
        except Exception as error:
            log.exception("decoder_failed", topic=self.topic, partition=record.partition, offset=record.offset)
            finding = ValidationFinding("", type(error).__name__, "the record could not be decoded")
            return RefusedRecord(record, DeadLetterReason.UNPROCESSABLE, (finding,))

    async def apply(self, uow: UnitOfWork, events: Sequence[ReceivedEvent[Any]]) -> None:
        """Pass runs of events of one type to their handler, in the order of arrival."""
        if len(self.handlers) == 1:
            ((_, handler),) = self.handlers.items()
            await handler(uow, events)
            return
        for model, run in groupby(events, key=lambda received: type(received.event)):
            await self.handlers[model](uow, list(run))


def subscribe(
    topic: str, handlers: Mapping[type[Any], Handler], *, batch_factor: int = 1, linger_s: float = LINGER_S
) -> Subscription:
    """Return the subscription of one of our own topics: the contracts among `handlers` decide which events are decoded."""
    decoder = contract_decoder([(model.type, model) for model in handlers])
    return Subscription(topic, decoder, handlers, batch_factor=batch_factor, linger_s=linger_s)
