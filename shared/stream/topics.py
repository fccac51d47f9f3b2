"""Creation of the topics of the catalogue."""

from __future__ import annotations

from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from shared.contracts.topics import CATALOGUE, Topic
from shared.errors import PermanentError
from shared.settings import Settings

ALREADY_EXISTS = 36
MAX_MESSAGE_BYTES = 16 * 1024 * 1024


class TopicCreationFailed(PermanentError):
    """The broker refused to create a topic."""


async def ensure_topics(settings: Settings, replication_factor: int = 1) -> list[str]:
    """Create the topics of the catalogue that do not exist yet, and return their names. Raises `TopicCreationFailed`."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap_servers)
    await admin.start()
    try:
        topics = [_new_topic(settings.topic_prefix, topic, replication_factor) for topic in CATALOGUE]
        response = await admin.create_topics(topics)
    finally:
        await admin.close()
    created = []
    for name, code, *message in response.topic_errors:
        if code not in {0, ALREADY_EXISTS}:
            raise TopicCreationFailed(f"{name}: {message} ({code})")
        if code == 0:
            created.append(str(name))
    return created


def _new_topic(prefix: str, topic: Topic, replication_factor: int) -> NewTopic:
    return NewTopic(
        prefix + topic.name,
        num_partitions=topic.partitions,
        replication_factor=replication_factor,
        topic_configs={
            "retention.ms": str(topic.retention_ms),
            "cleanup.policy": "compact" if topic.compacted else "delete",
            "max.message.bytes": str(MAX_MESSAGE_BYTES),
        },
    )
