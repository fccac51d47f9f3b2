"""Reading report events: CloudEvents 1.0 in binary and structured mode, checked strictly."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from aiokafka import ConsumerRecord
from pydantic import ValidationError

from services.intake.domain.findings import UNREADABLE, finding, of_validation
from services.intake.domain.report import LINE_PATTERN, Reported, StructuredReport, is_plain
from shared.contracts.reports import REPORTED, ComplaintReport
from shared.stream import Detail, Reason, Received, Refused

MIB = 1024 * 1024
STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
JSON = "application/json"
_JSON = JSON.encode()
_REPORTED = REPORTED.encode()

ENVELOPE = frozenset({"specversion", "id", "source", "type", "time"})
LEAST_MOMENT = len("2026-10-01T00:00:00Z")
_LINE = re.compile(LINE_PATTERN)
_PLAIN_LINE = re.compile(LINE_PATTERN.encode())


@dataclass(frozen=True, slots=True)
class Unfit:
    """Bytes that are no report event, and why."""

    reason: Reason
    details: tuple[Detail, ...]


def media_type(content_type: str) -> str:
    """Return a content type without its parameters."""
    return content_type.partition(";")[0].strip().lower()


def structured(body: bytes) -> Reported | Unfit:
    """Read an event in structured mode, envelope and content in one pass."""
    if len(body) > MIB:
        return Unfit(Reason.INVALID, (finding("", "too_large"),))
    try:
        return StructuredReport.model_validate_json(body).reported(plain=is_plain(body))
    except ValidationError as error:
        return _structured_fault(error)


def binary(attributes: Mapping[str, str], body: bytes) -> Reported | Unfit:
    """Read an event in binary mode. `attributes` are those of the context (`id`, `source`, …), without prefix."""
    faults = _context_faults(attributes)
    if faults:
        return Unfit(_reason(faults), tuple(faults))
    if len(body) > MIB:
        return Unfit(Reason.INVALID, (finding("", "too_large"),))
    return _read(attributes["source"], attributes["id"], body)


def _read(source: str, event_id: str, body: bytes) -> Reported | Unfit:
    try:
        return Reported(source, event_id, ComplaintReport.model_validate_json(body), is_plain(body))
    except ValidationError as error:
        details = of_validation(error)
        return Unfit(_reason(details), details)


def decode(record: ConsumerRecord) -> Received[Reported] | Refused:
    """Read a record of `gongshi.reports`."""
    headers = dict(record.headers)
    event = _event(headers.get("content-type"), headers, record.value or b"")
    return Refused(record, event.reason, event.details) if isinstance(event, Unfit) else Received(event, record)


def _event(content_type: bytes | None, headers: Mapping[str, bytes | None], body: bytes) -> Reported | Unfit:
    if content_type == _JSON:
        return _by_headers(headers, body)
    kind = media_type((content_type or b"").decode("ascii", "replace"))
    if kind == STRUCTURED:
        return structured(body)
    if _is_json(kind):
        return _by_headers(headers, body)
    return Unfit(Reason.UNDECODABLE, (finding("content-type", "envelope"),))


def _by_headers(headers: Mapping[str, bytes | None], body: bytes) -> Reported | Unfit:
    if _is_plainly_right(headers) and len(body) <= MIB:
        try:
            return _read(headers["ce_source"].decode(), headers["ce_id"].decode(), body)  # type: ignore[union-attr]
        except UnicodeDecodeError:
            pass
    attributes: dict[str, str] = {}
    for name, value in headers.items():
        if name.startswith("ce_") and value is not None:
            try:
                attributes[name[3:]] = value.decode()
            except UnicodeDecodeError:
                return Unfit(Reason.UNDECODABLE, (finding(name[3:], "bad_encoding"),))
    return binary(attributes, body)


def _is_plainly_right(headers: Mapping[str, bytes | None]) -> bool:
    """Return whether the context is as nearly all are; the others are looked at closely, attribute by attribute."""
    time = headers.get("ce_time")
    return (
        headers.get("ce_type") == _REPORTED
        and headers.get("ce_specversion") == b"1.0"
        and _PLAIN_LINE.fullmatch(headers.get("ce_source") or b"") is not None
        and _PLAIN_LINE.fullmatch(headers.get("ce_id") or b"") is not None
        and (time is None or _is_moment(time.decode("ascii", "replace")))
    )


def _is_json(kind: str) -> bool:
    return kind in {"", JSON} or (kind.endswith("+json") and not kind.startswith("application/cloudevents"))


def _context_faults(attributes: Mapping[str, str]) -> list[Detail]:
    faults: list[Detail] = []
    kind, version, time = attributes.get("type"), attributes.get("specversion"), attributes.get("time")
    if kind != REPORTED:
        faults.append(finding("type", "unknown_type" if kind else "missing"))
    if version != "1.0":
        faults.append(finding("specversion", "envelope" if version else "missing"))
    for name in ("id", "source"):
        value = attributes.get(name)
        if not value or not _LINE.fullmatch(value):
            faults.append(finding(name, "envelope" if value else "missing"))
    if time is not None and not _is_moment(time):
        faults.append(finding("time", "bad_date"))
    return faults


def _is_moment(text: str) -> bool:
    """Return whether the text is a date and time with an offset (RFC 3339)."""
    if len(text) < LEAST_MOMENT or text[4] != "-":
        return False
    try:
        return datetime.fromisoformat(text.upper()).tzinfo is not None
    except ValueError:
        return False


def _structured_fault(error: ValidationError) -> Unfit:
    """Tell faults of the envelope, which are said first and alone, from those of the content."""
    details = of_validation(error, within="data")
    found = error.errors(include_url=False, include_context=False, include_input=False)
    envelope = tuple(
        finding("type", "unknown_type") if item["type"] == "literal_error" and item["loc"] == ("type",) else detail
        for item, detail in zip(found, details, strict=False)
        if item["loc"] and item["loc"][0] != "data"
    )
    return Unfit(_reason(envelope), envelope) if envelope else Unfit(_reason(details), details)


def _reason(details: Sequence[Detail]) -> Reason:
    if details[0].code == "unknown_type":
        return Reason.UNKNOWN_TYPE
    unreadable = details[0].code in UNREADABLE or details[0].field in ENVELOPE
    return Reason.UNDECODABLE if unreadable else Reason.INVALID
