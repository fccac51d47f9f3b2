"""Reading events that are answered one by one: alone, or in a batch where one bad event must not cost its neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import orjson
from pydantic import TypeAdapter, ValidationError

from services.intake.cloudevents import MIB, Unfit, structured
from services.intake.domain.findings import UNREADABLE, finding, of_validation
from services.intake.domain.report import Reported, StructuredReport, is_plain
from shared.errors import PermanentError
from shared.stream import Detail, Reason

MOST_EVENTS = 5_000
_EVENTS = TypeAdapter(list[StructuredReport])

E = TypeVar("E")
Identified = tuple[str | None, Reported | Unfit]


class EnvelopeUnreadable(PermanentError):
    """What was sent is no CloudEvent and no batch of them."""

    def __init__(self, details: Sequence[Detail]) -> None:
        super().__init__()
        self.details = tuple(details)


class TooLarge(PermanentError):
    """An event may have 1 MiB, a batch 32 MiB and 5,000 events."""


def single(body: bytes) -> Identified:
    """Return the id of an event in structured mode, where it has one, with the event or what is wrong with it.

    Raises `EnvelopeUnreadable` where nothing can be answered about an event, and `TooLarge`.
    """
    if len(body) > MIB:
        raise TooLarge
    event = structured(body)
    if isinstance(event, Reported):
        return event.id, event
    first = event.details[0]
    if first.code in UNREADABLE or not first.field:
        raise EnvelopeUnreadable(event.details)
    return _id_of(orjson.loads(body)), event


def batch(body: bytes) -> list[Identified]:
    """Return each event's id, where it has one, with the event or what is wrong with it.

    A sound batch is read in one pass; only one with faults is taken apart. Raises `EnvelopeUnreadable` and `TooLarge`.
    """
    if len(body) <= MIB:
        try:
            plain = is_plain(body)
            return [(event.id, event.reported(plain=plain)) for event in _limited(_EVENTS.validate_json(body))]
        except ValidationError as error:
            _raise_unreadable(error)
    return [_single(item) for item in _limited(_items(body))]


def _limited(events: list[E]) -> list[E]:
    if len(events) > MOST_EVENTS:
        raise TooLarge
    return events


def _raise_unreadable(error: ValidationError) -> None:
    details = of_validation(error)
    if details[0].code in UNREADABLE:
        raise EnvelopeUnreadable(details) from None


def _items(body: bytes) -> list[object]:
    try:
        items = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise EnvelopeUnreadable([finding("", "bad_json")]) from None
    if not isinstance(items, list):
        raise EnvelopeUnreadable([finding("", "wrong_type")])
    return items


def _single(item: object) -> tuple[str | None, Reported | Unfit]:
    if not isinstance(item, dict):
        return None, Unfit(Reason.UNDECODABLE, (finding("", "wrong_type"),))
    return _id_of(item), structured(orjson.dumps(item))


def _id_of(item: dict[str, object]) -> str | None:
    event_id = item.get("id")
    return event_id if isinstance(event_id, str) else None
