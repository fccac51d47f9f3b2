"""The events of one HTTP request, in structured, binary or batch mode, with their bytes as they were sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from services.intake.attributes import HEADER_PREFIX, decode_attribute, raw_attributes
from services.intake.cloudevents import MIB, SENDER, InvalidEvent, parse_binary, verify_source
from services.intake.content_types import BATCH, JSON, STRUCTURED, is_json, media_type, to_utf8
from services.intake.domain.findings import create_finding
from services.intake.domain.report import ReportEvent
from services.intake.event_batch import EnvelopeUnreadable, EventBatch, TooLarge, event_id, parse_single
from services.intake.store.source_keys import Holder
from services.intake.submission import STRUCTURED_HEADERS, record_key
from shared.contracts.topics import REPORTS
from shared.stream import DeadLetterReason, SubmittedRecord, ValidationFinding

RecordHeaders = tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class EventRequest:
    """The events of a request by the holder of a key. `body(index)` returns the bytes of an event."""

    events: Sequence[ReportEvent | InvalidEvent]
    holder: Holder
    is_batch: bool
    headers: RecordHeaders
    body: Callable[[int], bytes]
    header_id: str | None = None

    def event_id(self, index: int) -> str | None:
        """Return the id of an event, valid or not, where it can be found."""
        return self.header_id or event_id(self.events[index], lambda: self.body(index))

    def to_record(self, index: int) -> SubmittedRecord:
        """Return the record that replays an event."""
        headers = (*self.headers, (SENDER, self.holder.name.encode()))
        return SubmittedRecord(REPORTS, "http", record_key(self.events[index]), headers, self.body(index))


def parse_request(headers: Mapping[str, str], body: bytes, holder: Holder) -> EventRequest:
    """Return the events of a request. Raises `EnvelopeUnreadable` and `TooLarge`."""
    body = to_utf8(body, headers.get("content-type", ""))
    kind = _mode(headers, body)
    if kind == BATCH:
        batch = EventBatch(body)
        events = [verify_source(event, holder.name, holder.below) for event in batch.events]
        return EventRequest(events, holder, is_batch=True, headers=STRUCTURED_HEADERS, body=lambda index: batch.items[index])
    if len(body) > MIB:
        raise TooLarge
    if kind == STRUCTURED:
        event = verify_source(parse_single(body), holder.name, holder.below)
        return EventRequest([event], holder, is_batch=False, headers=STRUCTURED_HEADERS, body=lambda _: body)
    return _parse_binary(headers, kind, body, holder)


def _mode(headers: Mapping[str, str], body: bytes) -> str:
    """Return the content type; plain JSON without any context in the headers is an event in structured mode, or a batch."""
    kind = media_type(headers.get("content-type", ""))
    if not is_json(kind) or any(name.startswith(HEADER_PREFIX) for name in headers):
        return kind
    return BATCH if body.lstrip()[:1] == b"[" else STRUCTURED


def _parse_binary(headers: Mapping[str, str], kind: str, body: bytes, holder: Holder) -> EventRequest:
    raw = raw_attributes(headers.items())
    if not raw or not is_json(kind):
        raise EnvelopeUnreadable([create_finding("content-type", "envelope")])
    attributes, findings = _decode_attributes(raw)
    event = InvalidEvent(DeadLetterReason.UNDECODABLE, findings) if findings else parse_binary(attributes, body)
    values = {name: attributes[name].encode() if name in attributes else value for name, value in raw.items()}
    record_headers = (("content-type", JSON.encode()), *((f"ce_{name}", value) for name, value in values.items()))
    return EventRequest(
        [verify_source(event, holder.name, holder.below)],
        holder,
        is_batch=False,
        headers=record_headers,
        body=lambda _: body,
        header_id=attributes.get("id"),
    )


def _decode_attributes(raw: Mapping[str, bytes]) -> tuple[dict[str, str], tuple[ValidationFinding, ...]]:
    """Return the attributes that can be decoded, and findings of those that cannot."""
    attributes: dict[str, str] = {}
    findings: list[ValidationFinding] = []
    for name, value in raw.items():
        try:
            attributes[name] = decode_attribute(value)
        except UnicodeDecodeError:
            findings.append(create_finding(name, "bad_encoding"))
    return attributes, tuple(findings)
