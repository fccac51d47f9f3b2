"""Records as they come in: decoded into events, or refused with a reason from a closed list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from aiokafka import ConsumerRecord
from pydantic import BaseModel, ValidationError

T_co = TypeVar("T_co", covariant=True)


class Reason(StrEnum):
    """Why a record is a dead letter."""

    UNDECODABLE = "undecodable"
    INVALID = "invalid"
    UNKNOWN_TYPE = "unknown_type"
    CONFLICT = "conflict"
    REDACTION_FAILED = "redaction_failed"
    REJECTED_BY_STORE = "rejected_by_store"
    UNPROCESSABLE = "unprocessable"


@dataclass(frozen=True, slots=True)
class Detail:
    """One finding about one field, in words that name no value: `field`, a `code` from a closed list, a `message`."""

    field: str
    code: str
    message: str


# One is made for each record, so these three are not frozen: that would cost as much as the rest of the core does.
@dataclass(slots=True)
class Received(Generic[T_co]):
    """An event and the record that brought it."""

    event: T_co
    record: ConsumerRecord


@dataclass(slots=True)
class Refused:
    """A record that is refused for good; it goes to `dead_letters` with its raw bytes."""

    record: ConsumerRecord
    reason: Reason
    details: tuple[Detail, ...]


@dataclass(slots=True)
class Passed:
    """A record of a type that this service does not listen to."""

    record: ConsumerRecord


Decoded = Received[Any] | Refused | Passed
Decoder = Callable[[ConsumerRecord], Decoded]


def narrowed(decoder: Decoder, narrow: Callable[[Any], object]) -> Decoder:
    """Return a decoder that keeps of each event what `narrow` makes of it: of thousands that wait, only that takes memory."""

    def decode(record: ConsumerRecord) -> Decoded:
        decoded = decoder(record)
        return Received(narrow(decoded.event), record) if type(decoded) is Received else decoded

    return decode


def header(record: ConsumerRecord, name: str) -> bytes | None:
    """Return the value of the first header of that name."""
    for key, value in record.headers:
        if key == name:
            return value  # type: ignore[no-any-return]
    return None


def refuse_invalid(record: ConsumerRecord, error: ValidationError) -> Refused:
    """Refuse a record whose content does not fit the contract, naming fields and codes but no values."""
    details = tuple(
        Detail(".".join(str(part) for part in finding["loc"]), finding["type"], finding["msg"])
        for finding in error.errors(include_url=False, include_context=False, include_input=False)[:20]
    )
    malformed = bool(details) and details[0].code == "json_invalid"
    return Refused(record, Reason.UNDECODABLE if malformed else Reason.INVALID, details)


def contract_decoder(models: Sequence[tuple[str, type[BaseModel]]]) -> Decoder:
    """Return a decoder for CloudEvents in binary mode: event type in the header, the contract's JSON in the value.

    A type that is not listed passes: another service listens to it.
    """
    by_type = {name.encode(): model.model_validate_json for name, model in models}

    def decode(record: ConsumerRecord) -> Decoded:
        name = header(record, "ce_type")
        if name is None:
            return Refused(record, Reason.UNDECODABLE, (Detail("ce_type", "missing", "the header ce_type is missing"),))
        read = by_type.get(name)
        if read is None:
            return Passed(record)
        try:
            return Received(read(record.value or b""), record)
        except ValidationError as error:
            return refuse_invalid(record, error)

    return decode
