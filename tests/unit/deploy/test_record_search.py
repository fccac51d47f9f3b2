"""Which batches hold a record that a reader of committed records sees."""

from __future__ import annotations

import pytest
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from deploy.record_search import BatchHeader, has_visible, split_headers

MARK = BatchHeader(4, 4, 7, 1, is_transactional=True, is_control=True)


def data(
    offset: int, producer: int = 7, *, last: int | None = None, records: int = 1, transactional: bool = True
) -> BatchHeader:
    return BatchHeader(offset, offset if last is None else last, producer, records, transactional, is_control=False)


@pytest.mark.parametrize(
    ("batches", "aborted", "is_visible"),
    [
        ([], [], False),
        ([MARK], [], False),
        ([data(3), MARK], [], True),
        ([data(3), MARK], [(7, 3)], False),
        ([data(3, 8), data(3), MARK], [(7, 3)], True),
        ([data(3), MARK, data(5)], [(7, 3)], True),
        ([data(3), MARK, data(5)], [(7, 3), (7, 5)], False),
        ([data(3, transactional=False), MARK], [(7, 3)], True),
        ([data(0, last=2)], [], False),
        ([data(0, last=3)], [], True),
        ([data(3, last=9, records=0)], [], False),
    ],
)
def test_a_record_is_seen_unless_it_is_a_mark_aborted_removed_or_before_the_offset(batches, aborted, is_visible):
    assert has_visible(batches, aborted, 3) is is_visible


def test_headers_are_those_of_whole_batches_and_a_batch_that_is_cut_short_is_none():
    builder = DefaultRecordBatchBuilder(
        2, 0, is_transactional=1, producer_id=7, producer_epoch=0, base_sequence=0, batch_size=999
    )
    for number in range(3):
        builder.append(number, 1, b"k", b"v", [])
    raw = bytes(builder.build())

    assert list(split_headers(raw + raw[:-1])) == [BatchHeader(0, 2, 7, 3, is_transactional=True, is_control=False)]
