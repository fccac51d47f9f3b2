"""Gaps: a position steps over offsets without records only when everything before them is applied."""

from __future__ import annotations

from aiokafka import TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from shared.stream.batch import OffsetRange
from shared.stream.gaps import Gap, Gaps

PARTITION, OTHER = TopicPartition("t", 0), TopicPartition("t", 1)


def test_a_batch_takes_the_gap_behind_it_along():
    gaps = Gaps()
    gaps.add(Gap(PARTITION, 10, 12))

    assert gaps.extend([OffsetRange(PARTITION, 3, 9), OffsetRange(OTHER, 3, 9)]) == [
        OffsetRange(PARTITION, 3, 11),
        OffsetRange(OTHER, 3, 9),
    ]
    assert gaps.extend([OffsetRange(PARTITION, 3, 8)]) == [OffsetRange(PARTITION, 3, 8)]


def test_a_gap_is_stepped_over_where_the_next_offset_is_in_it():
    gaps = Gaps()
    gaps.add(Gap(PARTITION, 10, 12))

    assert gaps.at({PARTITION: 10}) == [OffsetRange(PARTITION, 10, 11)]
    assert gaps.at({PARTITION: 11}) == [OffsetRange(PARTITION, 11, 11)]
    assert gaps.at({PARTITION: 9}) == gaps.at({PARTITION: 12}) == gaps.at({OTHER: 10}) == gaps.at({}) == []


def test_a_gap_of_a_partition_that_is_fetched_from_elsewhere_is_forgotten():
    gaps = Gaps()
    gaps.add(Gap(PARTITION, 10, 12))
    gaps.discard([PARTITION, OTHER])

    assert gaps.at({PARTITION: 10}) == []


# A log: for each run of offsets its length, and whether it holds records.
LOGS = st.lists(st.tuples(st.integers(1, 5), st.booleans()), max_size=20)


@given(LOGS, st.randoms(use_true_random=False))
def test_positions_end_at_the_end_of_any_log_and_never_pass_a_record_that_is_not_applied(log, chance):
    """Fetching is ahead of applying by any number of batches."""
    gaps, fetched, batches, applied = Gaps(), 0, [], {PARTITION: 0}
    record_offsets = set()
    for length, has_records in log:
        if has_records:
            batches.append(OffsetRange(PARTITION, fetched, fetched + length - 1))
            record_offsets |= set(range(fetched, fetched + length))
        else:
            gaps.add(Gap(PARTITION, fetched, fetched + length))
        fetched += length
        while batches and chance.random() < 0.5:
            apply(batches.pop(0), gaps, applied, record_offsets)
        step_over(gaps, applied, record_offsets)
    for batch in batches:
        apply(batch, gaps, applied, record_offsets)
        step_over(gaps, applied, record_offsets)

    assert applied[PARTITION] <= fetched
    if log and not log[-1][1]:
        assert applied[PARTITION] == fetched


def apply(batch, gaps, applied, unapplied):
    assert batch.first >= applied[PARTITION]
    unapplied -= set(range(batch.first, batch.last + 1))
    (extended,) = gaps.extend([batch])
    applied[PARTITION] = extended.last + 1
    assert not unapplied & set(range(applied[PARTITION]))


def step_over(gaps, applied, unapplied):
    for each in gaps.at(applied):
        applied[PARTITION] = each.last + 1
    assert not unapplied & set(range(applied[PARTITION]))
