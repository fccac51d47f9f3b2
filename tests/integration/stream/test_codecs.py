"""Compressed records are read in the framing of librdkafka and of Java, which recompresses for the broker."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from confluent_kafka import Producer

from shared.contracts import binary_headers
from shared.contracts.figures import FIGURES
from tests.integration.probes import wait_until
from tests.integration.stream.counter import AT, has_count, month_closed, open_producer, run_counter, send_events

CODECS = ("gzip", "snappy", "lz4", "zstd")


def produce_by_librdkafka(settings, codec, numbers):
    """Send numbers as one batch to partition 0."""
    options = {"bootstrap.servers": settings.kafka_bootstrap_servers, "compression.type": codec, "linger.ms": 200}
    producer = Producer(options)
    for number in numbers:
        event = month_closed(number)
        headers = [*binary_headers(event, event_id=uuid4(), source="/test", at=AT), ("x-padding", b"librdkafka " * 100)]
        producer.produce(settings.topic_prefix + FIGURES, event.body(), event.key().encode(), partition=0, headers=headers)
    assert producer.flush(20) == 0


async def set_compression(settings, codec):
    """Let the broker itself, which is written in Java, compress the topic."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap_servers)
    await admin.start()
    try:
        topic = settings.topic_prefix + FIGURES
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, {"compression.type": codec})])
    finally:
        await admin.close()


@pytest.mark.parametrize("codec", CODECS)
async def test_a_batch_compressed_by_librdkafka_is_applied_between_uncompressed_ones(settings, stored_numbers, codec):
    async with open_producer(settings) as producer, run_counter(settings):
        await send_events(producer, settings, month_closed(1))
        await asyncio.to_thread(produce_by_librdkafka, settings, codec, range(2, 42))
        await send_events(producer, settings, month_closed(42))

        await wait_until("42 numbers", lambda: has_count(stored_numbers, 42))

    assert await stored_numbers() == list(range(1, 43))


@pytest.mark.parametrize("codec", CODECS)
async def test_a_topic_that_the_broker_compresses_is_read(settings, stored_numbers, codec):
    await set_compression(settings, codec)
    async with open_producer(settings, linger_ms=50) as producer, run_counter(settings):
        await asyncio.gather(*(send_events(producer, settings, month_closed(number)) for number in range(300)))

        await wait_until("300 numbers", lambda: has_count(stored_numbers, 300))

    assert await stored_numbers() == list(range(300))
