"""Where a position stands to the log of its topic."""

from __future__ import annotations

from uuid import UUID

import pytest
from aiokafka import TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from shared.stream.positions import Position
from shared.stream.standing import StandingCause, StandingPartition
from shared.stream.topic_log import TopicLog

PARTITION = TopicPartition("gongshi.reports", 3)
TOPIC, OTHER_TOPIC = UUID(int=1), UUID(int=2)
OFFSETS = st.integers(0, 50)


def topic_log(beginning, end, topic_id=TOPIC):
    return TopicLog(topic_id, {PARTITION: beginning}, {PARTITION: end})


def cause(position, log):
    standing = position.bind(log).find_standing(log)
    return standing and standing.cause


@pytest.mark.parametrize(
    ("next_offset", "beginning", "end", "expected"),
    [
        (0, 0, 0, None),
        (5, 5, 5, None),
        (5, 2, 9, None),
        (0, 1, 9, StandingCause.POSITION_LOST),
        (4, 5, 5, StandingCause.POSITION_LOST),
        (6, 0, 5, StandingCause.POSITION_AHEAD),
    ],
)
def test_a_position_outside_its_log_stands(next_offset, beginning, end, expected):
    assert cause(Position(PARTITION, next_offset, 1, TOPIC), topic_log(beginning, end)) is expected


@given(OFFSETS, OFFSETS, OFFSETS)
def test_a_position_goes_on_exactly_if_no_record_is_missing_and_none_was_replaced(next_offset, beginning, length):
    log = topic_log(beginning, beginning + length)

    assert (cause(Position(PARTITION, next_offset, 1, TOPIC), log) is None) == (beginning <= next_offset <= beginning + length)


def test_a_position_that_was_ahead_stays_so_however_long_the_log_grows():
    position = Position(PARTITION, 5, 1, TOPIC, StandingCause.POSITION_AHEAD)

    assert cause(position, topic_log(0, 50)) is StandingCause.POSITION_AHEAD
    assert cause(position, topic_log(0, 50, OTHER_TOPIC)) is None


@given(OFFSETS, OFFSETS)
def test_a_position_begins_at_0_in_another_topic_of_the_same_name(next_offset, end):
    bound = Position(PARTITION, next_offset, 1, TOPIC).bind(topic_log(0, end, OTHER_TOPIC))

    assert (bound.next_offset, bound.topic_id) == (0, OTHER_TOPIC)


@pytest.mark.parametrize(("stored", "current"), [(None, TOPIC), (TOPIC, TOPIC), (TOPIC, None), (None, None)])
def test_a_position_without_an_id_is_bound_where_it_is(stored, current):
    bound = Position(PARTITION, 7, 1, stored).bind(topic_log(0, 9, current))

    assert (bound.next_offset, bound.topic_id) == (7, current or stored)


@pytest.mark.parametrize("each", StandingCause)
def test_what_stands_names_the_command_that_lets_it_go_on(each):
    sentence = StandingPartition(PARTITION, each, 4, end=9, resume_offset=6, error="DecompressionError").describe("intake")

    assert sentence.startswith("gongshi.reports/3 at offset 4: ")
    command = "intake gongshi.reports --partition 3"
    if each is not StandingCause.UNAVAILABLE:
        assert f"gongshi positions accept-loss {command}" in sentence or f"gongshi positions reset {command}" in sentence
