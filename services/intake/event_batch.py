"""Parsing of HTTP bodies with one event or a batch of events, each with its own result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Annotated

import orjson
from pydantic import FailFast, TypeAdapter

from services.intake.cloudevents import MIB, InvalidEvent, parse_structured
from services.intake.domain.findings import UNREADABLE, create_finding
from services.intake.domain.json_array import NotAnArray, TooManyItems, split_array
from services.intake.domain.report import ReportEvent, StructuredReportEvent, is_escape_free
from services.intake.domain.unicode_repair import repair_unicode
from shared.errors import PROGRAMMING_ERRORS, PermanentError
from shared.stream import ValidationFinding

MAX_EVENTS = 5_000
# An event that fits nothing is looked at by itself: of a hundred thousand of them this stops at the first.
_EVENTS = TypeAdapter(Annotated[list[StructuredReportEvent], FailFast()])


class EnvelopeUnreadable(PermanentError):
    """The body is no CloudEvent and no batch of them."""

    def __init__(self, findings: Sequence[ValidationFinding]) -> None:
        super().__init__()
        self.findings = tuple(findings)


class TooLarge(PermanentError):
    """An event has at most 1 MiB, a batch at most 32 MiB and 5,000 events."""


def parse_single(body: bytes) -> ReportEvent | InvalidEvent:
    """Return the event, or its findings. Raises `EnvelopeUnreadable` where the envelope cannot be parsed, and `TooLarge`."""
    if len(body) > MIB:
        raise TooLarge
    event = parse_structured(body)
    if isinstance(event, InvalidEvent) and (event.findings[0].code in UNREADABLE or not event.findings[0].field):
        raise EnvelopeUnreadable(event.findings)
    return event


class EventBatch:
    """The events of a batch in JSON, each parsed for itself, and its bytes as they were sent."""

    def __init__(self, body: bytes) -> None:
        """Raises `EnvelopeUnreadable` where the body is no JSON array, and `TooLarge`."""
        self._body = body
        self.events = self._parse_at_once() or [parse_structured(item) for item in self.items]

    @cached_property
    def items(self) -> list[bytes]:
        """The bytes of each event."""
        try:
            return [item.strip() for item in split_array(self._body, MAX_EVENTS)]
        except TooManyItems:
            raise TooLarge from None
        except NotAnArray:
            is_event = self._body.lstrip()[:1] == b"{"
            raise EnvelopeUnreadable([create_finding("", "wrong_type" if is_event else "bad_json")]) from None

    def _parse_at_once(self) -> Sequence[ReportEvent | InvalidEvent]:
        """Parse a valid batch in one pass; return nothing where an event has to be looked at for itself."""
        if len(self._body) > MIB:
            return ()
        try:
            events = _EVENTS.validate_json(self._body)
        except PROGRAMMING_ERRORS:  # pydantic's is a ValueError
            return ()
        if len(events) > MAX_EVENTS:
            raise TooLarge
        escape_free = is_escape_free(self._body)
        return [event.to_report_event(is_escape_free=escape_free) for event in events]


def event_id(event: ReportEvent | InvalidEvent, body: Callable[[], bytes]) -> str | None:
    """Return the id of an event, valid or not, where it can be found."""
    if isinstance(event, ReportEvent):
        return event.id
    try:
        item = orjson.loads(repair_unicode(body()))
    except orjson.JSONDecodeError:
        return None
    found = item.get("id") if isinstance(item, dict) else None
    return found if isinstance(found, str) else None
