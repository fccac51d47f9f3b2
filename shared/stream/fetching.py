"""Fetching from Kafka so that no record can block or cost its neighbours: what aiokafka lacks for that.

aiokafka reads the names of headers as UTF-8 and raises in the middle of a fetch where one is not; any producer but Java's can
write such a name. And when a fetch fails at one partition, those that were drained before it have moved on already.
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

# Base offset and length, which every batch begins with.
_OVERHEAD = struct.Struct(">qi")


class WholeFetches(AIOKafkaConsumer):  # type: ignore[misc]
    """A consumer whose partitions move only by records that were handed over, or by `seek`."""

    def __init__(self, *topics: str, **options: Any) -> None:
        super().__init__(*topics, **options)
        self._handed_over: dict[TopicPartition, int] = {}

    async def getmany(
        self, *partitions: TopicPartition, timeout_ms: int = 0, max_records: int | None = None
    ) -> dict[TopicPartition, list[ConsumerRecord]]:
        """Return records by partition. Where the fetch fails, what was drained for it comes again."""
        self._handed_over = {}
        for partition in self.assignment() - self.paused():
            with suppress(IllegalStateError):  # revoked meanwhile
                self._handed_over[partition] = await self.position(partition)
        try:
            fetched: dict[TopicPartition, list[ConsumerRecord]] = await super().getmany(
                *partitions, timeout_ms=timeout_ms, max_records=max_records
            )
        except Exception:
            for partition in self._handed_over.keys() & self.assignment():
                super().seek(partition, self._handed_over[partition])
            raise
        return fetched

    def seek(self, partition: TopicPartition, offset: int) -> None:
        """Go on at an offset, also where a fetch that is under way fails."""
        super().seek(partition, offset)
        self._handed_over[partition] = offset


async def connect(broker: KafkaBroker) -> None:
    """Connect a broker so that its subscribers fetch safely."""
    fetcher.MemoryRecords = _KeptRecords
    fetcher.PartitionRecords = _ReadableRecords
    await broker.connect()
    config = broker.config.broker_config
    config.builder = partial(WholeFetches, *config.builder.args, **config.builder.keywords)  # type: ignore[attr-defined]


class _KeptRecords(MemoryRecords):  # type: ignore[misc]
    """What was fetched of a partition, with the bytes at hand."""

    def __init__(self, fetched: bytes) -> None:
        super().__init__(fetched)
        self.fetched = fetched


class _ReadableRecords(PartitionRecords):  # type: ignore[misc]
    """The records of a fetch. From a batch on that cannot be read as it is, names of headers are read leniently."""

    def _unpack_records(self) -> Iterator[ConsumerRecord]:
        try:
            yield from super()._unpack_records()
        except UnicodeDecodeError:
            kept: _KeptRecords = self._records  # type: ignore[has-type]
            self._records = _LenientBatches(kept.fetched, self.next_fetch_offset)
            yield from super()._unpack_records()


class _LenientBatches:
    """The batches of a fetch from one offset on, as the fetcher asks for them."""

    def __init__(self, fetched: bytes, offset: int) -> None:
        batches = (_LenientBatch(part) for part in _parts(fetched))
        self._batches = (batch for batch in batches if batch.next_offset > offset)
        self._next = next(self._batches, None)

    def has_next(self) -> bool:
        return self._next is not None

    def next_batch(self) -> _LenientBatch | None:
        batch, self._next = self._next, next(self._batches, None)
        return batch


def _parts(fetched: bytes) -> Iterator[bytes]:
    """Yield the bytes of each whole batch; the broker may cut the last one short."""
    at = 0
    while at + _OVERHEAD.size <= len(fetched):
        _, length = _OVERHEAD.unpack_from(fetched, at)
        end = at + _OVERHEAD.size + length
        if end > len(fetched):
            return
        yield fetched[at:end]
        at = end


class _LenientBatch(_DefaultRecordBatchPy):  # type: ignore[misc]
    """A batch read in Python, once the quick reader has failed on it."""

    def __iter__(self) -> _LenientBatch:
        self._maybe_uncompress()
        self._buffer = _LenientBytes(self._buffer)  # type: ignore[has-type]
        return self


class _LenientBytes(bytearray):
    r"""Bytes of which any part is text: what is not UTF-8 stands as `\xNN`."""

    @overload
    def __getitem__(self, place: SupportsIndex) -> int: ...
    @overload
    def __getitem__(self, place: slice) -> _LenientBytes: ...
    def __getitem__(self, place: SupportsIndex | slice) -> int | _LenientBytes:
        return _LenientBytes(super().__getitem__(place)) if isinstance(place, slice) else super().__getitem__(place)

    def decode(self, encoding: str = "utf-8", errors: str = "") -> str:  # noqa: ARG002 - aiokafka asks for none
        return super().decode(encoding, "backslashreplace")
