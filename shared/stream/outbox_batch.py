"""The messages of one row of the outbox as one binary value: MessagePack, compressed by zstd.

Some 2,000 complaints become a twelfth of their size in 3 ms, which is less than it costs to write them to disk as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import cramjam
import msgspec
import orjson

from shared.contracts.envelope import Headers

# The form of the value, so that another one can be read beside it.
FORM = b"\x01"
LEVEL = 1
# What one row holds at most before it is compressed, so that a relay's memory is bounded; a single message may be larger.
MAX_BYTES = 4 * 1024 * 1024
MAX_MESSAGES = 5_000

Content = tuple[bytes | None, Headers, bytes | None]
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[tuple[bytes | None, tuple[tuple[str, bytes], ...], bytes | None]]).decode


class OutboxMessage(NamedTuple):
    """One Kafka record to be sent. `topic` has no prefix."""

    topic: str
    key: bytes | None
    headers: Headers
    value: bytes | None


def split(messages: Sequence[OutboxMessage]) -> Iterator[list[OutboxMessage]]:
    """Yield the messages as rows hold them: of one topic each, in order, not too many."""
    by_topic: dict[str, list[OutboxMessage]] = {}
    for message in messages:
        by_topic.setdefault(message.topic, []).append(message)
    for of_topic in by_topic.values():
        batch: list[OutboxMessage] = []
        size = 0
        for message in of_topic:
            size += len(message.value or b"")
            if batch and (size > MAX_BYTES or len(batch) == MAX_MESSAGES):
                yield batch
                batch, size = [], len(message.value or b"")
            batch.append(message)
        yield batch


def pack(messages: Sequence[OutboxMessage]) -> bytes:
    """Return messages of one topic as one value."""
    contents: list[Content] = [(message.key, message.headers, message.value) for message in messages]
    return FORM + bytes(cramjam.zstd.compress(_encode(contents), LEVEL))


def unpack(topic: str, batch: bytes) -> list[OutboxMessage]:
    """Return the messages that `pack` packed. Raises `ValueError` for a form that this version does not know."""
    if not batch.startswith(FORM):
        raise ValueError("the outbox holds a batch of an unknown form")
    contents = _decode(bytes(cramjam.zstd.decompress(batch[len(FORM) :])))
    return [OutboxMessage(topic, *content) for content in contents]


def unpack_headers(packed: bytes) -> Headers:
    """Return the headers of a row that holds one message: JSON pairs, header values as Latin-1."""
    return tuple((name, value.encode("latin-1")) for name, value in orjson.loads(packed))
