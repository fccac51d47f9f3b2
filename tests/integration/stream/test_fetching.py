"""A record that cannot be parsed or fetched in the usual way blocks nothing and costs its neighbours nothing."""

from __future__ import annotations

import struct
from uuid import uuid4

from aiokafka.record.util import calc_crc32c

from shared.contracts import binary_headers
from shared.contracts.figures import FIGURES
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
