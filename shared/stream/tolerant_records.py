"""Records of a fetch that are parsed although a header name is not text, or a batch unpacks to too much.

aiokafka decodes header names as UTF-8 and raises in the middle of a fetch where one is not; any producer but Java's can write
such a name. A batch that unpacks to more than is laid out is handed on as one record with the bytes of the batch.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, SupportsIndex, overload

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.consumer.fetcher import PartitionRecords
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords

from shared.stream.compression import RecordBatchTooLarge
from shared.stream.unread_batch import UnreadBatch

# Base offset and length, with which every batch begins.
_OVERHEAD = struct.Struct(">qi")
# The same, then leader epoch, magic, checksum, attributes, and the offset of the last record after the base.
_HEADER = struct.Struct(">qiibIhi")


class BufferedRecords(MemoryRecords):  # type: ignore[misc]
    """The records fetched of a partition, with their raw bytes."""

    def __init__(self, raw: bytes) -> None:
        super().__init__(raw)
        self.raw = raw


class TolerantRecords(PartitionRecords):  # type: ignore[misc]
    """The records of a fetch. From the first header name on that is not UTF-8, header names are decoded tolerantly."""

    def __init__(self, partition: TopicPartition, records: BufferedRecords, *options: Any) -> None:
        self.next_fetch_offset: int
        super().__init__(partition, records, *options)
        self._raw = records.raw

    @property
    def resume_offset(self) -> int | None:
        """The offset after the batch that holds the next offset, from the headers of the batches; None if there is none."""
        found = self._next_batch()
        return None if found is None else found[1]

    def _next_batch(self) -> tuple[bytes, int] | None:
        """Return the bytes of the batch that holds the next offset, and the offset after it."""
        for batch in _split_batches(self._raw):
            if len(batch) >= _HEADER.size:
                base, *_, last_delta = _HEADER.unpack_from(batch)
                if base + last_delta >= self.next_fetch_offset:
                    return batch, int(base + last_delta + 1)
        return None

    def _unpack_records(self) -> Iterator[ConsumerRecord]:
        try:
            yield from super()._unpack_records()
        except UnicodeDecodeError:
            self._records = _TolerantBatches(self._raw, self.next_fetch_offset)
            yield from self._unpack_records()
        except RecordBatchTooLarge:
            yield self._skip_batch()
            # The batches behind it: this one was taken out when it was begun.
            yield from self._unpack_records()

    def _skip_batch(self) -> UnreadBatch:
        """Return the next batch as one record at its first offset; the next offset is behind the batch."""
        found = self._next_batch()
        if found is None:
            raise RecordBatchTooLarge
        batch, offset = found[0], self.next_fetch_offset
        self.next_fetch_offset = found[1]
        partition = self._tp
        return UnreadBatch(partition.topic, partition.partition, offset, -1, 0, None, batch, None, -1, len(batch), ())


class _TolerantBatches:
    """The batches of a fetch from one offset on, with the methods that the fetcher calls."""

    def __init__(self, raw: bytes, offset: int) -> None:
        batches = (_TolerantBatch(batch) for batch in _split_batches(raw))
        self._batches = (batch for batch in batches if batch.next_offset > offset)
        self._next = next(self._batches, None)

    def has_next(self) -> bool:
        return self._next is not None

    def next_batch(self) -> _TolerantBatch | None:
        batch, self._next = self._next, next(self._batches, None)
        return batch


def is_cut_off(raw: bytes) -> bool:
    """Return whether the bytes hold no whole batch, although they hold something."""
    return bool(raw) and next(_split_batches(raw), None) is None


def _split_batches(raw: bytes) -> Iterator[bytes]:
    """Yield the bytes of each whole batch; the broker may cut the last one short."""
    start = 0
    while start + _OVERHEAD.size <= len(raw):
        _, length = _OVERHEAD.unpack_from(raw, start)
        end = start + _OVERHEAD.size + length
        if end > len(raw):
            return
        yield raw[start:end]
        start = end


class _TolerantBatch(_DefaultRecordBatchPy):  # type: ignore[misc]
    """A batch that is parsed in Python, after the compiled parser failed on it."""

    def __iter__(self) -> _TolerantBatch:
        self._maybe_uncompress()
        self._buffer = _TolerantBytes(self._buffer)  # type: ignore[has-type]
        return self


class _TolerantBytes(bytearray):
    r"""Bytes of which every slice decodes to text: bytes that are not UTF-8 become `\xNN`."""

    @overload
    def __getitem__(self, index: SupportsIndex) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> _TolerantBytes: ...
    def __getitem__(self, index: SupportsIndex | slice) -> int | _TolerantBytes:
        return _TolerantBytes(super().__getitem__(index)) if isinstance(index, slice) else super().__getitem__(index)

    def decode(self, encoding: str = "utf-8", errors: str = "") -> str:  # noqa: ARG002 - aiokafka passes none
        return super().decode(encoding, "backslashreplace")
