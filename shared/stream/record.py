"""Consumed records: decoded into events, skipped, or refused with a reason from a closed list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

if TYPE_CHECKING:
    from aiokafka import ConsumerRecord

T_co = TypeVar("T_co", covariant=True)


class DeadLetterReason(StrEnum):
    """Why a record is a dead letter."""

    UNDECODABLE = "undecodable"
    INVALID = "invalid"
    UNKNOWN_TYPE = "unknown_type"
    CONFLICT = "conflict"
    REDACTION_FAILED = "redaction_failed"
    REJECTED_BY_STORE = "rejected_by_store"
    UNPROCESSABLE = "unprocessable"


@dataclass(frozen=True, slots=True)
class ValidationFinding:
    """One finding about one field: `field`, a `code` from a closed list, and a `message` that quotes no value."""

    field: str
    code: str
    message: str


# One is made for each record, so these three are not frozen: that would cost as much as the rest of the core does.
@dataclass(slots=True)
class ReceivedEvent(Generic[T_co]):
    """An event and the record that carried it."""

    event: T_co
    record: ConsumerRecord


@dataclass(frozen=True, slots=True)
class SubmittedRecord:
    """An event of another entrance than Kafka (`http`, `file`, `desk`), as the record of `topic` that replays it.

    `headers` are those of CloudEvents in Kafka's binary or structured mode; `value` is the event as it came.
    """

    topic: str
    entrance: str
    key: bytes | None
    headers: Sequence[tuple[str, bytes | None]]
    value: bytes


@dataclass(slots=True)
class RefusedRecord:
    """A record that is refused for good; it is stored in `dead_letters` with its raw bytes."""

    record: ConsumerRecord
    reason: DeadLetterReason
    findings: tuple[ValidationFinding, ...]


@dataclass(frozen=True, slots=True)
class RefusedSubmission:
    """An event of another entrance than Kafka that is refused for good; it is stored in `dead_letters` as well."""

    record: SubmittedRecord
    reason: DeadLetterReason
    findings: tuple[ValidationFinding, ...]


@dataclass(slots=True)
class SkippedRecord:
    """A record of an event type to which this service does not subscribe."""

    record: ConsumerRecord


UNPACKS_TOO_LARGE = ValidationFinding("", "unpacks_too_large", "the batch holds more than is laid out in memory")

DecodedRecord = ReceivedEvent[Any] | RefusedRecord | SkippedRecord
Decoder = Callable[["ConsumerRecord"], DecodedRecord]


def narrow_decoder(decoder: Decoder, narrow: Callable[[Any], object]) -> Decoder:
    """Return a decoder that replaces each event by `narrow(event)`, so that a batch of thousands holds only what is needed."""

    def decode(record: ConsumerRecord) -> DecodedRecord:
        decoded = decoder(record)
        return ReceivedEvent(narrow(decoded.event), record) if type(decoded) is ReceivedEvent else decoded

    return decode


def header_value(record: ConsumerRecord, name: str) -> bytes | None:
    """Return the value of the first header of that name."""
    for key, value in record.headers:
        if key == name:
            return value  # type: ignore[no-any-return]
    return None


def refuse_invalid(record: ConsumerRecord, error: ValidationError) -> RefusedRecord:
    """Return the refusal of a record that violates its contract, with fields and codes but no values."""
    findings = tuple(
        ValidationFinding(".".join(str(part) for part in finding["loc"]), finding["type"], finding["msg"])
        for finding in error.errors(include_url=False, include_context=False, include_input=False)[:20]
    )
    malformed = bool(findings) and findings[0].code == "json_invalid"
    return RefusedRecord(record, DeadLetterReason.UNDECODABLE if malformed else DeadLetterReason.INVALID, findings)


QuickReader = Callable[[bytes], object]
"""Reads JSON to the values of a contract; None where only the contract can tell what it is."""


def _reader(model: type[BaseModel], quick_reader: QuickReader | None) -> Callable[[bytes], object]:
    read = model.model_validate_json
    if quick_reader is None:
        return read

    def read_quickly(body: bytes) -> object:
        event = quick_reader(body)
        return read(body) if event is None else event

    return read_quickly


def contract_decoder(
    models: Sequence[tuple[str, type[BaseModel]]], quick_readers: Mapping[str, QuickReader] = MappingProxyType({})
) -> Decoder:
    """Return a decoder for CloudEvents in binary mode: event type in the header, the contract's JSON in the value.

    A record of another type is skipped: another service subscribes to it. `quick_readers`, by event type, read before the
    contract does.
    """
    by_type = {name.encode(): _reader(model, quick_readers.get(name)) for name, model in models}

    def decode(record: ConsumerRecord) -> DecodedRecord:
        name = header_value(record, "ce_type")
        if name is None:
            return RefusedRecord(
                record,
                DeadLetterReason.UNDECODABLE,
                (ValidationFinding("ce_type", "missing", "the header ce_type is missing"),),
            )
        read = by_type.get(name)
        if read is None:
            return SkippedRecord(record)
        try:
            return ReceivedEvent(read(record.value or b""), record)
        except ValidationError as error:
            return refuse_invalid(record, error)

    return decode
