"""What cannot be fetched in the usual way blocks nothing and costs its neighbours nothing."""

from __future__ import annotations

import struct
from uuid import uuid4

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


async def test_records_drained_before_a_partition_that_fails_come_again(settings):
    topic = settings.topic_prefix + FIGURES
    first, second = TopicPartition(topic, 0), TopicPartition(topic, 1)
    async with producing(settings) as producer:
        for partition in (first, second):
            await producer.send_and_wait(topic, b"x", key=b"k", partition=partition.partition)
    consumer = WholeFetches(bootstrap_servers=settings.kafka_bootstrap_servers, auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([first, second])
        fetched = consumer._fetcher.fetched_records

        async def drained_then_failed(*arguments, **options):
            await until("a record of some partition", lambda: fetched(*arguments, **options))
            raise CorruptRecordException

        consumer._fetcher.fetched_records = drained_then_failed
        try:
            await consumer.getmany(timeout_ms=1000)
        except CorruptRecordException:
            consumer._fetcher.fetched_records = fetched

        found = {}

        async def both():
            found.update(await consumer.getmany(timeout_ms=200))
            return found.keys() == {first, second}

        await until("the records of both partitions", both)
    finally:
        await consumer.stop()
