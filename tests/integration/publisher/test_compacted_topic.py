"""What was withdrawn leaves the topic too: a new subscriber of a portal passes through nothing of it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import orjson
from confluent_kafka import Consumer, KafkaError, TopicPartition
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

from services.publisher.repeating import repeat_withdrawals
from services.publisher.verification import topic as topic_comparison
from shared.contracts.publications import PUBLICATIONS
from tests.integration.probes import wait_until
from tests.integration.publisher.events import ruling

# In place of an hour; the cleaner of the embedded broker looks every 15 s.
QUICK_MS = "100"
WITHIN_S = 90


def make_quick(settings, topic):
    """Let the broker close and compact segments at once."""
    admin = AdminClient({"bootstrap.servers": settings.kafka_bootstrap_servers})
    entries = [
        ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET)
        for name, value in (("segment.ms", QUICK_MS), ("max.compaction.lag.ms", QUICK_MS))
    ]
    topics = ConfigResource(ResourceType.TOPIC, topic, incremental_configs=entries)
    for changed in admin.incremental_alter_configs([topics]).values():
        changed.result(10)


def read_all(settings, topic):
    """Everything that a new subscriber receives, in order of each partition, as text."""
    consumer = Consumer({
        "bootstrap.servers": settings.kafka_bootstrap_servers,
        "group.id": "portal",
        "auto.offset.reset": "earliest",
        "enable.partition.eof": True,
    })  # fmt: skip
    partitions = consumer.list_topics(topic, 10).topics[topic].partitions
    consumer.assign([TopicPartition(topic, number, 0) for number in partitions])
    values, unread = [], set(partitions)
    while unread:
        record = consumer.poll(WITHIN_S)
        assert record is not None, f"partitions {sorted(unread)} do not end"
        if record.error() is None:
            values.append(record.value().decode())
        else:
            assert record.error().code() == KafkaError._PARTITION_EOF
            unread.discard(record.partition())
    consumer.close()
    return values


async def test_a_new_subscriber_reads_nothing_of_what_was_withdrawn_and_ends_in_the_public_state(released):
    topic = released.settings.topic_prefix + PUBLICATIONS
    item = (await released.items())[0]
    name = item["operator"]["name"]

    async def read():
        return await asyncio.to_thread(read_all, released.settings, topic)

    assert any(name in value for value in await read())
    await asyncio.to_thread(make_quick, released.settings, topic)
    await released.produce(ruling(item["item_id"], "withdrawn", 7))
    await wait_until("the withdrawal", lambda: withdrawn_times(read, item["item_id"]))

    assert await repeat_withdrawals(released.database, timedelta(days=1)) == 0
    assert await repeat_withdrawals(released.database, timedelta(0)) == 1
    assert await repeat_withdrawals(released.database, timedelta(0)) == 0

    async def without_content():
        values = await read()
        return values if not any(name in value for value in values) else None

    values = await wait_until("a topic without the content", without_content, within_s=WITHIN_S)
    last = {event["item"]["item_id"]: event["item"]["state"] for event in map(orjson.loads, values)}
    assert sorted(last.values()) == ["released", "released", "withdrawn"]
    assert last[item["item_id"]] == "withdrawn"
    assert (await topic_comparison.find_differences(released.database, released.settings)).found == []


async def withdrawn_times(read, item_id):
    """How often the topic tells the withdrawal."""
    items = [orjson.loads(value)["item"] for value in await read()]
    return sum((item["item_id"], item["state"]) == (item_id, "withdrawn") for item in items)
