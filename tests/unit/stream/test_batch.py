"""What a batch spans."""

from __future__ import annotations

from aiokafka import ConsumerRecord, TopicPartition

from shared.stream import Passed
from shared.stream.batch import Span, spans


def passed(part, offset):
    return Passed(ConsumerRecord("t", part, offset, 0, 0, b"k", b"v", None, 0, 0, ()))


def span(part, first, last):
    return Span(TopicPartition("t", part), first, last)


def test_a_span_reaches_from_the_first_to_the_last_offset_of_its_partition():
    batch = [passed(1, 5), passed(1, 9), passed(0, 3), passed(1, 11)]

    assert spans(batch) == [span(1, 5, 11), span(0, 3, 3)]
