"""What is kept of a refused record: all of it, or of a large one the first part with the size and the digest of the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol

KIB = 1024
# The longest report that is accepted is smaller, written in escapes too.
MAX_VALUE = 128 * KIB
MAX_HEADERS = 16 * KIB
MAX_KEY = KIB

Headers = Sequence[tuple[str, bytes | None]]


class Record(Protocol):
    """A record of Kafka, or of another entrance as one."""

    @property
    def key(self) -> bytes | None:
        """The key."""

    @property
    def headers(self) -> Headers:
        """The headers."""

    @property
    def value(self) -> bytes | None:
        """The value."""


@dataclass(frozen=True, slots=True)
class KeptPart:
    """Key, headers and value as they are stored. `whole_bytes` and `whole_digest` are of the value, where anything was cut."""

    key: bytes | None
    headers: Headers
    value: bytes | None
    whole_bytes: int | None = None
    whole_digest: bytes | None = None


def keep_part(record: Record) -> KeptPart:
    """Return what is kept of a record."""
    key, value, headers = record.key, record.value or b"", _keep_headers(record.headers)
    if len(value) <= MAX_VALUE and len(key or b"") <= MAX_KEY and len(headers) == len(record.headers):
        return KeptPart(key, headers, record.value)
    return KeptPart(None if key is None else key[:MAX_KEY], headers, value[:MAX_VALUE], len(value), sha256(value).digest())


def _keep_headers(headers: Headers) -> Headers:
    """Return the first headers, as many as have room."""
    room = MAX_HEADERS
    for number, (name, value) in enumerate(headers):
        room -= len(name) + len(value or b"")
        if room < 0:
            return headers[:number]
    return headers
