"""Parsing of report events: CloudEvents 1.0 in binary and structured mode, validated strictly."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import structlog
from aiokafka import ConsumerRecord
from pydantic import ValidationError

from services.intake.content_types import JSON, STRUCTURED, is_json, media_type, to_utf8
from services.intake.domain.findings import UNREADABLE, create_finding, to_findings
from services.intake.domain.keys import may_send_for
from services.intake.domain.report import (
    LINE_PATTERN,
    Base64ReportEvent,
    ReportEvent,
    StructuredReportEvent,
    is_escape_free,
)
from services.intake.domain.report_struct import read_event, read_report
from services.intake.domain.unicode_repair import repair_unicode
from shared.contracts.reports import REPORTED, ComplaintReport
from shared.errors import PROGRAMMING_ERRORS
from shared.stream import DeadLetterReason, ReceivedEvent, RefusedRecord, ValidationFinding

log = structlog.get_logger(__name__)

MIB = 1024 * 1024
# Who sent an event over HTTP, on the record that replays it: a replay passes the same check as the request did.
SENDER = "gongshi_sender"
PREFIX = "ce_"
# Bridges from HTTP leave its prefix as it is.
PREFIXES = frozenset({PREFIX, "ce-"})
_JSON = JSON.encode()
_REPORTED = REPORTED.encode()

ENVELOPE_ATTRIBUTES = frozenset({"specversion", "id", "source", "type", "time"})
MIN_TIMESTAMP_LENGTH = len("2026-10-01T00:00:00Z")
_LINE = re.compile(LINE_PATTERN)
_LINE_BYTES = re.compile(LINE_PATTERN.encode())


@dataclass(frozen=True, slots=True)
class InvalidEvent:
    """Bytes that are no valid report event: the dead letter reason and the findings."""

    reason: DeadLetterReason
    findings: tuple[ValidationFinding, ...]


BAD_BASE64 = InvalidEvent(DeadLetterReason.INVALID, (create_finding("data_base64", "bad_base64"),))
UNPROCESSABLE = InvalidEvent(DeadLetterReason.UNPROCESSABLE, (create_finding("", "unprocessable"),))


def parse_structured(body: bytes) -> ReportEvent | InvalidEvent:
    """Parse an event in structured mode, envelope and content in one pass."""
    if len(body) > MIB:
        return InvalidEvent(DeadLetterReason.INVALID, (create_finding("", "too_large"),))
    return _parse_repaired(_parse_envelope, body)


def _parse_envelope(body: bytes) -> ReportEvent | InvalidEvent:
    if event := read_event(body):
        return ReportEvent(event.source, event.id, event.data, is_escape_free(body))
    try:
        return StructuredReportEvent.model_validate_json(body).to_report_event(is_escape_free=is_escape_free(body))
    except ValidationError as error:
        return _parse_base64(body) if b'"data_base64"' in body else _to_invalid_event(error)


def _parse_base64(body: bytes) -> ReportEvent | InvalidEvent:
    """Parse an event whose content is Base64. Content that is unreadable is a finding about it: its envelope was read."""
    try:
        envelope = Base64ReportEvent.model_validate_json(body)
        content = envelope.decode_content()
    except ValidationError as error:
        return _to_invalid_event(error)
    except ValueError:
        return BAD_BASE64
    event = _parse_data(envelope.source, envelope.id, content)
    return BAD_BASE64 if isinstance(event, InvalidEvent) and event.findings[0].code in UNREADABLE else event


def parse_binary(attributes: Mapping[str, str], body: bytes) -> ReportEvent | InvalidEvent:
    """Parse an event in binary mode. `attributes` are the context attributes (`id`, `source`, …) without prefix."""
    findings = _validate_context(attributes)
    if findings:
        return InvalidEvent(_reason(findings), tuple(findings))
    if len(body) > MIB:
        return InvalidEvent(DeadLetterReason.INVALID, (create_finding("", "too_large"),))
    return _parse_data(attributes["source"], attributes["id"], body)


def _parse_data(source: str, event_id: str, body: bytes) -> ReportEvent | InvalidEvent:
    return _parse_repaired(partial(_parse_content, source, event_id), body)


def _parse_content(source: str, event_id: str, body: bytes) -> ReportEvent | InvalidEvent:
    try:
        report = read_report(body) or ComplaintReport.model_validate_json(body)
        return ReportEvent(source, event_id, report, is_escape_free(body))
    except ValidationError as error:
        findings = to_findings(error)
        return InvalidEvent(_reason(findings), findings)


def _parse_repaired(parse: Callable[[bytes], ReportEvent | InvalidEvent], body: bytes) -> ReportEvent | InvalidEvent:
    """Parse JSON; where it is unreadable, once more with cut characters replaced. An error of our own costs this event only."""
    try:
        event = parse(body)
        if isinstance(event, InvalidEvent) and event.findings[0].code in UNREADABLE:
            repaired = repair_unicode(body)
            return event if repaired is body else parse(repaired)
    except PROGRAMMING_ERRORS:
        log.exception("event_unparsable")
        return UNPROCESSABLE
    return event


def verify_source(event: ReportEvent | InvalidEvent, holder: str, keyed: Collection[str] = ()) -> ReportEvent | InvalidEvent:
    """Return the event, or a finding where the holder of the key may not send for its source; `keyed` as in `may_send_for`."""
    if isinstance(event, InvalidEvent) or may_send_for(holder, event.source, keyed):
        return event
    return InvalidEvent(DeadLetterReason.INVALID, (create_finding("source", "foreign_source"),))


def decode(record: ConsumerRecord) -> ReceivedEvent[ReportEvent] | RefusedRecord:
    """Decode a record of `gongshi.reports`."""
    headers = dict(record.headers)
    event = _parse_event(_content_type(headers), headers, record.value or b"")
    sender = headers.get(SENDER)
    if sender is not None:
        event = verify_source(event, sender.decode("utf-8", "replace"))
    return (
        RefusedRecord(record, event.reason, event.findings) if isinstance(event, InvalidEvent) else ReceivedEvent(event, record)
    )


def _content_type(headers: Mapping[str, bytes | None]) -> bytes | None:
    """Return the content type, whatever case its header is written in."""
    if "content-type" in headers:
        return headers["content-type"]
    return next((value for name, value in headers.items() if name.lower() == "content-type"), None)


def _parse_event(content_type: bytes | None, headers: Mapping[str, bytes | None], body: bytes) -> ReportEvent | InvalidEvent:
    if content_type == _JSON:
        return _parse_by_headers(headers, body)
    declared = (content_type or b"").decode("ascii", "replace")
    kind = media_type(declared)
    if kind == STRUCTURED:
        return parse_structured(to_utf8(body, declared))
    if is_json(kind):
        return _parse_by_headers(headers, to_utf8(body, declared))
    return InvalidEvent(DeadLetterReason.UNDECODABLE, (create_finding("content-type", "envelope"),))


def _parse_by_headers(headers: Mapping[str, bytes | None], body: bytes) -> ReportEvent | InvalidEvent:
    """Parse an event in binary mode; without any context in the headers it is in structured mode, whatever its type says."""
    if _has_usual_context(headers) and len(body) <= MIB:
        try:
            return _parse_data(headers["ce_source"].decode(), headers["ce_id"].decode(), body)  # type: ignore[union-attr]
        except UnicodeDecodeError:
            pass
    context = {name[len(PREFIX) :].lower(): value for name, value in headers.items() if name[: len(PREFIX)].lower() in PREFIXES}
    if not context:
        return parse_structured(body)
    attributes: dict[str, str] = {}
    for name, value in context.items():
        if value is not None:
            try:
                attributes[name] = value.decode()
            except UnicodeDecodeError:
                return InvalidEvent(DeadLetterReason.UNDECODABLE, (create_finding(name, "bad_encoding"),))
    return parse_binary(attributes, body)


def _has_usual_context(headers: Mapping[str, bytes | None]) -> bool:
    """Return whether the context is as in nearly all records; the others are validated attribute by attribute."""
    time = headers.get("ce_time")
    return (
        headers.get("ce_type") == _REPORTED
        and headers.get("ce_specversion") == b"1.0"
        and _LINE_BYTES.fullmatch(headers.get("ce_source") or b"") is not None
        and _LINE_BYTES.fullmatch(headers.get("ce_id") or b"") is not None
        and (time is None or _is_timestamp(time.decode("ascii", "replace")))
    )


def _validate_context(attributes: Mapping[str, str]) -> list[ValidationFinding]:
    findings: list[ValidationFinding] = []
    kind, version, time = attributes.get("type"), attributes.get("specversion"), attributes.get("time")
    if kind != REPORTED:
        findings.append(create_finding("type", "unknown_type" if kind else "missing"))
    if version != "1.0":
        findings.append(create_finding("specversion", "envelope" if version else "missing"))
    for name in ("id", "source"):
        value = attributes.get(name)
        if not value or not _LINE.fullmatch(value):
            findings.append(create_finding(name, "envelope" if value else "missing"))
    if time is not None and not _is_timestamp(time):
        findings.append(create_finding("time", "bad_date"))
    return findings


def _is_timestamp(text: str) -> bool:
    """Return whether the text is a timestamp with an offset (RFC 3339)."""
    if len(text) < MIN_TIMESTAMP_LENGTH or text[4] != "-":
        return False
    try:
        return datetime.fromisoformat(text.upper()).tzinfo is not None
    except ValueError:
        return False


def _to_invalid_event(error: ValidationError) -> InvalidEvent:
    """Return the findings of the envelope alone where there are any, else those of the content."""
    findings = to_findings(error, within="data")
    found = error.errors(include_url=False, include_context=False, include_input=False)
    envelope = tuple(
        create_finding("type", "unknown_type") if item["type"] == "literal_error" and item["loc"] == ("type",) else finding
        for item, finding in zip(found, findings, strict=False)
        if item["loc"] and item["loc"][0] != "data"
    )
    return InvalidEvent(_reason(envelope), envelope) if envelope else InvalidEvent(_reason(findings), findings)


def _reason(findings: Sequence[ValidationFinding]) -> DeadLetterReason:
    if findings[0].code == "unknown_type":
        return DeadLetterReason.UNKNOWN_TYPE
    unreadable = findings[0].code in UNREADABLE or findings[0].field in ENVELOPE_ATTRIBUTES
    return DeadLetterReason.UNDECODABLE if unreadable else DeadLetterReason.INVALID
