"""The offsets of the catalogue's topics at the broker, and the positions of a service beside them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.client import AIOKafkaClient

from shared.settings import Settings
from shared.stream.blocked_partitions import BlockCause, BlockedPartition
from shared.stream.client_options import client_options
from shared.stream.positions import Position
from shared.stream.topic_offsets import TopicOffsets, fetch_topic_offsets


@asynccontextmanager
async def open_consumer(settings: Settings) -> AsyncIterator[AIOKafkaConsumer]:
    """Open a consumer that asks for offsets as a reader of committed records, and fetches nothing. Raises `KafkaError`."""
    consumer = AIOKafkaConsumer(**client_options(settings), isolation_level="read_committed", enable_auto_commit=False)
    try:
        await consumer.start()
        yield consumer
    finally:
        await consumer.stop()


async def fetch_topic_offsets_by_name(settings: Settings, topics: Collection[str]) -> dict[str, TopicOffsets]:
    """Return the offsets of those of the topics that exist, by full name. Raises `KafkaError`."""
    partitions = await _fetch_partitions(settings)
    async with open_consumer(settings) as consumer:
        return {topic: await fetch_topic_offsets(consumer, topic, partitions[topic]) for topic in topics if topic in partitions}


async def _fetch_partitions(settings: Settings) -> dict[str, list[TopicPartition]]:
    """Return the partitions of every existing topic; a consumer knows only those of its own topics."""
    client = AIOKafkaClient(**client_options(settings))
    try:
        await client.bootstrap()
        cluster = await client.fetch_all_metadata()
        return {t: [TopicPartition(t, p) for p in cluster.partitions_for_topic(t) or ()] for t in cluster.topics()}
    finally:
        await client.close()


@dataclass(frozen=True, slots=True)
class PositionReport:
    """A position of a service beside the offsets of its topic. `position` is bound to the topic as it is now."""

    service: str
    stored: Position
    position: Position
    offsets: TopicOffsets

    @property
    def beginning(self) -> int:
        """The first offset that the broker holds."""
        return self.offsets.beginnings[self.position.partition]

    @property
    def end(self) -> int:
        """The offset behind the last committed record."""
        return self.offsets.ends[self.position.partition]

    @property
    def lag(self) -> int:
        """How many offsets are not applied."""
        return max(0, self.end - self.position.next_offset)

    @property
    def blocked(self) -> BlockedPartition | None:
        """Why consuming cannot go on at the position, as the log is now or as the service found it."""
        if found := self.position.find_blocked(self.offsets):
            return found
        if self.position.block_cause is BlockCause.UNREADABLE:
            partition, offset = self.position.partition, self.position.next_offset
            return BlockedPartition(partition, BlockCause.UNREADABLE, offset, self.end, self.position.resume_offset)
        return None


def report_positions(
    service: str, positions: Collection[Position], offsets: Mapping[str, TopicOffsets]
) -> list[PositionReport]:
    """Return the reports of positions whose partitions exist at the broker."""
    return [
        PositionReport(service, each, each.bind(offsets[each.partition.topic]), offsets[each.partition.topic])
        for each in positions
        if each.partition.topic in offsets and each.partition in offsets[each.partition.topic].ends
    ]
