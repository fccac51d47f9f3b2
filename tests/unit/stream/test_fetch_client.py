"""Fetches by topic id: what the broker answers is told apart by partition."""

from __future__ import annotations

from types import SimpleNamespace
from uuid import UUID

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError
from aiokafka.protocol.fetch import FetchRequest

from shared.stream.fetch_client import FetchClient
from shared.stream.fetch_events import FailureKind
from shared.stream.gaps import Gap
from shared.stream.protocol import NO_TAGS, FetchByIdRequest, FetchRequest_v13

TOPIC_ID = UUID(int=7)
REQUEST = FetchRequest(100, 1, 1000, 1, [("t", [(0, 5, 100), (1, 0, 100)])])
FIRST, SECOND = TopicPartition("t", 0), TopicPartition("t", 1)
BATCH = (5).to_bytes(8, "big") + (1).to_bytes(4, "big") + b"x"


class Listener:
    """Keeps what was reported."""

    def __init__(self):
        self.failures = []
        self.has_failures = False

    def on_failure(self, failure):
        self.failures.append((failure.partition, failure.kind, failure.error, failure.offset))


class Broker:
    """Answers every fetch with these partitions: number, error code, last stable offset, bytes."""

    def __init__(self, *partitions, throttled=0, error_code=0):
        data = [(number, code, end, end, 0, [], -1, records, NO_TAGS) for number, code, end, records in partitions]
        self._response = SimpleNamespace(throttle_time_ms=throttled, error_code=error_code, topics=[(TOPIC_ID, data, NO_TAGS)])
        self.requests = []

    async def send(self, node_id, request):
        self.requests.append(request)
        return self._response


async def fetch(broker):
    client = FetchClient(broker)
    client.listener = Listener()
    client.topic_ids["t"] = TOPIC_ID
    response = await client.send(1, REQUEST)
    return response, client


async def test_a_fetch_is_sent_by_topic_id_with_its_offsets_and_limits():
    broker = Broker()

    await fetch(broker)

    (request,) = broker.requests
    sent = request.build(FetchRequest_v13)
    assert isinstance(request, FetchByIdRequest)
    assert sent.topics[0][0] == TOPIC_ID
    assert [(part, offset, most) for part, _, offset, _, _, most, _ in sent.topics[0][1]] == [(0, 5, 100), (1, 0, 100)]
    assert (sent.max_wait_time, sent.min_bytes, sent.max_bytes, sent.isolation_level) == (100, 1, 1000, 1)


async def test_a_broker_that_returns_nothing_at_all_has_nothing_before_the_last_stable_offsets():
    _, client = await fetch(Broker((0, 0, 9, None), (1, 0, 0, None)))

    assert client.take_gaps() == [Gap(FIRST, 5, 9)]
    assert client.take_gaps() == []


@pytest.mark.parametrize(
    "broker",
    [
        Broker((0, 0, 9, None), (1, 0, 3, BATCH)),
        Broker((0, 0, 9, None), (1, 0, 0, None), throttled=20),
        Broker((0, 1, 9, None), (1, 0, 0, None)),
    ],
    ids=["the limit may be spent on another partition", "throttled", "out of range"],
)
async def test_other_empty_answers_tell_nothing(broker):
    _, client = await fetch(broker)

    assert client.take_gaps() == []


@pytest.mark.parametrize(
    ("code", "records", "kind", "error"),
    [
        (1, None, FailureKind.REPOSITION, "OffsetOutOfRangeError"),
        (100, None, FailureKind.REPOSITION, "UnknownTopicId"),
        (103, None, FailureKind.REPOSITION, "UnknownTopicId"),
        (29, None, FailureKind.UNAVAILABLE, "TopicAuthorizationFailedError"),
        (56, None, FailureKind.UNAVAILABLE, "KafkaStorageError"),
        (0, b"\0" * 5, FailureKind.UNREADABLE, "RecordTooLargeError"),
    ],
)
async def test_a_partition_that_fails_is_reported_and_its_neighbour_is_not(code, records, kind, error):
    response, client = await fetch(Broker((0, code, 9, records), (1, 0, 3, BATCH)))

    assert client.listener.failures == [(FIRST, kind, error, 5)]
    assert [(place, data.records) for place, data in response.partitions()] == [(FIRST, b""), (SECOND, BATCH)]


async def test_a_broker_that_is_away_fails_every_partition_of_the_fetch():
    class Away:
        async def send(self, node_id, request):
            raise KafkaConnectionError

    client = FetchClient(Away())
    client.listener = Listener()
    client.topic_ids["t"] = TOPIC_ID

    with pytest.raises(KafkaConnectionError):
        await client.send(1, REQUEST)

    assert client.listener.failures == [
        (FIRST, FailureKind.UNREACHABLE, "KafkaConnectionError", 5),
        (SECOND, FailureKind.UNREACHABLE, "KafkaConnectionError", 0),
    ]


async def test_records_of_a_topic_that_was_bound_anew_meanwhile_are_dropped():
    class Rebinding(Broker):
        async def send(self, node_id, request):
            client.topic_ids["t"] = UUID(int=8)
            return await super().send(node_id, request)

    client = FetchClient(Rebinding((0, 0, 9, BATCH)))
    client.listener = Listener()
    client.topic_ids["t"] = TOPIC_ID

    response = await client.send(1, REQUEST)

    assert response.topics == []
    assert client.take_gaps() == []


async def test_a_topic_without_an_id_is_fetched_by_name():
    broker = Broker()
    client = FetchClient(broker)
    client.listener = Listener()

    await client.send(1, REQUEST)

    assert broker.requests == [REQUEST]
