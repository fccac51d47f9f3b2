"""Creation of the topics of the catalogue, and the settings that topics made by others must have too."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager

import structlog
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import for_code

from shared.contracts.topics import CATALOGUE, Topic
from shared.errors import PermanentError
from shared.settings import Settings
from shared.stream.client_options import client_options
from shared.stream.protocol import TopicConfigRequest

log = structlog.get_logger(__name__)

ALREADY_EXISTS = 36
# Of a batch as it is sent, compressed or not: twice the largest event.
MAX_MESSAGE_BYTES = 2 * 1024 * 1024
MAX_MESSAGE = "max.message.bytes"
SEGMENT = "segment.ms"
# While the topic of complaints is compacted, and never else: a file that is still written to is not deleted.
SHORT_SEGMENT_MS = "1000"
TIMESTAMP_TYPE, APPEND_TIME = "message.timestamp.type", "LogAppendTime"


class TopicCreationFailed(PermanentError):
    """The broker refused to create a topic."""


async def ensure_topics(settings: Settings, replication_factor: int = 1) -> list[str]:
    """Create the topics of the catalogue that do not exist yet, and return their names. Raises `TopicCreationFailed`.

    Of existing topics only these are altered: `message.timestamp.type`, since the producer's time can make the broker drop
    records, what makes withdrawn content leave its topic, a `max.message.bytes` above ours, and the short segments of a
    compaction that was killed. Retention and the like may be the bureau's own choice.
    """
    async with _open_admin(settings) as admin:
        topics = [_new_topic(settings.topic_prefix, topic, replication_factor) for topic in CATALOGUE]
        response = await admin.create_topics(topics)
        created = _names_of_created(response.topic_errors)
        await _ensure_settings(admin, settings.topic_prefix, created)
    return created


def _names_of_created(topic_errors: list[tuple[object, ...]]) -> list[str]:
    for name, code, *message in topic_errors:
        if code not in {0, ALREADY_EXISTS}:
            raise TopicCreationFailed(f"{name}: {message} ({code})")
    return [str(name) for name, code, *_ in topic_errors if code == 0]


def required_settings(topic: Topic) -> dict[str, str]:
    """Return the settings that a topic must have, whoever made it."""
    required = {TIMESTAMP_TYPE: APPEND_TIME} if topic.append_time else {}
    if topic.overwritten_within_ms:
        # Compaction spares the newest segment: it is closed as soon as its records may not stay.
        within = str(topic.overwritten_within_ms)
        required |= {
            "cleanup.policy": "compact",
            "min.compaction.lag.ms": "0",
            "max.compaction.lag.ms": within,
            SEGMENT: within,
            "segment.jitter.ms": "0",
        }
    return required


async def _ensure_settings(admin: AIOKafkaAdminClient, prefix: str, created: list[str]) -> None:
    """Alter the settings that topics from before must have. A broker that refuses is logged: its operator must set them."""
    existing = {prefix + topic.name: required_settings(topic) for topic in CATALOGUE if prefix + topic.name not in created}
    changes: dict[str, dict[str, str | None]] = {}
    for name, required in existing.items():
        current = await _fetch_settings(admin, name, [*required, MAX_MESSAGE, SEGMENT])
        wrong: dict[str, str | None] = {setting: value for setting, value in required.items() if current.get(setting) != value}
        if int(current.get(MAX_MESSAGE, 0)) > MAX_MESSAGE_BYTES:
            wrong[MAX_MESSAGE] = str(MAX_MESSAGE_BYTES)
        if SEGMENT not in required and current.get(SEGMENT) == SHORT_SEGMENT_MS:
            wrong[SEGMENT] = None
        if wrong:
            changes[name] = wrong
    if not changes:
        return
    for code, message, _, name in await _alter_configs(admin, changes):
        if code:
            log.error("topic_not_altered", topic=name, settings=changes[name], error=for_code(code).__name__, reason=message)
        else:
            log.info("topic_altered", topic=name, settings=changes[name])


async def _fetch_settings(admin: AIOKafkaAdminClient, topic: str, names: Iterable[str]) -> dict[str, str]:
    """Return the settings of a topic by name, those of `names` that the broker tells."""
    (response,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic, dict.fromkeys(names))])
    return {name: str(value) for *_, entries in response.resources for name, value, *_ in entries}


async def _alter_configs(
    admin: AIOKafkaAdminClient, changes: Mapping[str, Mapping[str, str | None]]
) -> list[tuple[int, str | None, int, str]]:
    """Change single settings; aiokafka's own request would put all others back to the broker's defaults."""
    response = await admin._send_request(TopicConfigRequest(changes))  # noqa: SLF001 - aiokafka has no method for it
    return list(response.resources)


@asynccontextmanager
async def _open_admin(settings: Settings) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(**client_options(settings))
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def fetch_settings(settings: Settings, topic: str, names: Iterable[str]) -> dict[str, str]:
    """Return settings of a topic by name, those of `names` that the broker tells. Raises `KafkaError`."""
    async with _open_admin(settings) as admin:
        return await _fetch_settings(admin, topic, names)


async def change_settings(settings: Settings, topic: str, changed: Mapping[str, str | None]) -> None:
    """Change settings of a topic, and no other; None puts one back to the broker's default. Raises `KafkaError`."""
    async with _open_admin(settings) as admin:
        for code, message, *_ in await _alter_configs(admin, {topic: changed}):
            if code:
                raise for_code(code)(message)


def _new_topic(prefix: str, topic: Topic, replication_factor: int) -> NewTopic:
    configs = {
        "retention.ms": str(topic.retention_ms),
        "cleanup.policy": "compact" if topic.compacted else "delete",
        MAX_MESSAGE: str(MAX_MESSAGE_BYTES),
    }
    configs |= required_settings(topic)
    return NewTopic(
        prefix + topic.name, num_partitions=topic.partitions, replication_factor=replication_factor, topic_configs=configs
    )
