"""Topics to which others write take the broker's time, whoever made them; their other settings stay."""

from __future__ import annotations

from aiokafka import AIOKafkaConsumer
from aiokafka.admin import NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from shared.contracts.complaints import COMPLAINTS
from shared.contracts.publications import PUBLICATIONS
from shared.contracts.topics import REPORTS
from shared.stream.topics import MAX_MESSAGE_BYTES, SHORT_SEGMENT_MS, ensure_topics
from tests.integration.probes import wait_until
from tests.integration.stream.counter import open_admin, open_producer

AUGUST_MS = 1_785_542_400_000
LOG_APPEND_TIME = 1
DEFAULT_SEGMENT_MS = "604800000"


async def fetch_settings(admin, topic):
    (response,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    return {name: value for *_, entries in response.resources for name, value, *_ in entries}


async def has(admin, topic, name, value):
    """Return the settings of a topic once one has this value."""
    found = await fetch_settings(admin, topic)
    return found if found.get(name) == value else None


async def test_a_topic_that_was_made_by_others_takes_the_brokers_time_and_keeps_its_retention(settings):
    city = settings.model_copy(update={"topic_prefix": f"{settings.topic_prefix}city."})
    topic = city.topic_prefix + REPORTS
    async with open_admin(settings) as admin:
        kept = {"retention.ms": "777600000", "message.timestamp.type": "CreateTime", "max.message.bytes": "16777216"}
        await admin.create_topics([NewTopic(topic, num_partitions=3, replication_factor=1, topic_configs=kept)])

        async def has_large_messages():
            return (await fetch_settings(admin, topic)).get("max.message.bytes") == kept["max.message.bytes"]

        await wait_until("the broker knows the topic as it was made", has_large_messages)
        created = await ensure_topics(city)
        await ensure_topics(city)

        async def has_append_time():
            found = await fetch_settings(admin, topic)
            return found if found.get("message.timestamp.type") == "LogAppendTime" else None

        found = await wait_until("the broker knows the new setting", has_append_time)

    assert topic not in created
    assert found["retention.ms"] == "777600000"
    assert found["max.message.bytes"] == str(MAX_MESSAGE_BYTES)


async def test_a_report_of_august_is_as_old_as_its_arrival(settings):
    topic = settings.topic_prefix + REPORTS
    async with open_producer(settings) as producer:
        await producer.send_and_wait(topic, b"{}", partition=0, timestamp_ms=AUGUST_MS)
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=settings.kafka_bootstrap_servers, auto_offset_reset="earliest")
    await consumer.start()
    try:
        record = await consumer.getone()
    finally:
        await consumer.stop()

    assert record.timestamp_type == LOG_APPEND_TIME
    assert record.timestamp > AUGUST_MS + 30 * 24 * 60 * 60 * 1000


async def test_publications_from_before_are_compacted_from_now_on_and_the_short_segments_of_a_killed_compaction_go(settings):
    city = settings.model_copy(update={"topic_prefix": f"{settings.topic_prefix}town."})
    topic, compacted = (city.topic_prefix + name for name in (PUBLICATIONS, COMPLAINTS))
    async with open_admin(settings) as admin:
        kept = {"cleanup.policy": "delete", "retention.ms": "-1", "max.message.bytes": "1048576"}
        short = {"segment.ms": SHORT_SEGMENT_MS}
        await admin.create_topics(
            [
                NewTopic(topic, num_partitions=4, replication_factor=1, topic_configs=kept),
                NewTopic(compacted, num_partitions=1, replication_factor=1, topic_configs=short),
            ]
        )
        await wait_until("the broker knows the short segments", lambda: has(admin, compacted, "segment.ms", SHORT_SEGMENT_MS))

        await ensure_topics(city)

        found = await wait_until("the broker knows the new setting", lambda: has(admin, topic, "cleanup.policy", "compact"))
        await wait_until("segments to be as long as ever", lambda: has(admin, compacted, "segment.ms", DEFAULT_SEGMENT_MS))

    assert (found["segment.ms"], found["max.compaction.lag.ms"]) == ("3600000", "3600000")
    assert found["max.message.bytes"] == "1048576"
