"""The logs of the topics of the catalogue at the broker, and how the positions of a service stand to them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.client import AIOKafkaClient

from shared.settings import Settings
from shared.stream.positions import Position
from shared.stream.standing import StandingCause, StandingPartition
from shared.stream.topic_log import TopicLog, fetch_topic_log


@asynccontextmanager
async def open_consumer(settings: Settings) -> AsyncIterator[AIOKafkaConsumer]:
    """Open a consumer that asks for offsets as a reader of committed records, and fetches nothing. Raises `KafkaError`."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap_servers, isolation_level="read_committed", enable_auto_commit=False
    )
    try:
        await consumer.start()
        yield consumer
    finally:
        await consumer.stop()


async def fetch_topic_logs(settings: Settings, topics: Collection[str]) -> dict[str, TopicLog]:
    """Return the logs of those of the topics that exist, by full name. Raises `KafkaError`."""
    partitions = await _fetch_partitions(settings)
    async with open_consumer(settings) as consumer:
        return {topic: await fetch_topic_log(consumer, topic, partitions[topic]) for topic in topics if topic in partitions}


async def _fetch_partitions(settings: Settings) -> dict[str, list[TopicPartition]]:
    """Return the partitions of every existing topic; a consumer knows only those of its own topics."""
    client = AIOKafkaClient(bootstrap_servers=settings.kafka_bootstrap_servers)
    try:
        await client.bootstrap()
        cluster = await client.fetch_all_metadata()
        return {t: [TopicPartition(t, p) for p in cluster.partitions_for_topic(t) or ()] for t in cluster.topics()}
    finally:
        await client.close()


@dataclass(frozen=True, slots=True)
class PositionReport:
    """A position of a service beside the log of its topic. `position` is bound to the topic as it is now."""

    service: str
    stored: Position
    position: Position
    log: TopicLog

    @property
    def beginning(self) -> int:
        """The first offset that the broker holds."""
        return self.log.beginnings[self.position.partition]

    @property
    def end(self) -> int:
        """The offset behind the last committed record."""
        return self.log.ends[self.position.partition]

    @property
    def lag(self) -> int:
        """How many offsets are not applied."""
        return max(0, self.end - self.position.next_offset)

    @property
    def standing(self) -> StandingPartition | None:
        """Why consuming cannot go on at the position, as the log is now or as the service found it."""
        if found := self.position.find_standing(self.log):
            return found
        if self.position.standing_cause is StandingCause.UNREADABLE:
            partition, offset = self.position.partition, self.position.next_offset
            return StandingPartition(partition, StandingCause.UNREADABLE, offset, self.end, self.position.resume_offset)
        return None


def report_positions(service: str, positions: Collection[Position], logs: Mapping[str, TopicLog]) -> list[PositionReport]:
    """Return the reports of positions whose partitions exist at the broker."""
    return [
        PositionReport(service, each, each.bind(logs[each.partition.topic]), logs[each.partition.topic])
        for each in positions
        if each.partition.topic in logs and each.partition in logs[each.partition.topic].ends
    ]
