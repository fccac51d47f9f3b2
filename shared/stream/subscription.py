"""A subscription: one topic, its decoder, and the table of handlers by event type."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import structlog
from aiokafka import ConsumerRecord

from shared.stream.record import Decoded, Decoder, Detail, Reason, Received, Refused, contract_decoder
from shared.stream.unit import Unit

log = structlog.get_logger(__name__)

# Of the second that a complaint has until its figure is said, what one step may wait.
GATHER_S = 0.1
# For what nobody waits for within the second.
AT_LEISURE_S = 0.5

Handler = Callable[[Unit, Sequence[Received[Any]]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a service does with one topic.

    `own_faults_only` says that strangers write to the topic: what they send wrong is refused without limit, and only
    records that fail by our own fault count towards the flood that stops the service. `batches` is how many of the usual
    batches are taken as one where many records wait; more than one says that the handler gains by it, so that under load the
    consumer waits for more: what is added up touches each sum once a batch, and small work has its transaction in common.
    `gather_s` is how many seconds records gather after a batch in any case, so that a steady trickle is no trickle of
    transactions; the first record after a silence never waits.
    """

    topic: str
    decoder: Decoder
    handlers: Mapping[type[Any], Handler]
    own_faults_only: bool = False
    batches: int = 1
    gather_s: float = GATHER_S

    def decode(self, record: ConsumerRecord) -> Decoded:
        """Decode a record. One that the decoder itself fails on is refused alone: raising would cost its whole batch."""
        try:
            return self.decoder(record)
        except Exception as error:
            log.exception("decoder_failed", topic=self.topic, part=record.partition, offset=record.offset)
            detail = Detail("", type(error).__name__, "the record could not be decoded")
            return Refused(record, Reason.UNPROCESSABLE, (detail,))

    async def apply(self, unit: Unit, events: Sequence[Received[Any]]) -> None:
        """Hand runs of events of one type to their handler, in the order of arrival."""
        if len(self.handlers) == 1:
            ((_, handler),) = self.handlers.items()
            await handler(unit, events)
            return
        for model, run in groupby(events, key=lambda received: type(received.event)):
            await self.handlers[model](unit, list(run))


def listen(topic: str, handlers: Mapping[type[Any], Handler], *, batches: int = 1, gather_s: float = GATHER_S) -> Subscription:
    """Return the subscription of a topic of our own: contracts decide what is read, each has one handler."""
    decoder = contract_decoder([(model.type, model) for model in handlers])
    return Subscription(topic, decoder, handlers, batches=batches, gather_s=gather_s)
