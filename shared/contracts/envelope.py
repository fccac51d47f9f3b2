"""CloudEvents 1.0 in Kafka's binary mode: what every event of gongshi carries in its headers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, ClassVar, Self
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict

SPEC_VERSION = b"1.0"
CONTENT_TYPE = b"application/json"

Headers = tuple[tuple[str, bytes], ...]


class Event(BaseModel, ABC):
    """A fact that a service tells. Frozen; unknown fields of newer writers are ignored by readers."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    type: ClassVar[str]
    topic: ClassVar[str]

    @classmethod
    def of(cls, fields: dict[str, Any]) -> Self:
        """Return an event of all its fields, in their order and of their types for sure: they are not looked at again.

        For writers that make many; a test of each holds what it makes against the contract.
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
        """Return the Kafka key: what must stay in order."""

    def body(self) -> bytes:
        """Return the event as JSON, the same as pydantic writes in several times the time."""
        return orjson.dumps(self.__dict__, _plain, orjson.OPT_UTC_Z)

    def extensions(self) -> Headers:
        """Return further headers, so that a reader can pass over the event without parsing it."""
        return ()


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.__dict__
    if isinstance(value, Decimal | UUID):  # of UUIDs only the database driver's own come here
        return str(value)
    raise TypeError(type(value).__name__)


def binary_headers(event: Event, *, event_id: UUID, source: str, at: datetime) -> Headers:
    """Return the CloudEvents headers of `event` in Kafka's binary mode."""
    return (("ce_id", event_id.hex.encode()), *_context(event.type, source, at), *event.extensions())


@lru_cache(maxsize=64)
def _context(kind: str, source: str, at: datetime) -> Headers:
    """Return what the events of one kind that are said in one transaction have in common."""
    return (
        ("ce_specversion", SPEC_VERSION),
        ("ce_type", kind.encode()),
        ("ce_source", source.encode()),
        ("ce_time", at.isoformat().encode()),
        ("content-type", CONTENT_TYPE),
    )
