"""A subscription: one topic, its decoder, and the table of handlers by event type."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from pydantic import BaseModel

from shared.stream.record import Decoder, Received, contract_decoder
from shared.stream.unit import Unit

Handler = Callable[[Unit, Sequence[Received[Any]]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Subscription:
    """What a service does with one topic.

    `own_faults_only` says that strangers write to the topic: what they send wrong is refused without limit, and only
    records that fail by our own fault count towards the flood that stops the service.
    """

    topic: str
    decoder: Decoder
    handlers: Mapping[type[BaseModel], Handler]
    own_faults_only: bool = False

    async def apply(self, unit: Unit, events: Sequence[Received[BaseModel]]) -> None:
        """Hand runs of events of one type to their handler, in the order of arrival."""
        for model, run in groupby(events, key=lambda received: type(received.event)):
            await self.handlers[model](unit, list(run))


def listen(topic: str, handlers: Mapping[type[Any], Handler]) -> Subscription:
    """Return the subscription of a topic of our own: contracts decide what is read, each has one handler."""
    return Subscription(topic, contract_decoder([(model.type, model) for model in handlers]), handlers)
