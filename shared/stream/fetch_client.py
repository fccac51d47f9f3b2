"""The client of a fetcher: fetches by topic id, so that no record of another topic of the same name is ever returned."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from aiokafka import TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError, NoError, OffsetOutOfRangeError, UnknownTopicOrPartitionError, for_code
from aiokafka.protocol.api import Response
from aiokafka.protocol.fetch import FetchRequest

from shared.stream.fetch_events import FailureKind, FetchFailure, FetchListener
from shared.stream.gaps import Gap
from shared.stream.protocol import UNKNOWN, FetchByIdRequest
from shared.stream.tolerant_records import is_cut_off

# The broker knows the topic of this id no longer, or not yet, or under another id.
UNKNOWN_TOPIC_ID, INCONSISTENT_TOPIC_ID = 100, 103
RECORD_LIST_TOO_SMALL = "RecordTooLargeError"


class PartitionData(NamedTuple):
    """One partition of a response, in the order in which aiokafka's fetcher unpacks it from version 11 on."""

    partition: int
    error_code: int
    high_watermark: int
    last_stable_offset: int
    log_start_offset: int
    aborted_transactions: Sequence[tuple[int, int]]
    preferred_read_replica: int
    records: bytes


@dataclass(slots=True)
class FetchedTopics:
    """A response by topic name, whatever the request was sent by."""

    topics: list[tuple[str, list[PartitionData]]]
    is_throttled: bool
    API_VERSION: int = 13

    def partitions(self) -> Iterator[tuple[TopicPartition, PartitionData]]:
        """Yield every partition of the response."""
        for topic, partitions in self.topics:
            for data in partitions:
                yield TopicPartition(topic, data.partition), data


class FetchClient:
    """An `AIOKafkaClient` whose fetches are bound to topic ids, and whose failures are reported by partition."""

    def __init__(self, client: AIOKafkaClient) -> None:
        self._client = client
        self.topic_ids: dict[str, UUID] = {}
        self.listener: FetchListener | None = None
        self._gaps: list[Gap] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    async def send(self, node_id: object, request: object, **options: Any) -> Response | FetchedTopics:
        """Send a request; a fetch goes by topic id where the ids of all its topics are known."""
        if not isinstance(request, FetchRequest) or self.listener is None:
            return await self._client.send(node_id, request, **options)
        topic_ids = {topic: self.topic_ids.get(topic) for topic, _ in request.topics}
        if None in topic_ids.values():
            return await self._client.send(node_id, request, **options)
        try:
            response = await self._client.send(node_id, FetchByIdRequest(request, topic_ids), **options)
            if response.error_code:
                raise for_code(response.error_code)
        except KafkaError as error:
            for partition, offset in _offsets(request).items():
                self._report(partition, FailureKind.UNREACHABLE, type(error).__name__, offset)
            raise
        if any(self.topic_ids.get(topic) != topic_id for topic, topic_id in topic_ids.items()):
            # Bound to another topic meanwhile: these are the records of the one before.
            return FetchedTopics([], is_throttled=True)
        return self._examine(request, _by_name(response, topic_ids))

    def take_gaps(self) -> list[Gap]:
        """Return the offsets that the last response has shown to hold no records, once."""
        gaps, self._gaps = self._gaps, []
        return gaps

    def _examine(self, request: FetchRequest, response: FetchedTopics) -> FetchedTopics:
        """Report what has failed; what the fetcher would handle by itself, and wrongly, is taken from the response."""
        offsets = _offsets(request)
        response.topics = [
            (topic, [self._examine_partition(TopicPartition(topic, data.partition), data, offsets) for data in partitions])
            for topic, partitions in response.topics
        ]
        # A broker that returns nothing of any partition has no record before the last stable offsets: it would return it first.
        if not response.is_throttled and not any(data.records for _, data in response.partitions()):
            self._gaps = [
                Gap(partition, offsets[partition], data.last_stable_offset)
                for partition, data in response.partitions()
                if not data.error_code and data.last_stable_offset > offsets[partition]
            ]
        return response

    def _examine_partition(
        self, partition: TopicPartition, data: PartitionData, offsets: dict[TopicPartition, int]
    ) -> PartitionData:
        if data.error_code in {UNKNOWN_TOPIC_ID, INCONSISTENT_TOPIC_ID}:
            self._report(partition, FailureKind.REPOSITION, "UnknownTopicId", offsets[partition])
            return data._replace(error_code=UnknownTopicOrPartitionError.errno)
        if data.error_code == OffsetOutOfRangeError.errno:
            self._report(partition, FailureKind.REPOSITION, OffsetOutOfRangeError.__name__, offsets[partition])
            return data._replace(error_code=NoError.errno, last_stable_offset=UNKNOWN, records=b"")
        if data.error_code:
            self._report(partition, FailureKind.UNAVAILABLE, for_code(data.error_code).__name__, offsets[partition])
        elif is_cut_off(data.records):
            self._report(partition, FailureKind.UNREADABLE, RECORD_LIST_TOO_SMALL, offsets[partition])
            return data._replace(records=b"")
        elif self.listener is not None and self.listener.has_failures:
            self.listener.on_response(partition)
        return data

    def _report(self, partition: TopicPartition, kind: FailureKind, error: str, offset: int) -> None:
        if self.listener is not None:
            self.listener.on_failure(FetchFailure(partition, kind, error, offset))


def _by_name(response: Any, topic_ids: Mapping[str, UUID | None]) -> FetchedTopics:
    names = {topic_id: topic for topic, topic_id in topic_ids.items()}
    topics = [(names[topic_id], [_to_partition_data(*each) for each in parts]) for topic_id, parts, _ in response.topics]
    return FetchedTopics(topics, is_throttled=bool(response.throttle_time_ms))


def _offsets(request: FetchRequest) -> dict[TopicPartition, int]:
    """Return the offset from which each partition was asked for."""
    return {
        TopicPartition(topic, partition): offset for topic, partitions in request.topics for partition, offset, _ in partitions
    }


def _to_partition_data(*fields: Any) -> PartitionData:
    """Build from the fields of version 13, which ends in tags."""
    partition, error_code, high_watermark, last_stable, log_start, aborted, replica, records, _ = fields
    transactions = [(producer_id, first_offset) for producer_id, first_offset, _ in aborted or ()]
    return PartitionData(partition, error_code, high_watermark, last_stable, log_start, transactions, replica, records or b"")
