"""A record that cannot be parsed or fetched in the usual way blocks nothing and costs its neighbours nothing."""

from __future__ import annotations

import struct
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import CorruptRecordException
from aiokafka.record.util import calc_crc32c

from shared.contracts import binary_headers
from shared.contracts.figures import FIGURES
from shared.stream.fetching import AtomicFetchConsumer
from tests.integration.probes import wait_until
from tests.integration.stream.counter import AT, has_count, month_closed, open_producer, run_counter

STAND_IN, NOT_UTF8 = "š".encode(), b"\xff\xfe"
CRC, BEHIND_CRC = slice(17, 21), 21


class NonUtf8HeaderBuilder:
    """A batch builder whose bytes carry a header name that is not UTF-8, as a producer in another language may write it."""

    def __init__(self, builder):
        self._builder = builder

    def __getattr__(self, name):
        return getattr(self._builder, name)

    def build(self):
        raw = bytearray(self._builder.build().replace(STAND_IN, NOT_UTF8))
        raw[CRC] = struct.pack(">I", calc_crc32c(bytes(raw[BEHIND_CRC:])))
        return raw


async def send_batch(producer, settings, numbers, *, non_utf8):
    """Send numbers as one batch; those of `non_utf8` carry the header name that is not UTF-8."""
    batch = producer.create_batch()
    for number in numbers:
        event = month_closed(number)
        headers = [*binary_headers(event, event_id=uuid4(), source="/test", at=AT)]
        if number in non_utf8:
            headers.insert(0, ("x-š", b"1"))
        batch.append(key=event.key().encode(), value=event.body(), timestamp=None, headers=headers)
    batch._builder = NonUtf8HeaderBuilder(batch._builder)
    await (await producer.send_batch(batch, settings.topic_prefix + FIGURES, partition=0))


async def test_a_header_name_that_is_not_utf8_blocks_nothing(settings, stored_numbers):
    for compression in (None, "gzip"):
        async with open_producer(settings, compression_type=compression) as producer:
            await send_batch(producer, settings, range(20), non_utf8={3, 7})
            await send_batch(producer, settings, range(20, 30), non_utf8=set())
    async with run_counter(settings):
        await wait_until("60 numbers", lambda: has_count(stored_numbers, 60))

    assert await stored_numbers() == sorted([*range(30)] * 2)


@asynccontextmanager
async def open_consumer(settings):
    """A consumer of two partitions that hold one record each."""
    topic = settings.topic_prefix + FIGURES
    both = TopicPartition(topic, 0), TopicPartition(topic, 1)
    async with open_producer(settings) as producer:
        for partition in both:
            await producer.send_and_wait(topic, b"x", key=b"k", partition=partition.partition)
    consumer = AtomicFetchConsumer(bootstrap_servers=settings.kafka_bootstrap_servers, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign(both)
        yield consumer, both
    finally:
        await consumer.stop()


async def fail_fetch(consumer, before_failure=lambda: None):
    """Fetch, and fail once something is drained and `before_failure` is done."""
    fetched = consumer._fetcher.fetched_records

    async def drain_then_fail(*arguments, **options):
        await wait_until("a record of some partition", lambda: fetched(*arguments, **options))
        before_failure()
        raise CorruptRecordException

    consumer._fetcher.fetched_records = drain_then_fail
    with pytest.raises(CorruptRecordException):
        await consumer.getmany(timeout_ms=1000)
    consumer._fetcher.fetched_records = fetched


async def test_records_drained_before_a_partition_that_fails_are_returned_by_the_next_fetch(settings):
    async with open_consumer(settings) as (consumer, partitions):
        await fail_fetch(consumer)

        records = {}

        async def has_both():
            records.update(await consumer.getmany(timeout_ms=200))
            return records.keys() == {*partitions}

        await wait_until("the records of both partitions", has_both)


async def test_a_seek_during_a_fetch_that_fails_holds(settings):
    async with open_consumer(settings) as (consumer, (first, second)):
        await wait_until("both records", lambda: has_read(consumer, {first, second}))
        consumer.pause(second)
        await send_more(settings, first)

        def claim_again():
            for partition in (first, second):
                consumer.seek(partition, 0)
            consumer.resume(second)

        await fail_fetch(consumer, claim_again)

        assert [await consumer.position(partition) for partition in (first, second)] == [0, 0]


async def has_read(consumer, partitions):
    await consumer.getmany(timeout_ms=200)
    return [await consumer.position(partition) for partition in partitions] == [1, 1]


async def send_more(settings, partition):
    async with open_producer(settings) as producer:
        await producer.send_and_wait(partition.topic, b"y", key=b"k", partition=partition.partition)
