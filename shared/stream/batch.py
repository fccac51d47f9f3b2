"""A batch as it was fetched: decoded records of several partitions, and which offsets of each it spans."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from aiokafka import TopicPartition

from shared.stream.record import Decoded


@dataclass(frozen=True, slots=True)
class Span:
    """The first and the last offset that a batch holds of one partition."""

    partition: TopicPartition
    first: int
    last: int


def spans(decoded: Iterable[Decoded]) -> list[Span]:
    """Return the spans of decoded records of one topic, which come in the order of their offsets."""
    firsts: dict[int, int] = {}
    lasts: dict[int, int] = {}
    topic = ""
    for each in decoded:
        record = each.record
        topic = record.topic
        firsts.setdefault(record.partition, record.offset)
        lasts[record.partition] = record.offset
    return [Span(TopicPartition(topic, part), first, lasts[part]) for part, first in firsts.items()]
