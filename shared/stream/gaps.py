"""Offsets that no consumer will ever see: marks of transactions, aborted records, records that compaction has removed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from aiokafka import TopicPartition

from shared.stream.batch import OffsetRange


@dataclass(frozen=True, slots=True)
class Gap:
    """Offsets from `first` up to, not including, `end` hold no record."""

    partition: TopicPartition
    first: int
    end: int


class Gaps:
    """The newest gap of each partition, which positions step over once everything before it is applied."""

    def __init__(self) -> None:
        self._gaps: dict[TopicPartition, Gap] = {}

    def add(self, gap: Gap) -> None:
        """Add a gap that the fetch came upon; one that touches the gap before it is joined to it."""
        before = self._gaps.get(gap.partition)
        self._gaps[gap.partition] = replace(gap, first=before.first) if before and before.end == gap.first else gap

    def discard(self, partitions: Iterable[TopicPartition]) -> None:
        """Forget the gaps of partitions that are fetched from another position."""
        for partition in partitions:
            self._gaps.pop(partition, None)

    def extend(self, ranges: Iterable[OffsetRange]) -> list[OffsetRange]:
        """Return the ranges of a batch, each with the gap that follows it at once."""
        return [self._extend(each) for each in ranges]

    def _extend(self, offsets: OffsetRange) -> OffsetRange:
        end = self._end_of_gap_at(offsets.partition, offsets.last + 1)
        return offsets if end is None else replace(offsets, last=end - 1)

    def at(self, next_offsets: Mapping[TopicPartition, int]) -> list[OffsetRange]:
        """Return the gaps at the next offsets to apply, as ranges to step over."""
        ends = ((partition, offset, self._end_of_gap_at(partition, offset)) for partition, offset in next_offsets.items())
        return [OffsetRange(partition, offset, end - 1) for partition, offset, end in ends if end is not None]

    def _end_of_gap_at(self, partition: TopicPartition, offset: int) -> int | None:
        gap = self._gaps.get(partition)
        return gap.end if gap and gap.first <= offset < gap.end else None
