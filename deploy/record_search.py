"""Whether a consumer would see any record between a position and the end, asked of the broker while no consumer runs.

Marks of transactions, aborted records and what compaction has removed hold offsets, but no consumer sees them. Only the headers
of batches are read, so that records which cannot be decompressed are told from none.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.protocol.fetch import FetchRequest

READ_COMMITTED = 1
MAX_WAIT_MS, MIN_BYTES, MAX_BYTES = 100, 1, 1 << 20

# Base offset, length, leader epoch, magic, checksum, attributes, offset of the last record after the base, two timestamps,
# producer id, producer epoch, sequence, number of records: https://kafka.apache.org/documentation/#recordbatch
_HEADER = struct.Struct(">qiibIhiqqqhii")
_LENGTH_ENDS = 12
_TRANSACTIONAL, _CONTROL = 0x10, 0x20

Transactions = Sequence[tuple[int, int]]
"""Producer id and first offset of each."""


class BatchHeader(NamedTuple):
    """What is read of a batch: its last offset, whose it is, how many records it holds and of which kind they are."""

    base_offset: int
    last_offset: int
    producer_id: int
    records: int
    is_transactional: bool
    is_control: bool


async def has_records(consumer: AIOKafkaConsumer, partition: TopicPartition, offset: int, end: int) -> bool:
    """Return whether there is a committed record from `offset` up to, not including, `end`. Raises `KafkaError`.

    The consumer must know the topic. Where the broker's answer does not tell, as for a deleted offset, there is one.
    """
    while offset < end:
        fetched = await _fetch(consumer, partition, offset)
        if fetched is None:
            return True
        raw, aborted = fetched
        batches = list(split_headers(raw))
        if has_visible(batches, aborted, offset):
            return True
        if not batches:
            return bool(raw)
        offset = batches[-1].last_offset + 1
    return False


async def _fetch(
    consumer: AIOKafkaConsumer, partition: TopicPartition, offset: int
) -> tuple[bytes, Sequence[tuple[int, int]]] | None:
    client = consumer._client  # noqa: SLF001 - the only way to the client
    node = client.cluster.leader_for_partition(partition)
    topics = [(partition.topic, [(partition.partition, offset, MAX_BYTES)])]
    response = await client.send(node, FetchRequest(MAX_WAIT_MS, MIN_BYTES, MAX_BYTES, READ_COMMITTED, topics))
    ((_, ((_, error_code, _, _, *rest),)),) = response.topics
    if error_code:
        return None
    # Versions differ in what stands between; one field is a list.
    *between, records = rest
    aborted = next((field for field in between if isinstance(field, list)), [])
    return records or b"", aborted


def split_headers(raw: bytes) -> Iterator[BatchHeader]:
    """Yield the headers of the whole batches in the bytes of a fetch."""
    start = 0
    while start + _HEADER.size <= len(raw):
        base, length, _, _, _, attributes, delta, _, _, producer, _, _, count = _HEADER.unpack_from(raw, start)
        start += _LENGTH_ENDS + length
        if start > len(raw):
            return
        yield BatchHeader(base, base + delta, producer, count, bool(attributes & _TRANSACTIONAL), bool(attributes & _CONTROL))


def has_visible(batches: Sequence[BatchHeader], aborted: Transactions, offset: int) -> bool:
    """Return whether any batch holds a record at or behind `offset` that a reader of committed records sees.

    `aborted`: producer id and first offset of each aborted transaction; it ends with the next mark of that producer.
    """
    open_transactions: set[int] = set()
    waiting = sorted(aborted, key=lambda transaction: transaction[1])
    for batch in batches:
        while waiting and waiting[0][1] <= batch.base_offset:
            open_transactions.add(waiting.pop(0)[0])
        if batch.is_control:
            open_transactions.discard(batch.producer_id)
        elif batch.is_transactional and batch.producer_id in open_transactions:
            continue
        elif batch.records and batch.last_offset >= offset:
            return True
    return False
