"""The backlog: consumer lag per topic, unsent outbox messages, figures not yet emitted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.client import AIOKafkaClient

from deploy.stores import connect_database, translate_broker_errors
from services.stats.store.figures import count_pending
from services.stats.store.workdays import count_unfinished
from shared.contracts.topics import CATALOGUE, Topic
from shared.settings import Settings
from shared.stream.outbox import count_unsent

SERVICES = ("intake", "stats", "publisher", "corrections")
MAX_CONTROL_RECORDS = 16  # this few offsets at the end of a partition may be control records of transactions
FETCH_TIMEOUT_MS = 300

Positions = dict[str, dict[TopicPartition, int]]
"""Service → partition → next offset to apply."""


@dataclass(frozen=True)
class Backlog:
    """One measurement. None: the service has no schema."""

    lag: dict[str, dict[str, int | None]]
    """Topic → consumer → records not yet applied."""
    outbox: dict[str, int | None]
    """Service → messages in the outbox not yet sent."""
    pending_figures: int
    """Changed figures that stats has not yet emitted; a recount of working days that is not finished counts as one."""

    @property
    def total(self) -> int:
        """Records, messages and changes not yet processed."""
        lags = sum(count or 0 for consumers in self.lag.values() for count in consumers.values())
        return lags + sum(count or 0 for count in self.outbox.values()) + self.pending_figures

    def describe(self) -> list[str]:
        """Return each part of the backlog in words; empty if there is none."""
        lags = [
            f"{consumer} has {count} records of {topic} to apply" if count else f"{consumer} has no schema"
            for topic, consumers in self.lag.items()
            for consumer, count in consumers.items()
            if count != 0
        ]
        messages = [f"{service} has {count} messages to send" for service, count in self.outbox.items() if count]
        figures = [f"stats has {self.pending_figures} changed figures to emit"] if self.pending_figures else []
        return lags + messages + figures


async def measure_backlog(settings: Settings, services: Collection[str] = SERVICES) -> Backlog:
    """Measure the backlog of these services in the database and then at the broker.

    The database is read in one snapshot, the end offsets of the topics after it: a message in flight between two
    services is in the outbox of the first or before the end offset. Raises `EngineUnavailable` and
    `DatabaseAccessDenied`.
    """
    async with connect_database(settings) as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        positions = {s: p for s in services if (p := await _fetch_positions(connection, s)) is not None}
        outbox = {service: await _count_outbox(connection, service) for service in services}
        pending = await _count_pending_figures(connection) if "stats" in services else 0
    topics = [topic for topic in CATALOGUE if set(topic.consumers) & set(services)]
    with translate_broker_errors():
        lags = await _measure_lags(settings, topics, services, positions)
    return Backlog(lags, outbox, pending)


SET_SEARCH_PATH = "SELECT set_config('search_path', $1, true)"
EXISTS = "SELECT to_regclass($1) IS NOT NULL"
POSITIONS = "SELECT topic, part, next_offset FROM positions"


async def _fetch_positions(connection: asyncpg.Connection, schema: str) -> dict[TopicPartition, int] | None:
    if not await connection.fetchval(EXISTS, f"{schema}.positions"):
        return None
    await connection.execute(SET_SEARCH_PATH, schema)
    rows = await connection.fetch(POSITIONS)
    return {TopicPartition(row["topic"], row["part"]): row["next_offset"] for row in rows}


async def _count_outbox(connection: asyncpg.Connection, schema: str) -> int | None:
    if not await connection.fetchval(EXISTS, f"{schema}.outbox"):
        return None
    await connection.execute(SET_SEARCH_PATH, schema)
    return await count_unsent(connection)


async def _count_pending_figures(connection: asyncpg.Connection) -> int:
    if not await connection.fetchval(EXISTS, "stats.workday_recounts"):
        return 0
    return await count_pending(connection) + await count_unfinished(connection)


async def _measure_lags(
    settings: Settings, topics: Sequence[Topic], services: Collection[str], positions: Positions
) -> dict[str, dict[str, int | None]]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap_servers, isolation_level="read_committed", enable_auto_commit=False
    )
    try:
        known = await _fetch_partitions(settings)
        await consumer.start()
        lags: dict[str, dict[str, int | None]] = {}
        for topic in topics:
            name = settings.topic_prefix + topic.name
            ranges = await _fetch_offset_ranges(consumer, known.get(name, ()))
            lags[name] = {
                reader: await _measure_lag(consumer, ranges, positions.get(reader))
                for reader in topic.consumers
                if reader in services
            }
        return lags
    finally:
        await consumer.stop()


async def _fetch_partitions(settings: Settings) -> dict[str, list[TopicPartition]]:
    """Return the partitions of every existing topic; a consumer knows only those of its own topics."""
    client = AIOKafkaClient(bootstrap_servers=settings.kafka_bootstrap_servers)
    try:
        await client.bootstrap()
        cluster = await client.fetch_all_metadata()
        return {t: [TopicPartition(t, p) for p in cluster.partitions_for_topic(t) or ()] for t in cluster.topics()}
    finally:
        await client.close()


async def _fetch_offset_ranges(
    consumer: AIOKafkaConsumer, partitions: Sequence[TopicPartition]
) -> dict[TopicPartition, tuple[int, int]]:
    """Return the beginning and end offset of each partition."""
    begins, ends = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
    return {partition: (begins[partition], ends[partition]) for partition in partitions}


async def _measure_lag(
    consumer: AIOKafkaConsumer, ranges: dict[TopicPartition, tuple[int, int]], positions: dict[TopicPartition, int] | None
) -> int | None:
    if positions is None:
        return None
    unread = {p: (max(begin, positions.get(p, 0)), end) for p, (begin, end) in ranges.items()}
    return await _count_unread(consumer, {p: (at, end) for p, (at, end) in unread.items() if at < end})


async def _count_unread(consumer: AIOKafkaConsumer, ranges: dict[TopicPartition, tuple[int, int]]) -> int:
    """Return the number of records in these offset ranges. A short range may hold control records of transactions only."""
    uncertain = {p for p, (at, end) in ranges.items() if end - at <= MAX_CONTROL_RECORDS}
    if uncertain:
        consumer.assign(list(uncertain))
        for partition in uncertain:
            consumer.seek(partition, ranges[partition][0])
        found = await consumer.getmany(timeout_ms=FETCH_TIMEOUT_MS)
        for partition in uncertain - set(found):
            if await consumer.position(partition) >= ranges[partition][1]:
                del ranges[partition]
    return sum(end - at for at, end in ranges.values())
