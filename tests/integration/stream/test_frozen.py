"""A process that is frozen in the middle of its work does not block its successor."""

from __future__ import annotations

import asyncio
import struct

import pytest
from aiokafka import TopicPartition

from shared.database import open_pool
from shared.stream import relay
from shared.stream.positions import PositionAdvance, advance_positions, claim_positions
from shared.stream.topic_offsets import TopicOffsets
from tests.integration.probes import wait_until
from tests.integration.stream.counter import figure_changed, read_figures, run_counter

PARTITION = TopicPartition("t", 0)
EMPTY_LOG = TopicOffsets(None, {PARTITION: 0}, {PARTITION: 0})
SHORT_TRANSACTION = {"statement_timeout_s": 2.0, "session_timeout_ms": 60_000}
SHORT_IDLE = {"statement_timeout_s": 60.0, "session_timeout_ms": 2_000}


def send_nothing(_):
    """Send nothing more."""


def send_half_a_message(connection):
    """Send the beginning of a message of 4096 bytes, as a process does that is stopped while it writes a batch."""
    connection._transport.write(b"Q" + struct.pack(">i", 4096) + b"SELECT")


@pytest.mark.parametrize(
    ("bounds", "stop"),
    [(SHORT_IDLE, send_nothing), (SHORT_TRANSACTION, send_nothing), (SHORT_TRANSACTION, send_half_a_message)],
)
async def test_the_positions_of_a_frozen_process_are_claimed_by_another(settings, bounds, stop):
    frozen = await open_pool(settings.model_copy(update=bounds), "publisher", bounded=True)
    successor = await open_pool(settings, "publisher", bounded=True)
    try:
        connection = await frozen.acquire()
        (owned,) = await claim_positions(connection, EMPTY_LOG, [PARTITION])
        await connection.execute("BEGIN")
        await advance_positions(connection, [PositionAdvance(PARTITION, 0, 9, owned.epoch)])
        stop(connection)

        async with successor.acquire() as another:
            (taken,) = await asyncio.wait_for(claim_positions(another, EMPTY_LOG, [PARTITION]), 20)
    finally:
        frozen.terminate()
        await successor.close()

    assert taken.epoch > owned.epoch
    assert taken.next_offset == 0


async def test_the_lock_of_a_frozen_relay_is_released(settings, stored_numbers, monkeypatch):
    monkeypatch.setattr(relay, "LOCK_TIMEOUT_S", 2.0)
    fetch_unsent, frozen = relay.fetch_unsent, asyncio.Event()

    async def freeze_once(connection, limit):
        if not frozen.is_set():
            frozen.set()
            await asyncio.Event().wait()
        return await fetch_unsent(connection, limit)

    monkeypatch.setattr(relay, "fetch_unsent", freeze_once)
    async with run_counter(settings):

        async def has_lock():
            return frozen.is_set()

        await wait_until("the first relay has the lock", has_lock)
        async with run_counter(settings) as second:
            async with second.database.unit_of_work() as uow:
                uow.emit(figure_changed(1))

            assert await read_figures(settings, 1) == [1]
