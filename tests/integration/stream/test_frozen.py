"""A process that is frozen in the middle of its work holds up nobody who takes over."""

from __future__ import annotations

import asyncio
import struct

import pytest
from aiokafka import TopicPartition

from shared.database import open_pool
from shared.stream import relay
from shared.stream.positions import Advance, advance, claim
from tests.integration.probes import until
from tests.integration.stream.test_exactly_once import counting, figure, kept, read

__all__ = ["kept"]

PARTITION = TopicPartition("t", 0)
SOON = {"statement_timeout_s": 2.0, "session_timeout_ms": 60_000}
SOON_WHEN_IDLE = {"statement_timeout_s": 60.0, "session_timeout_ms": 2_000}


def leave(_):
    """Send nothing more."""


def half_a_message(connection):
    """Send the beginning of a message of 4096 bytes, as a process does that is stopped while it writes a batch."""
    connection._transport.write(b"Q" + struct.pack(">i", 4096) + b"SELECT")


@pytest.mark.parametrize(("bounds", "stop"), [(SOON_WHEN_IDLE, leave), (SOON, leave), (SOON, half_a_message)])
async def test_the_positions_of_a_frozen_process_are_claimed_by_another(settings, bounds, stop):
    frozen = await open_pool(settings.model_copy(update=bounds), "publisher", bounded=True)
    successor = await open_pool(settings, "publisher", bounded=True)
    try:
        connection = await frozen.acquire()
        (owned,) = await claim(connection, [PARTITION])
        await connection.execute("BEGIN")
        await advance(connection, [Advance(PARTITION, 0, 9, owned.epoch)])
        stop(connection)

        async with successor.acquire() as another:
            (taken,) = await asyncio.wait_for(claim(another, [PARTITION]), 20)
    finally:
        frozen.terminate()
        await successor.close()

    assert taken.epoch > owned.epoch
    assert taken.next_offset == 0


async def test_a_frozen_relay_lets_another_have_its_lock(settings, kept, monkeypatch):
    monkeypatch.setattr(relay, "GONE_S", 2.0)
    unsent, frozen = relay.unsent, asyncio.Event()

    async def freezes_once(connection, limit):
        if not frozen.is_set():
            frozen.set()
            await asyncio.Event().wait()
        return await unsent(connection, limit)

    monkeypatch.setattr(relay, "unsent", freezes_once)
    async with counting(settings):

        async def holds_the_lock():
            return frozen.is_set()

        await until("the first relay has the lock", holds_the_lock)
        async with counting(settings) as second:
            async with second.store.unit() as unit:
                unit.emit(figure(1))

            assert await read(settings, 1) == [1]
