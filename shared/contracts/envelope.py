"""CloudEvents 1.0 in Kafka's binary mode: what every event of gongshi carries in its headers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

SPEC_VERSION = b"1.0"
CONTENT_TYPE = b"application/json"

Headers = tuple[tuple[str, bytes], ...]


class Event(BaseModel, ABC):
    """A fact that a service tells. Frozen; unknown fields of newer writers are ignored by readers."""

    model_config = ConfigDict(frozen=True, extra="ignore", ser_json_inf_nan="constants")

    type: ClassVar[str]
    topic: ClassVar[str]

    @abstractmethod
    def key(self) -> str:
        """Return the Kafka key: what must stay in order."""

    def extensions(self) -> Headers:
        """Return further headers, so that a reader can pass over the event without parsing it."""
        return ()


def binary_headers(event: Event, *, event_id: UUID, source: str, at: datetime) -> Headers:
    """Return the CloudEvents headers of `event` in Kafka's binary mode."""
    return (
        ("ce_specversion", SPEC_VERSION),
        ("ce_id", event_id.hex.encode()),
        ("ce_type", event.type.encode()),
        ("ce_source", source.encode()),
        ("ce_time", at.isoformat().encode()),
        ("content-type", CONTENT_TYPE),
        *event.extensions(),
    )
