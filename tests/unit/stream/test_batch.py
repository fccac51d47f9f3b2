"""The offset ranges of a batch."""

from __future__ import annotations

from aiokafka import ConsumerRecord, TopicPartition

from shared.stream import SkippedRecord
from shared.stream.batch import OffsetRange, offset_ranges


def skipped(part, offset):
    return SkippedRecord(ConsumerRecord("t", part, offset, 0, 0, b"k", b"v", None, 0, 0, ()))


def offset_range(part, first, last):
    return OffsetRange(TopicPartition("t", part), first, last)


def test_an_offset_range_spans_the_first_to_the_last_offset_of_its_partition():
    batch = [skipped(1, 5), skipped(1, 9), skipped(0, 3), skipped(1, 11)]

    assert offset_ranges(batch) == [offset_range(1, 5, 11), offset_range(0, 3, 3)]
