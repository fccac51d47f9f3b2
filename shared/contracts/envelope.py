"""The envelope of every event: CloudEvents 1.0 in Kafka's binary mode, its attributes as headers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Any, ClassVar, Self
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict

SPEC_VERSION = b"1.0"
CONTENT_TYPE = b"application/json"

Headers = tuple[tuple[str, bytes], ...]


class Event(BaseModel, ABC):
    """A fact that a service emits. Frozen; consumers ignore unknown fields of newer producers."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: ClassVar[str]
    topic: ClassVar[str]
    headers: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """The headers that an event may have beyond those of CloudEvents, and what each says."""

    @classmethod
    def construct_unvalidated(cls, fields: dict[str, Any]) -> Self:
        """Return an event of all its fields, in their order and of their exact types, without validation.

        For producers on a hot path; a test of each validates what it constructs against the contract.
        """
        event = cls.__new__(cls)
        for name, value in (
            ("__dict__", fields),
            ("__pydantic_fields_set__", set(fields)),
            ("__pydantic_extra__", None),
            ("__pydantic_private__", None),
        ):
            object.__setattr__(event, name, value)
        return event

    @abstractmethod
    def key(self) -> str:
        """Return the Kafka key: records of one key are ordered."""

    def body(self) -> bytes:
        """Return the event as JSON, identical to pydantic's and several times faster."""
        return orjson.dumps(self.__dict__, _encode_value, orjson.OPT_UTC_Z)

    def extension_headers(self) -> Headers:
        """Return CloudEvents extension headers, by which a consumer can skip the event without parsing it."""
        return ()


def _encode_value(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.__dict__
    if isinstance(value, Decimal | UUID):  # of UUIDs only the database driver's own come here
        return str(value)
    raise TypeError(type(value).__name__)


def binary_headers(event: Event, *, event_id: UUID, source: str, at: datetime) -> Headers:
    """Return the CloudEvents headers of `event` in Kafka's binary mode."""
    return (("ce_id", event_id.hex.encode()), *_common_headers(event.type, source, at), *event.extension_headers())


@lru_cache(maxsize=64)
def _common_headers(kind: str, source: str, at: datetime) -> Headers:
    """Return the headers that all events of one type in one transaction share."""
    return (
        ("ce_specversion", SPEC_VERSION),
        ("ce_type", kind.encode()),
        ("ce_source", source.encode()),
        ("ce_time", at.isoformat().encode()),
        ("content-type", CONTENT_TYPE),
    )
