"""Whether consuming can go on at a position, by the offsets of its topic."""

from __future__ import annotations

from uuid import UUID

import pytest
from aiokafka import TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from shared.stream.blocked_partitions import BlockCause, BlockedPartition
from shared.stream.positions import Position
from shared.stream.topic_offsets import TopicOffsets

PARTITION = TopicPartition("gongshi.reports", 3)
TOPIC, OTHER_TOPIC = UUID(int=1), UUID(int=2)
OFFSETS = st.integers(0, 50)


def topic_offsets(beginning, end, topic_id=TOPIC):
    return TopicOffsets(topic_id, {PARTITION: beginning}, {PARTITION: end})


def cause(position, offsets):
    blocked = position.bind(offsets).find_blocked(offsets)
    return blocked and blocked.cause


@pytest.mark.parametrize(
    ("next_offset", "beginning", "end", "expected"),
    [
        (0, 0, 0, None),
        (5, 5, 5, None),
        (5, 2, 9, None),
        (0, 1, 9, BlockCause.POSITION_LOST),
        (4, 5, 5, BlockCause.POSITION_LOST),
        (6, 0, 5, BlockCause.POSITION_AHEAD),
    ],
)
def test_a_position_outside_its_log_is_blocked(next_offset, beginning, end, expected):
    assert cause(Position(PARTITION, next_offset, 1, TOPIC), topic_offsets(beginning, end)) is expected


@given(OFFSETS, OFFSETS, OFFSETS)
def test_a_position_goes_on_exactly_if_no_record_is_missing_and_none_was_replaced(next_offset, beginning, length):
    offsets = topic_offsets(beginning, beginning + length)

    assert (cause(Position(PARTITION, next_offset, 1, TOPIC), offsets) is None) == (
        beginning <= next_offset <= beginning + length
    )


def test_a_position_that_was_ahead_stays_so_however_long_the_log_grows():
    position = Position(PARTITION, 5, 1, TOPIC, BlockCause.POSITION_AHEAD)

    assert cause(position, topic_offsets(0, 50)) is BlockCause.POSITION_AHEAD
    assert cause(position, topic_offsets(0, 50, OTHER_TOPIC)) is None


@given(OFFSETS, OFFSETS)
def test_a_position_begins_at_0_in_another_topic_of_the_same_name(next_offset, end):
    bound = Position(PARTITION, next_offset, 1, TOPIC).bind(topic_offsets(0, end, OTHER_TOPIC))

    assert (bound.next_offset, bound.topic_id) == (0, OTHER_TOPIC)


@pytest.mark.parametrize(("stored", "current"), [(None, TOPIC), (TOPIC, TOPIC), (TOPIC, None), (None, None)])
def test_a_position_without_an_id_is_bound_where_it_is(stored, current):
    bound = Position(PARTITION, 7, 1, stored).bind(topic_offsets(0, 9, current))

    assert (bound.next_offset, bound.topic_id) == (7, current or stored)


@pytest.mark.parametrize("each", BlockCause)
def test_a_blocked_partition_names_the_command_that_lets_it_go_on(each):
    sentence = BlockedPartition(PARTITION, each, 4, end=9, resume_offset=6, error="DecompressionError").describe("intake")

    assert sentence.startswith("gongshi.reports/3 at offset 4: ")
    command = "intake gongshi.reports --partition 3"
    if each is not BlockCause.UNAVAILABLE:
        assert f"gongshi positions accept-loss {command}" in sentence or f"gongshi positions reset {command}" in sentence
