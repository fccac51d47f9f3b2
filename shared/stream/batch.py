"""A batch as it was fetched: decoded records of several partitions, and the offset range of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from aiokafka import TopicPartition

from shared.stream.record import DecodedRecord


@dataclass(frozen=True, slots=True)
class OffsetRange:
    """The first and the last offset, both inclusive, that a batch holds of one partition."""

    partition: TopicPartition
    first: int
    last: int


def offset_ranges(decoded: Iterable[DecodedRecord]) -> list[OffsetRange]:
    """Return the offset range of each partition. The records are of one topic and in offset order within a partition."""
    firsts: dict[int, int] = {}
    lasts: dict[int, int] = {}
    topic = ""
    for each in decoded:
        record = each.record
        part = record.partition
        if part not in firsts:
            topic, firsts[part] = record.topic, record.offset
        lasts[part] = record.offset
    return [OffsetRange(TopicPartition(topic, part), first, lasts[part]) for part, first in firsts.items()]
