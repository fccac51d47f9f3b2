"""What a batch spans, and how it is parted into lanes."""

from __future__ import annotations

from aiokafka import ConsumerRecord, TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from shared.stream import Passed
from shared.stream.batch import Span, lanes, spans


def passed(part, offset):
    return Passed(ConsumerRecord("t", part, offset, 0, 0, b"k", b"v", None, 0, 0, ()))


def span(part, first, last):
    return Span(TopicPartition("t", part), first, last)


BATCHES = st.lists(st.integers(0, 3), max_size=40).map(
    lambda parts: [passed(part, 10 * number) for number, part in enumerate(parts)]
)


def test_a_span_reaches_from_the_first_to_the_last_offset_of_its_partition():
    batch = [passed(1, 5), passed(1, 9), passed(0, 3), passed(1, 11)]

    assert spans(batch) == [span(1, 5, 11), span(0, 3, 3)]


@given(BATCHES, st.integers(1, 5))
def test_lanes_hold_every_record_once_and_whole_partitions_in_order(batch, most):
    found = spans(batch)

    parted = lanes(batch, found, most)

    assert len(parted) <= most
    assert sorted((r.record.partition, r.record.offset) for lane in parted for r in lane.decoded) == sorted(
        (r.record.partition, r.record.offset) for r in batch
    )
    for lane in parted:
        assert list(lane.spans) == sorted(spans(lane.decoded), key=found.index)
        assert [r for r in batch if r in lane.decoded] == list(lane.decoded)
    assert sum(len(lane.spans) for lane in parted) == len(found)


def test_partitions_that_are_not_wanted_are_left_out():
    batch = [passed(0, 1), passed(1, 1), passed(0, 2)]

    (lane,) = lanes(batch, [span(1, 1, 1)], 2)

    assert list(lane.decoded) == [batch[1]]


def test_lanes_are_of_about_one_length():
    batch = [*(passed(0, n) for n in range(60)), *(passed(1, n) for n in range(30)), *(passed(2, n) for n in range(30))]

    assert [len(lane.decoded) for lane in lanes(batch, spans(batch), 2)] == [60, 60]
