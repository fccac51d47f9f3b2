"""What a consumer does about failed fetches: which partitions pause, for how long, and what is claimed again."""

from __future__ import annotations

import asyncio

import pytest
from aiokafka import TopicPartition

from shared.stream import fetch_failures
from shared.stream.fetch_events import FailureKind, FetchFailure
from shared.stream.fetch_failures import FetchFailures
from shared.stream.gaps import Gap, Gaps
from shared.stream.health import ConsumerHealth

PARTITION = TopicPartition("t", 4)


class Kafka:
    """A consumer that keeps what is paused."""

    def __init__(self):
        self.paused = set()
        self.resumed = asyncio.Event()

    def assignment(self):
        return {PARTITION}

    def last_stable_offset(self, partition):
        return 9

    def pause(self, *partitions):
        self.paused |= {*partitions}

    def resume(self, *partitions):
        self.paused -= {*partitions}
        self.resumed.set()


class Claims:
    """Claims that keep what is claimed again."""

    def __init__(self):
        self.gaps = Gaps()
        self.claimed_again = []

    def claim(self, partitions):
        self.claimed_again += partitions

    def is_claimed(self, partition):
        return True


@pytest.fixture
async def consumer(monkeypatch):
    """A consumer's failures with what they act on."""
    monkeypatch.setattr(FetchFailures, "_store_blocked", lambda *_: asyncio.sleep(0))
    for name in ("RETRY_REFUSED_S", "RETRY_UNREADABLE_S"):
        monkeypatch.setattr(fetch_failures, name, (0.0,))
    failures = FetchFailures(None, ConsumerHealth("t", "intake"), Claims(), lambda: kafka, lambda: None)
    kafka = Kafka()
    failures.kafka = kafka
    yield failures
    await failures.stop()


def fail(kind, **details):
    return FetchFailure(PARTITION, kind, "SomeError", 5, **details)


async def test_while_no_broker_answers_nothing_is_paused(consumer):
    consumer.on_failure(fail(FailureKind.UNREACHABLE))

    assert consumer.kafka.paused == set()
    assert [each.error for each in consumer._health.blocked.values()] == ["SomeError"]

    consumer.on_response(PARTITION)

    assert consumer._health.blocked == {}


@pytest.mark.parametrize("kind", [FailureKind.UNAVAILABLE, FailureKind.UNREADABLE])
async def test_a_partition_that_fails_is_paused_at_once_and_resumed_later(consumer, kind):
    consumer.on_failure(fail(kind))
    assert consumer.kafka.paused == {PARTITION}

    await consumer.kafka.resumed.wait()

    assert consumer.kafka.paused == set()
    assert consumer.has_failures


async def test_a_batch_that_cannot_be_read_stands_until_the_position_is_behind_its_offset(consumer):
    consumer.on_failure(fail(FailureKind.UNREADABLE, resume_offset=8))
    consumer.on_response(PARTITION)
    consumer.on_records(PARTITION, 5)
    assert [each.resume_offset for each in consumer._health.blocked.values()] == [8]

    consumer.on_records(PARTITION, 6)

    assert consumer._health.blocked == {}


async def test_a_position_that_the_broker_refuses_is_claimed_again(consumer):
    consumer.on_failure(fail(FailureKind.REPOSITION))

    assert consumer._claims.claimed_again == [PARTITION]
    assert not consumer.has_failures


async def test_a_gap_is_noted_for_the_position(consumer):
    consumer.on_gap(Gap(PARTITION, 5, 7))

    assert [(each.first, each.last) for each in consumer._claims.gaps.at({PARTITION: 5})] == [(5, 6)]
