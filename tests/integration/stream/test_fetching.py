"""What cannot be fetched in the usual way blocks nothing and costs its neighbours nothing."""

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
from shared.stream.fetching import WholeFetches
from tests.integration.probes import until
from tests.integration.stream.test_exactly_once import AT, counting, has, kept, month, producing

__all__ = ["kept"]

STAND_IN, NO_TEXT = "š".encode(), b"\xff\xfe"
CRC, BEHIND_CRC = slice(17, 21), 21


class Spoiled:
    """A batch whose built bytes carry a header name that is no text, as a producer in another language may write it."""

    def __init__(self, builder):
        self._builder = builder

    def __getattr__(self, name):
        return getattr(self._builder, name)

    def build(self):
        raw = bytearray(self._builder.build().replace(STAND_IN, NO_TEXT))
        raw[CRC] = struct.pack(">I", calc_crc32c(bytes(raw[BEHIND_CRC:])))
        return raw


async def send_together(producer, settings, numbers, spoiled):
    """Send months as one batch; those of `spoiled` carry the header name that is no text."""
    batch = producer.create_batch()
    for number in numbers:
        event = month(number)
        headers = [*binary_headers(event, event_id=uuid4(), source="/test", at=AT)]
        if number in spoiled:
            headers.insert(0, ("x-š", b"1"))
        batch.append(key=event.key().encode(), value=event.body(), timestamp=None, headers=headers)
    batch._builder = Spoiled(batch._builder)
    await (await producer.send_batch(batch, settings.topic_prefix + FIGURES, partition=0))


async def test_a_header_name_that_is_no_text_blocks_nothing(settings, kept):
    for compression in (None, "gzip"):
        async with producing(settings, compression_type=compression) as producer:
            await send_together(producer, settings, range(20), spoiled={3, 7})
            await send_together(producer, settings, range(20, 30), spoiled=set())
    async with counting(settings):
        await until("60 numbers", lambda: has(kept, 60))

    assert await kept() == sorted([*range(30)] * 2)


@asynccontextmanager
async def reading(settings):
    """A consumer of two partitions that hold one record each."""
    topic = settings.topic_prefix + FIGURES
    both = TopicPartition(topic, 0), TopicPartition(topic, 1)
    async with producing(settings) as producer:
        for partition in both:
            await producer.send_and_wait(topic, b"x", key=b"k", partition=partition.partition)
    consumer = WholeFetches(bootstrap_servers=settings.kafka_bootstrap_servers, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign(both)
        yield consumer, both
    finally:
        await consumer.stop()


async def fetched_in_vain(consumer, meanwhile=lambda: None):
    """Fetch; once something is drained, and `meanwhile` done, the fetch fails."""
    fetched = consumer._fetcher.fetched_records

    async def drained_then_failed(*arguments, **options):
        await until("a record of some partition", lambda: fetched(*arguments, **options))
        meanwhile()
        raise CorruptRecordException

    consumer._fetcher.fetched_records = drained_then_failed
    with pytest.raises(CorruptRecordException):
        await consumer.getmany(timeout_ms=1000)
    consumer._fetcher.fetched_records = fetched


async def test_records_drained_before_a_partition_that_fails_come_again(settings):
    async with reading(settings) as (consumer, partitions):
        await fetched_in_vain(consumer)

        found = {}

        async def both():
            found.update(await consumer.getmany(timeout_ms=200))
            return found.keys() == {*partitions}

        await until("the records of both partitions", both)


async def test_a_partition_that_was_sought_while_the_fetch_failed_goes_on_from_there(settings):
    async with reading(settings) as (consumer, (first, second)):
        await until("both records", lambda: has_read(consumer, {first, second}))
        consumer.pause(second)
        await send_more(settings, first)

        def claimed_again():
            for partition in (first, second):
                consumer.seek(partition, 0)
            consumer.resume(second)

        await fetched_in_vain(consumer, claimed_again)

        assert [await consumer.position(partition) for partition in (first, second)] == [0, 0]


async def has_read(consumer, partitions):
    await consumer.getmany(timeout_ms=200)
    return [await consumer.position(partition) for partition in partitions] == [1, 1]


async def send_more(settings, partition):
    async with producing(settings) as producer:
        await producer.send_and_wait(partition.topic, b"y", key=b"k", partition=partition.partition)
