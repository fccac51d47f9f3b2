"""Decoding of records, the flood limit, the journal's chain."""

from datetime import UTC, datetime

import pytest
from aiokafka import ConsumerRecord
from hypothesis import given
from hypothesis import strategies as st

from shared.contracts import MonthClosed
from shared.errors import DeadLetterFlood
from shared.stream import DeadLetterReason, JournalEntry, ReceivedEvent, RefusedRecord, SkippedRecord, Subscription
from shared.stream.flood import FloodGuard
from shared.stream.journal import GENESIS, entry_hash
from shared.stream.record import contract_decoder

AT = datetime(2026, 10, 1, tzinfo=UTC)
DECODE = contract_decoder([(MonthClosed.type, MonthClosed)])
TYPE = ("ce_type", MonthClosed.type.encode())
BODY = b'{"month": "2026-09", "operators": 2, "complaints": 5, "closed_at": "2026-10-01T00:00:00Z"}'


def record(value, *headers):
    return ConsumerRecord("t", 0, 0, 0, 0, b"k", value, None, 0, 0, headers)


def test_an_event_of_the_contract_is_decoded():
    decoded = DECODE(record(BODY, TYPE))

    assert isinstance(decoded, ReceivedEvent)
    assert decoded.event.month == "2026-09"


def test_an_event_of_another_type_is_skipped():
    assert isinstance(DECODE(record(b"{}", ("ce_type", b"gongshi.other.v1"))), SkippedRecord)


@pytest.mark.parametrize(
    ("value", "headers", "reason"),
    [
        (BODY, (), DeadLetterReason.UNDECODABLE),
        (b"{", (TYPE,), DeadLetterReason.UNDECODABLE),
        (b"\xff\xfe", (TYPE,), DeadLetterReason.UNDECODABLE),
        (None, (TYPE,), DeadLetterReason.UNDECODABLE),
        (b"[" * 100_000, (TYPE,), DeadLetterReason.UNDECODABLE),
        (b"{}", (TYPE,), DeadLetterReason.INVALID),
        (BODY, (("ce_type", None),), DeadLetterReason.UNDECODABLE),
    ],
    ids=["no type", "cut off", "not UTF-8", "no value", "deep", "fields missing", "empty header"],
)
def test_a_record_that_cannot_be_decoded_is_refused_with_a_reason(value, headers, reason):
    decoded = DECODE(record(value, *headers))

    assert isinstance(decoded, RefusedRecord)
    assert decoded.reason is reason
    assert decoded.findings


@given(
    st.binary(max_size=200), st.lists(st.tuples(st.text(max_size=10), st.one_of(st.none(), st.binary(max_size=20))), max_size=4)
)
def test_the_decoder_never_raises(value, headers):
    assert DECODE(record(value, *headers)) is not None
    assert DECODE(record(value, TYPE, *headers)) is not None


def test_a_record_on_which_the_decoder_fails_is_refused_alone():
    def fail_to_decode(_):
        raise RecursionError("13800138000")

    decoded = Subscription("t", fail_to_decode, {}).decode(record(BODY, TYPE))

    assert isinstance(decoded, RefusedRecord)
    assert decoded.reason is DeadLetterReason.UNPROCESSABLE
    assert [finding.code for finding in decoded.findings] == ["RecursionError"]
    assert "13800138000" not in repr(decoded.findings)


def test_findings_quote_no_values():
    decoded = DECODE(record(b'{"month": {"secret": "13800000000"}}', TYPE))

    assert "13800000000" not in repr(decoded.findings)


def test_a_trickle_of_failures_is_tolerated():
    guard = FloodGuard()

    for _ in range(100):
        guard.check(100, 10)


def test_a_flood_of_failures_raises():
    guard = FloodGuard()

    with pytest.raises(DeadLetterFlood):
        for _ in range(10):
            guard.check(100, 90)


def test_one_failure_alone_is_no_flood():
    FloodGuard().check(1, 1)


def test_the_hash_of_an_entry_covers_every_field():
    entry = JournalEntry("lin", "approved", "GS-1", {"a": 1}, {"a": 2}, {"note": "x"})
    others = [
        JournalEntry("wang", "approved", "GS-1", {"a": 1}, {"a": 2}, {"note": "x"}),
        JournalEntry("lin", "returned", "GS-1", {"a": 1}, {"a": 2}, {"note": "x"}),
        JournalEntry("lin", "approved", "GS-2", {"a": 1}, {"a": 2}, {"note": "x"}),
        JournalEntry("lin", "approved", "GS-1", {"a": 0}, {"a": 2}, {"note": "x"}),
        JournalEntry("lin", "approved", "GS-1", {"a": 1}, {"a": 3}, {"note": "x"}),
        JournalEntry("lin", "approved", "GS-1", {"a": 1}, {"a": 2}, {"note": "y"}),
    ]

    hashes = {entry_hash(GENESIS, 1, AT, e) for e in [entry, *others]} | {
        entry_hash(GENESIS, 2, AT, entry),
        entry_hash(b"\1" * 32, 1, AT, entry),
    }

    assert len(hashes) == 9
