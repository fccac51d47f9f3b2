"""The offsets at which a topic's partitions begin and end at the broker, and the id of the topic."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import IncompatibleBrokerVersion, NodeNotReadyError, NoError, for_code

from shared.stream.protocol import NO_UUID, TopicIdRequest


@dataclass(frozen=True, slots=True)
class TopicOffsets:
    """Offsets by partition. `ends` are last stable offsets: behind them nothing is committed. No id: a broker before 3.1."""

    topic_id: UUID | None
    beginnings: Mapping[TopicPartition, int]
    ends: Mapping[TopicPartition, int]


async def fetch_topic_id(client: AIOKafkaClient, topic: str) -> UUID | None:
    """Return the id of a topic, or None where the broker has none. Raises `KafkaError`, `UnknownTopicOrPartitionError` too."""
    node = client.get_random_node()
    if node is None:
        raise NodeNotReadyError
    try:
        response = await client.send(node, TopicIdRequest([topic]))
    except (IncompatibleBrokerVersion, NotImplementedError):
        return None
    ((error_code, _, topic_id, *_),) = response.topics
    error_type = for_code(error_code)
    if error_type is not NoError:
        raise error_type(topic)
    return None if topic_id == NO_UUID else topic_id


async def fetch_topic_offsets(consumer: AIOKafkaConsumer, topic: str, partitions: Collection[TopicPartition]) -> TopicOffsets:
    """Return the offsets of some partitions of a topic, as a consumer of committed records sees them. Raises `KafkaError`."""
    topic_id = await fetch_topic_id(consumer._client, topic)  # noqa: SLF001 - the only way to the client
    beginnings = await consumer.beginning_offsets(list(partitions))
    return TopicOffsets(topic_id, beginnings, await consumer.end_offsets(list(partitions)))
