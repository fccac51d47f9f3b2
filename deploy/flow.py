"""How far behind everything is: records not yet applied, letters not yet sent."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.client import AIOKafkaClient

from deploy.stores import broker_told, connected
from services.stats.store.figures import waiting
from shared.contracts.topics import CATALOGUE, Topic
from shared.settings import Settings
from shared.stream.outbox import depth

SERVICES = ("intake", "stats", "publisher", "corrections")
MARKERS = 16  # so few offsets at the end of a partition may be the marks of a producer's transactions
LOOK_MS = 300  # for the records behind them

Positions = dict[str, dict[TopicPartition, int]]
"""Service to the next offset of each partition that it has claimed."""


@dataclass(frozen=True)
class Flow:
    """One look. None: the service's schema is not there."""

    lag: dict[str, dict[str, int | None]]
    """Topic to consumer to records not yet applied."""
    outbox: dict[str, int | None]
    """Service to letters not yet sent."""
    pending_figures: int
    """Changes of figures that stats has not yet said."""

    @property
    def left(self) -> int:
        """How many records, letters and changes are not done."""
        lags = sum(count or 0 for consumers in self.lag.values() for count in consumers.values())
        return lags + sum(count or 0 for count in self.outbox.values()) + self.pending_figures

    def behind(self) -> list[str]:
        """Return what is not done, in words; nothing if all is."""
        lags = [
            f"{consumer} has {count} records of {topic} to apply" if count else f"{consumer} has no schema"
            for topic, consumers in self.lag.items()
            for consumer, count in consumers.items()
            if count != 0
        ]
        letters = [f"{service} has {count} letters to send" for service, count in self.outbox.items() if count]
        figures = [f"stats has {self.pending_figures} changes of figures to say"] if self.pending_figures else []
        return lags + letters + figures


async def look(settings: Settings, services: Collection[str] = SERVICES) -> Flow:
    """Look at the database and then at the broker; only these services are asked after.

    All of the database is read in one snapshot and the ends of the topics after it: what was on its way between two
    services at that moment is seen in the outbox of the first or at the end of the topic. Raises `EngineAwayError` and
    `DatabaseRefused`.
    """
    async with connected(settings) as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        positions = {s: p for s in services if (p := await _positions(connection, s)) is not None}
        outbox = {service: await _outbox(connection, service) for service in services}
        pending = await _pending_figures(connection) if "stats" in services else 0
    topics = [topic for topic in CATALOGUE if set(topic.consumers) & set(services)]
    with broker_told():
        lags = await _lags(settings, topics, services, positions)
    return Flow(lags, outbox, pending)


IN_SCHEMA = "SELECT set_config('search_path', $1, true)"
EXISTS = "SELECT to_regclass($1) IS NOT NULL"
POSITIONS = "SELECT topic, part, next_offset FROM positions"


async def _positions(connection: asyncpg.Connection, schema: str) -> dict[TopicPartition, int] | None:
    if not await connection.fetchval(EXISTS, f"{schema}.positions"):
        return None
    await connection.execute(IN_SCHEMA, schema)
    rows = await connection.fetch(POSITIONS)
    return {TopicPartition(row["topic"], row["part"]): row["next_offset"] for row in rows}


async def _outbox(connection: asyncpg.Connection, schema: str) -> int | None:
    if not await connection.fetchval(EXISTS, f"{schema}.outbox"):
        return None
    await connection.execute(IN_SCHEMA, schema)
    return await depth(connection)


async def _pending_figures(connection: asyncpg.Connection) -> int:
    if not await connection.fetchval(EXISTS, "stats.pending_changes"):
        return 0
    return await waiting(connection)


async def _lags(
    settings: Settings, topics: Sequence[Topic], services: Collection[str], positions: Positions
) -> dict[str, dict[str, int | None]]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=settings.kafka_bootstrap_servers, isolation_level="read_committed", enable_auto_commit=False
    )
    try:
        known = await _partitions(settings)
        await consumer.start()
        lags: dict[str, dict[str, int | None]] = {}
        for topic in topics:
            name = settings.topic_prefix + topic.name
            span = await _span(consumer, known.get(name, ()))
            lags[name] = {
                reader: await _lag(consumer, span, positions.get(reader)) for reader in topic.consumers if reader in services
            }
        return lags
    finally:
        await consumer.stop()


async def _partitions(settings: Settings) -> dict[str, list[TopicPartition]]:
    """Return the partitions of every topic there is; a consumer knows only those of the topics that it reads."""
    client = AIOKafkaClient(bootstrap_servers=settings.kafka_bootstrap_servers)
    try:
        await client.bootstrap()
        cluster = await client.fetch_all_metadata()
        return {t: [TopicPartition(t, p) for p in cluster.partitions_for_topic(t) or ()] for t in cluster.topics()}
    finally:
        await client.close()


async def _span(consumer: AIOKafkaConsumer, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, tuple[int, int]]:
    """Return the first offset and the end of each partition."""
    begins, ends = await consumer.beginning_offsets(partitions), await consumer.end_offsets(partitions)
    return {partition: (begins[partition], ends[partition]) for partition in partitions}


async def _lag(
    consumer: AIOKafkaConsumer, span: dict[TopicPartition, tuple[int, int]], positions: dict[TopicPartition, int] | None
) -> int | None:
    if positions is None:
        return None
    waiting = {p: (max(begin, positions.get(p, 0)), end) for p, (begin, end) in span.items()}
    return await _unread(consumer, {p: (at, end) for p, (at, end) in waiting.items() if at < end})


async def _unread(consumer: AIOKafkaConsumer, spans: dict[TopicPartition, tuple[int, int]]) -> int:
    """How many records wait in these spans of offsets. A few offsets may hold none: only the marks of transactions."""
    doubtful = {p for p, (at, end) in spans.items() if end - at <= MARKERS}
    if doubtful:
        consumer.assign(list(doubtful))
        for partition in doubtful:
            consumer.seek(partition, spans[partition][0])
        found = await consumer.getmany(timeout_ms=LOOK_MS)
        for partition in doubtful - set(found):
            if await consumer.position(partition) >= spans[partition][1]:
                del spans[partition]
    return sum(end - at for at, end in spans.values())
