"""Fetching from Kafka so that no record can block or cost its neighbours, which aiokafka alone does not ensure.

aiokafka raises where a fetch fails at one partition, and the records that it drained from the others are gone. Here each
partition stands for itself: what could be read is returned, the failure is reported, and the position is behind the last record
that was returned.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from functools import partial
from itertools import islice
from time import monotonic
from typing import Any
from uuid import UUID

import aiokafka.client
import aiokafka.consumer.consumer
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.consumer import fetcher
from aiokafka.consumer.fetcher import Fetcher, FetchError, FetchResult
from aiokafka.errors import NoOffsetForPartitionError, OffsetOutOfRangeError, TopicAuthorizationFailedError
from aiokafka.protocol.metadata import MetadataRequest
from faststream.kafka import KafkaBroker

from shared.stream.compression import install_codecs
from shared.stream.fetch_client import FetchClient
from shared.stream.fetch_events import FailureKind, FetchFailure, FetchListener
from shared.stream.fetch_pace import FetchPace
from shared.stream.gaps import Gap
from shared.stream.tolerant_records import BufferedRecords, TolerantRecords

# A poll that finds nothing costs as much as one with a batch, and each of ten consumers made twenty a second. Records, and
# partitions that are assigned anew, end it at once.
IDLE_POLL_S = 5.0

Records = dict[TopicPartition, list[ConsumerRecord]]


async def connect_broker(broker: KafkaBroker) -> None:
    """Connect a broker so that its subscribers fetch safely; here are all parts of aiokafka that are replaced."""
    install_codecs()
    fetcher.MemoryRecords = BufferedRecords
    fetcher.PartitionRecords = TolerantRecords
    aiokafka.consumer.consumer.Fetcher = IsolatingFetcher
    # Topics are created by us and with their settings, never by the broker because somebody asks for them.
    aiokafka.client.MetadataRequest = partial(MetadataRequest, allow_auto_topic_creation=False)
    await broker.connect()
    config = broker.config.broker_config
    config.builder = partial(IsolatingConsumer, *config.builder.args, **config.builder.keywords)  # type: ignore[attr-defined]


class IsolatingConsumer(AIOKafkaConsumer):  # type: ignore[misc]
    """A consumer of topics that are bound to their ids; what fails at a partition is told to a listener."""

    _fetcher: IsolatingFetcher

    def listen(self, listener: FetchListener) -> None:
        """Report failures and gaps to a listener; without one, the first failure is raised."""
        self._fetcher.client.listener = listener

    def bind_topic(self, topic: str, topic_id: UUID | None) -> bool:
        """Fetch the topic of this id only. Returns whether the name was bound to another id before."""
        topic_ids = self._fetcher.client.topic_ids
        before = topic_ids.get(topic)
        if topic_id is not None:
            topic_ids[topic] = topic_id
        return before is not None and before != topic_id


class IsolatingFetcher(Fetcher):  # type: ignore[misc]
    """A fetcher that drains each partition by itself."""

    def __init__(self, client: AIOKafkaClient, subscriptions: Any, **options: Any) -> None:
        self.client = FetchClient(client)
        super().__init__(self.client, subscriptions, **options)
        self._fetch_max_wait_ms: int
        self._pace = FetchPace(options["fetch_max_wait_ms"])

    async def fetched_records(
        self, partitions: Collection[TopicPartition], timeout_s: float = 0, max_records: int | None = None
    ) -> Records:
        """Return records by partition, as soon as there are any, or nothing after a while.

        `timeout_s` is FastStream's, which polls again at once: nothing is lost by waiting longer for what wakes us anyway.
        """
        deadline = monotonic() + max(timeout_s, IDLE_POLL_S)
        while True:
            if self._subscriptions.reassignment_in_progress:
                await self._subscriptions.wait_for_assignment()
            if drained := self._drain(partitions, max_records):
                return drained
            waiter = self._create_fetch_waiter()
            done, _ = await asyncio.wait([waiter], timeout=max(0.0, deadline - monotonic()))
            if not done or self._closed:
                waiter.cancel()
                return {}
            waiter.result()  # what the coordinator has to raise

    def _drain(self, partitions: Collection[TopicPartition], max_records: int | None) -> Records:
        drained: Records = {}
        for partition in tuple(self._records):
            if partitions and partition not in partitions:
                continue
            fetched = self._records[partition]
            if isinstance(fetched, FetchError):
                self._discard(partition)
                self._fail(partition, fetched._error, self._position(partition), None)  # noqa: SLF001
            elif records := self._read(partition, fetched, max_records):
                drained[partition] = records
                if max_records is not None:
                    max_records -= len(records)
                    if max_records == 0:
                        break
        return drained

    def _read(self, partition: TopicPartition, fetched: FetchResult, max_records: int | None) -> list[ConsumerRecord]:
        """Return the next records of a partition, up to the first that cannot be read."""
        if not fetched.check_assignment(partition) or not fetched.has_more():
            self._discard(partition)
            return []
        parsed: TolerantRecords = fetched._partition_records  # noqa: SLF001
        start = parsed.next_fetch_offset
        records: list[ConsumerRecord] = []
        error: Exception | None = None
        try:
            records.extend(islice(parsed, max_records))  # what was read before an error stays
        except Exception as raised:
            error = raised
        fetched._update_position()  # noqa: SLF001
        if error is not None or len(records) != max_records:
            self._discard(partition)
        self._report(partition, Gap(partition, records[-1].offset + 1 if records else start, parsed.next_fetch_offset))
        if error is not None:
            self._fail(partition, error, parsed.next_fetch_offset, parsed.resume_offset)
        return records

    def _report(self, partition: TopicPartition, gap: Gap) -> None:
        listener = self.client.listener
        if listener is None:
            return
        if gap.end > gap.first:
            listener.on_gap(gap)
        if listener.has_failures:
            listener.on_records(partition, gap.end)

    def _fail(self, partition: TopicPartition, error: Exception, offset: int, resume_offset: int | None) -> None:
        if isinstance(error, NoOffsetForPartitionError):
            return  # the stored position comes with the claim
        if self.client.listener is None:
            raise error
        kind = (
            FailureKind.REPOSITION
            if isinstance(error, OffsetOutOfRangeError)
            else FailureKind.UNAVAILABLE
            if isinstance(error, TopicAuthorizationFailedError)
            else FailureKind.UNREADABLE
        )
        self.client.listener.on_failure(FetchFailure(partition, kind, type(error).__name__, offset, resume_offset))

    def _discard(self, partition: TopicPartition) -> None:
        """Drop what was fetched of a partition, and let it be fetched again."""
        del self._records[partition]
        self._notify(self._wait_consume_future)

    def _position(self, partition: TopicPartition) -> int:
        state = self._subscriptions.subscription.assignment.state_value(partition)
        return state.position if state is not None and state.has_valid_position else 0

    async def _proc_fetch_request(self, assignment: Any, node_id: object, request: Any) -> bool:
        """Fetch, then step over offsets of which the broker has nothing."""
        has_data: bool = await super()._proc_fetch_request(assignment, node_id, request)
        self._fetch_max_wait_ms = self._pace.wait_ms(has_data=has_data)
        for gap in self.client.take_gaps():
            state = assignment.state_value(gap.partition)
            if assignment.active and state.has_valid_position and state.position == gap.first and not state.paused:
                state.consumed_to(gap.end)
                self._report(gap.partition, gap)
        return has_data
