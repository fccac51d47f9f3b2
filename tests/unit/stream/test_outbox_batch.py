"""Rows of the outbox hold messages of one topic each, in order, and give them back as they were."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.stream import outbox_batch
from shared.stream.outbox_batch import OutboxMessage, pack, split, unpack, unpack_headers

HEADERS = st.lists(st.tuples(st.text(max_size=5), st.binary(max_size=9)), max_size=3).map(tuple)
BYTES = st.none() | st.binary(max_size=40)
MESSAGES = st.lists(st.builds(OutboxMessage, st.sampled_from("ab"), BYTES, HEADERS, BYTES), max_size=30)


@given(MESSAGES)
def test_what_is_packed_is_restored_with_the_order_in_each_topic(messages):
    rows = [(batch[0].topic, pack(batch)) for batch in split(messages)]

    restored = [message for topic, packed in rows for message in unpack(topic, packed)]

    for topic in "ab":
        assert [each for each in restored if each.topic == topic] == [each for each in messages if each.topic == topic]
    assert len(restored) == len(messages)


def test_a_row_holds_no_more_bytes_and_messages_than_its_limits(monkeypatch):
    monkeypatch.setattr(outbox_batch, "MAX_BYTES", 100)
    monkeypatch.setattr(outbox_batch, "MAX_MESSAGES", 3)
    sizes = [10, 10, 10, 10, 60, 60, 500, 1]

    rows = list(split([OutboxMessage("t", None, (), bytes(size)) for size in sizes]))

    assert [[len(message.value) for message in row] for row in rows] == [[10, 10, 10], [10, 60], [60], [500], [1]]


def test_a_row_of_an_unknown_form_is_not_guessed_at():
    with pytest.raises(ValueError, match="unknown form"):
        unpack("t", b"\x02" + pack([OutboxMessage("t", None, (), b"x")])[1:])


@given(HEADERS)
def test_the_headers_of_a_row_of_before_are_read(headers):
    packed = orjson.dumps([[name, value.decode("latin-1")] for name, value in headers])

    assert unpack_headers(packed) == headers
