"""Parsing of HTTP bodies with one event or a batch of events, each with its own result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import orjson
from pydantic import TypeAdapter, ValidationError

from services.intake.cloudevents import MIB, InvalidEvent, parse_structured
from services.intake.domain.findings import UNREADABLE, create_finding, to_findings
from services.intake.domain.report import ReportEvent, StructuredReportEvent, is_escape_free
from shared.errors import PermanentError
from shared.stream import DeadLetterReason, ValidationFinding

MAX_EVENTS = 5_000
_EVENTS = TypeAdapter(list[StructuredReportEvent])

EventT = TypeVar("EventT")
IdentifiedEvent = tuple[str | None, ReportEvent | InvalidEvent]


class EnvelopeUnreadable(PermanentError):
    """The body is no CloudEvent and no batch of them."""

    def __init__(self, details: Sequence[ValidationFinding]) -> None:
        super().__init__()
        self.details = tuple(details)


class TooLarge(PermanentError):
    """An event has at most 1 MiB, a batch at most 32 MiB and 5,000 events."""


def parse_single(body: bytes) -> IdentifiedEvent:
    """Return the id of an event in structured mode, or None, and the event or its findings.

    Raises `EnvelopeUnreadable` where the envelope cannot be parsed, and `TooLarge`.
    """
    if len(body) > MIB:
        raise TooLarge
    event = parse_structured(body)
    if isinstance(event, ReportEvent):
        return event.id, event
    first = event.details[0]
    if first.code in UNREADABLE or not first.field:
        raise EnvelopeUnreadable(event.details)
    return _event_id(orjson.loads(body)), event


def parse_batch(body: bytes) -> list[IdentifiedEvent]:
    """Return the id of each event, or None, and the event or its findings.

    A valid batch is parsed in one pass; only an invalid one event by event. Raises `EnvelopeUnreadable` and `TooLarge`.
    """
    if len(body) <= MIB:
        try:
            escape_free = is_escape_free(body)
            return [
                (event.id, event.to_report_event(is_escape_free=escape_free))
                for event in _check_count(_EVENTS.validate_json(body))
            ]
        except ValidationError as error:
            _raise_unreadable(error)
    return [_parse_item(item) for item in _check_count(_parse_items(body))]


def _check_count(events: list[EventT]) -> list[EventT]:
    if len(events) > MAX_EVENTS:
        raise TooLarge
    return events


def _raise_unreadable(error: ValidationError) -> None:
    details = to_findings(error)
    if details[0].code in UNREADABLE:
        raise EnvelopeUnreadable(details) from None


def _parse_items(body: bytes) -> list[object]:
    try:
        items = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise EnvelopeUnreadable([create_finding("", "bad_json")]) from None
    if not isinstance(items, list):
        raise EnvelopeUnreadable([create_finding("", "wrong_type")])
    return items


def _parse_item(item: object) -> tuple[str | None, ReportEvent | InvalidEvent]:
    if not isinstance(item, dict):
        return None, InvalidEvent(DeadLetterReason.UNDECODABLE, (create_finding("", "wrong_type"),))
    return _event_id(item), parse_structured(orjson.dumps(item))


def _event_id(item: dict[str, object]) -> str | None:
    event_id = item.get("id")
    return event_id if isinstance(event_id, str) else None
