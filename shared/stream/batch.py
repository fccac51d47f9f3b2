"""A batch as it was fetched: decoded records of several partitions, which offsets of each it spans, and its lanes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from aiokafka import TopicPartition

from shared.stream.record import Decoded


@dataclass(frozen=True, slots=True)
class Span:
    """The first and the last offset that a batch holds of one partition."""

    partition: TopicPartition
    first: int
    last: int

    def __len__(self) -> int:
        """Return how many offsets there are at most; some may hold no record."""
        return self.last - self.first + 1


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


@dataclass(frozen=True, slots=True)
class Lane:
    """Records that are applied in one transaction, and their spans."""

    decoded: Sequence[Decoded]
    spans: Sequence[Span]


def lanes(decoded: Sequence[Decoded], wanted: Collection[Span], most: int) -> list[Lane]:
    """Return the records of the wanted spans as at most so many lanes of about one length, each of whole partitions."""
    loads = [0] * min(most, len(wanted))
    lane_of: dict[int, int] = {}
    for span in sorted(wanted, key=len, reverse=True):
        lightest = loads.index(min(loads))
        loads[lightest] += len(span)
        lane_of[span.partition.partition] = lightest
    parts: list[list[Decoded]] = [[] for _ in loads]
    for each in decoded:
        lane = lane_of.get(each.record.partition)
        if lane is not None:
            parts[lane].append(each)
    return [
        Lane(part, [span for span in wanted if lane_of[span.partition.partition] == lane]) for lane, part in enumerate(parts)
    ]
