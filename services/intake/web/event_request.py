"""The events of one HTTP request, in structured, binary or batch mode, with their bytes as they were sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from services.intake.batches import Batch, EnvelopeUnreadable, TooLarge, event_id, parse_single
from services.intake.cloudevents import (
    BATCH,
    JSON,
    MIB,
    SENDER,
    STRUCTURED,
    InvalidEvent,
    media_type,
    parse_binary,
    verify_source,
)
from services.intake.domain.findings import create_finding
from services.intake.domain.report import ReportEvent
from services.intake.submission import STRUCTURED_HEADERS, record_key
from shared.contracts.topics import REPORTS
from shared.stream import SubmittedRecord

HEADER_PREFIX = "ce-"

RecordHeaders = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class EventRequest:
    """The events of a request by the holder of a key. `body(index)` returns the bytes of an event."""

    events: Sequence[ReportEvent | InvalidEvent]
    holder: str
    is_batch: bool
    headers: RecordHeaders
    body: Callable[[int], bytes]
    header_id: str | None = None

    def event_id(self, index: int) -> str | None:
        """Return the id of an event, valid or not, where it can be found."""
        return self.header_id or event_id(self.events[index], lambda: self.body(index))

    def to_record(self, index: int) -> SubmittedRecord:
        """Return the record that replays an event."""
        headers = (*self.headers, (SENDER, self.holder.encode()))
        return SubmittedRecord(REPORTS, "http", record_key(self.events[index]), headers, self.body(index))


def parse_request(headers: Mapping[str, str], body: bytes, holder: str) -> EventRequest:
    """Return the events of a request. Raises `EnvelopeUnreadable` and `TooLarge`."""
    kind = media_type(headers.get("content-type", ""))
    if kind == BATCH:
        batch = Batch(body)
        events = [verify_source(event, holder) for event in batch.events]
        return EventRequest(events, holder, is_batch=True, headers=STRUCTURED_HEADERS, body=lambda index: batch.items[index])
    if len(body) > MIB:
        raise TooLarge
    if kind == STRUCTURED:
        event = verify_source(parse_single(body), holder)
        return EventRequest([event], holder, is_batch=False, headers=STRUCTURED_HEADERS, body=lambda _: body)
    return _parse_binary(headers, kind, body, holder)


def _parse_binary(headers: Mapping[str, str], kind: str, body: bytes, holder: str) -> EventRequest:
    attributes = {
        name[len(HEADER_PREFIX) :]: unquote(value) for name, value in headers.items() if name.startswith(HEADER_PREFIX)
    }
    if not attributes or not (kind in {"", JSON} or kind.endswith("+json")):
        raise EnvelopeUnreadable([create_finding("content-type", "envelope")])
    event = verify_source(parse_binary(attributes, body), holder)
    record_headers = (("content-type", JSON.encode()), *((f"ce_{name}", value.encode()) for name, value in attributes.items()))
    return EventRequest(
        [event], holder, is_batch=False, headers=record_headers, body=lambda _: body, header_id=attributes.get("id")
    )
