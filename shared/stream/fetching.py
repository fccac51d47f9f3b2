"""Fetching from Kafka so that no record can block or cost its neighbours, which aiokafka alone does not ensure.

aiokafka decodes header names as UTF-8 and raises in the middle of a fetch where one is not; any producer but Java's can
write such a name. And when a fetch fails at one partition, the positions of those drained before it have moved on already.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Any, SupportsIndex, overload

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.consumer import fetcher
from aiokafka.consumer.fetcher import PartitionRecords
from aiokafka.errors import IllegalStateError
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import MemoryRecords
from faststream.kafka import KafkaBroker

from shared.stream.compression import install_codecs

# Base offset and length, with which every batch begins.
_OVERHEAD = struct.Struct(">qi")


class AtomicFetchConsumer(AIOKafkaConsumer):  # type: ignore[misc]
    """A consumer whose positions advance only past records that `getmany` returned, or by `seek`."""

    def __init__(self, *topics: str, **options: Any) -> None:
        super().__init__(*topics, **options)
        self._positions: dict[TopicPartition, int] = {}

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int = 0, max_records: int | None = None
    ) -> dict[TopicPartition, list[ConsumerRecord]]:
        """Return records by partition. When the fetch fails, every position is as it was before."""
        self._positions = {}
        for partition in self.assignment() - self.paused():
            with suppress(IllegalStateError):  # revoked meanwhile
                self._positions[partition] = await self.position(partition)
        try:
            fetched: dict[TopicPartition, list[ConsumerRecord]] = await super().getmany(
                *partitions, timeout_ms=timeout_ms, max_records=max_records
            )
        except Exception:
            for partition in self._positions.keys() & self.assignment():
                super().seek(partition, self._positions[partition])
            raise
        return fetched

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Set the next offset to fetch, also for a fetch that is under way and fails."""
        super().seek(partition, offset)
        self._positions[partition] = offset


async def connect_broker(broker: KafkaBroker) -> None:
    """Connect a broker so that its subscribers fetch safely."""
    install_codecs()
    fetcher.MemoryRecords = _BufferedRecords
    fetcher.PartitionRecords = _TolerantRecords
    await broker.connect()
    config = broker.config.broker_config
    config.builder = partial(AtomicFetchConsumer, *config.builder.args, **config.builder.keywords)  # type: ignore[attr-defined]


class _BufferedRecords(MemoryRecords):  # type: ignore[misc]
    """The records fetched of a partition, with their raw bytes."""

    def __init__(self, raw: bytes) -> None:
        super().__init__(raw)
        self.raw = raw


class _TolerantRecords(PartitionRecords):  # type: ignore[misc]
    """The records of a fetch. From the first header name on that is not UTF-8, header names are decoded tolerantly."""

    def _unpack_records(self) -> Iterator[ConsumerRecord]:
        try:
            yield from super()._unpack_records()
        except UnicodeDecodeError:
            buffered: _BufferedRecords = self._records  # type: ignore[has-type]
            self._records = _TolerantBatches(buffered.raw, self.next_fetch_offset)
            yield from super()._unpack_records()


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
