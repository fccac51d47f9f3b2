"""Compaction of `gongshi.complaints`: every complaint is told again as it stands, then what was told before is deleted.

The broker's own compaction keeps the newest record of a key, and the key of this topic is the operator. Services go on while
it runs: they have each revision that is told again, and a position is never deleted before it is passed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import asyncpg
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from deploy.broker_errors import translate_broker_errors
from deploy.record_search import has_records
from deploy.topic_offsets import fetch_topic_offsets_by_name, open_consumer
from services.intake.retelling import retell_some
from shared import clock
from shared.contracts.complaints import COMPLAINTS
from shared.contracts.topics import BY_NAME
from shared.database.search_path import use_schema
from shared.errors import TransientError
from shared.settings import Settings
from shared.stream import UnitOfWork
from shared.stream.client_options import client_options
from shared.stream.journal import JournalEntry, append_entries
from shared.stream.outbox import count_unsent
from shared.stream.position_overrides import fetch_positions
from shared.stream.topics import SEGMENT, SHORT_SEGMENT_MS, change_settings, required_settings

# Messages that may wait in the outbox while more complaints are told.
MAX_UNSENT = 5_000
POLL_S = 0.2
# How long each step may take: a consumer may have to catch up, a service be restarted.
PATIENCE_S = 600.0

Offsets = Mapping[TopicPartition, int]


class NotPassed(TransientError):
    """Relay or consumers do not go on: are all services running? `gongshi status` and `gongshi positions show` tell."""


@dataclass(frozen=True, slots=True)
class Compacted:
    """How many complaints were told again, and how many offsets were deleted."""

    complaints: int
    deleted: int


async def compact_complaints(settings: Settings, connection: asyncpg.Connection, *, actor: str) -> Compacted:
    """Leave of each complaint only its newest revision in the topic. Raises `NotPassed` and `EngineUnavailable`.

    For the database's owner. What is told meanwhile stays; what was told before is gone for every reader, also of the
    words that were erased, and its files within minutes.
    """
    topic = settings.topic_prefix + COMPLAINTS
    with translate_broker_errors():
        await _wait_sent(connection)
        before = (await fetch_topic_offsets_by_name(settings, [topic]))[topic]
        async with _short_segments(settings, topic):
            complaints = await _retell(connection)
        passed = await _wait_passed(settings, connection, before.ends)
        await _delete(settings, passed)
    deleted = sum(offset - before.beginnings[partition] for partition, offset in passed.items())
    detail = {"complaints": complaints, "offsets": deleted}
    async with connection.transaction():
        await use_schema(connection, "intake")
        await append_entries(connection, clock.now(), [JournalEntry(actor, "complaints_compacted", COMPLAINTS, detail=detail)])
    return Compacted(complaints, deleted)


async def _retell(connection: asyncpg.Connection) -> int:
    complaints, last = 0, UUID(int=0)
    while True:
        async with connection.transaction():
            await use_schema(connection, "intake")
            uow = UnitOfWork(connection, clock.now(), "/gongshi/intake")
            page = await retell_some(uow, last)
            await uow.flush()
        if not page:
            await _wait_sent(connection)
            return complaints
        complaints, last = complaints + len(page), page[-1]
        await _wait_sent(connection, MAX_UNSENT)


async def _wait_sent(connection: asyncpg.Connection, at_most: int = 0) -> None:
    """Wait until intake's relay has sent all but so many messages."""

    async def is_sent() -> bool:
        async with connection.transaction():
            await use_schema(connection, "intake")
            return await count_unsent(connection) <= at_most

    await _wait(is_sent)


async def _wait_passed(settings: Settings, connection: asyncpg.Connection, ends: Offsets) -> Offsets:
    """Wait until every consumer has passed these offsets, but for marks of transactions; return how far each may be deleted."""
    passed: dict[TopicPartition, int] = {}

    async def is_passed() -> bool:
        positions = await _slowest_positions(connection, ends)
        passed.update({partition: min(end, positions[partition]) for partition, end in ends.items()})
        async with open_consumer(settings) as consumer:
            for partition, end in ends.items():
                await consumer.end_offsets([partition])
                if passed[partition] < end and await has_records(consumer, partition, passed[partition], end):
                    return False
        return True

    await _wait(is_passed)
    return passed


async def _slowest_positions(connection: asyncpg.Connection, ends: Offsets) -> dict[TopicPartition, int]:
    slowest = dict(ends)
    for service in BY_NAME[COMPLAINTS].consumers:
        async with connection.transaction():
            await use_schema(connection, service)
            stored = {position.partition: position.next_offset for position in await fetch_positions(connection)}
        slowest = {partition: min(offset, stored.get(partition, 0)) for partition, offset in slowest.items()}
    return slowest


async def _wait(is_reached: Callable[[], Awaitable[bool]]) -> None:
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not await is_reached():
                await asyncio.sleep(POLL_S)
    except TimeoutError:
        raise NotPassed from None


@asynccontextmanager
async def _short_segments(settings: Settings, topic: str) -> AsyncIterator[None]:
    """Let the broker begin a new file for what is appended from now on, and then what the catalogue says or its default.

    What is found may be what a run that was killed has left.
    """
    await change_settings(settings, topic, {SEGMENT: SHORT_SEGMENT_MS})
    try:
        yield
    finally:
        await change_settings(settings, topic, {SEGMENT: required_settings(BY_NAME[COMPLAINTS]).get(SEGMENT)})


async def _delete(settings: Settings, offsets: Offsets) -> None:
    admin = AIOKafkaAdminClient(**client_options(settings))
    await admin.start()
    try:
        await admin.delete_records({each: RecordsToDelete(before_offset=offset) for each, offset in offsets.items()})
    finally:
        await admin.close()
