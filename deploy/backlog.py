"""The backlog: consumer lag per topic, blocked partitions, unsent outbox messages, figures not yet emitted."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import asyncpg
from aiokafka import TopicPartition

from deploy.broker_errors import translate_broker_errors
from deploy.databases import connect_database
from deploy.record_search import has_records
from deploy.topic_offsets import fetch_topic_offsets_by_name, open_consumer, report_positions
from services.intake.store.match_queue import count_waiting as count_uncompared
from services.stats.store.figures import count_pending
from services.stats.store.workdays import count_unfinished
from shared.contracts.topics import CATALOGUE, Topic
from shared.database import use_schema
from shared.settings import Settings
from shared.stream.outbox import count_unsent
from shared.stream.position_overrides import fetch_positions
from shared.stream.positions import Position
from shared.stream.topic_offsets import TopicOffsets

SERVICES = ("intake", "stats", "publisher", "corrections")

Positions = Mapping[str, Sequence[Position]]
"""Service → its stored positions."""

Unapplied = dict[TopicPartition, range]
"""Partition → the offsets that a service has not applied."""

# Offsets that a lag may have to be asked for records: marks of transactions come one by one.
SHORT_LAG = 100


@dataclass(frozen=True)
class BlockedReport:
    """A partition that a service does not consume. `reason` names the command that lets it go on."""

    service: str
    topic: str
    partition: int
    cause: str
    reason: str


@dataclass(frozen=True)
class Backlog:
    """One measurement. None: the service has no schema."""

    lag: dict[str, dict[str, int | None]]
    """Topic → consumer → offsets not yet applied, counted from the stored positions."""
    outbox: dict[str, int | None]
    """Service → messages in the outbox not yet sent."""
    pending_figures: int
    """Changed figures that stats has not yet emitted; a recount of working days that is not finished counts as one."""
    uncompared: int = 0
    """Reports that intake has not yet compared with those of other sources; figures may change by it."""
    blocked: Sequence[BlockedReport] = ()
    """Partitions that wait for an operator."""

    @property
    def total(self) -> int:
        """Records, messages and changes not yet processed."""
        lags = sum(count or 0 for consumers in self.lag.values() for count in consumers.values())
        return lags + sum(count or 0 for count in self.outbox.values()) + self.pending_figures + self.uncompared

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
        compared = [f"intake has {self.uncompared} reports to compare"] if self.uncompared else []
        return [*(each.reason for each in self.blocked), *lags, *messages, *figures, *compared]


async def measure_backlog(settings: Settings, services: Collection[str] = SERVICES) -> Backlog:
    """Measure the backlog of these services in the database and then at the broker.

    The database is read in one snapshot, the end offsets of the topics after it: a message in flight between two
    services is in the outbox of the first or before the end offset. No record is read; of a short lag the headers of its
    batches are, since it may be of offsets that no consumer sees. Raises `EngineUnavailable` and `DatabaseAccessDenied`.
    """
    async with connect_database(settings) as connection, connection.transaction(isolation="repeatable_read", readonly=True):
        positions = {s: p for s in services if (p := await _fetch_positions(connection, s)) is not None}
        outbox = {service: await _count_outbox(connection, service) for service in services}
        pending = await _count_pending_figures(connection) if "stats" in services else 0
        uncompared = await _count_uncompared(connection) if "intake" in services else 0
    topics = {settings.topic_prefix + topic.name: topic for topic in CATALOGUE if set(topic.consumers) & set(services)}
    with translate_broker_errors():
        offsets = await fetch_topic_offsets_by_name(settings, topics)
        unapplied = {service: _find_unapplied(stored, offsets) for service, stored in positions.items()}
        await _drop_unseen(settings, unapplied.values())
    lags = {name: _sum_lags(name, topic, services, unapplied) for name, topic in topics.items()}
    return Backlog(lags, outbox, pending, uncompared, _find_blocked(positions, offsets))


EXISTS = "SELECT to_regclass($1) IS NOT NULL"


async def _fetch_positions(connection: asyncpg.Connection, schema: str) -> list[Position] | None:
    if not await connection.fetchval(EXISTS, f"{schema}.standing_partitions"):
        return None
    await use_schema(connection, schema)
    return await fetch_positions(connection)


async def _count_outbox(connection: asyncpg.Connection, schema: str) -> int | None:
    if not await connection.fetchval(EXISTS, f"{schema}.outbox"):
        return None
    await use_schema(connection, schema)
    return await count_unsent(connection)


async def _count_pending_figures(connection: asyncpg.Connection) -> int:
    if not await connection.fetchval(EXISTS, "stats.workday_recounts"):
        return 0
    return await count_pending(connection) + await count_unfinished(connection)


async def _count_uncompared(connection: asyncpg.Connection) -> int:
    if not await connection.fetchval(EXISTS, "intake.match_queue"):
        return 0
    return await count_uncompared(connection)


def _find_unapplied(positions: Sequence[Position], offsets: Mapping[str, TopicOffsets]) -> Unapplied:
    """Return the offsets from the stored positions to the ends; a partition without position is applied from its beginning."""
    following = {each.partition: each for each in positions}
    return {
        partition: range(following[partition].bind(topic).next_offset, end)
        if partition in following
        else range(topic.beginnings[partition], end)
        for topic in offsets.values()
        for partition, end in topic.ends.items()
    }


async def _drop_unseen(settings: Settings, unapplied: Collection[Unapplied]) -> None:
    """Take out short lags of offsets that hold no record which a consumer would see."""
    short = {(p, each) for found in unapplied for p, each in found.items() if 0 < len(each) <= SHORT_LAG}
    if not short:
        return
    async with open_consumer(settings) as consumer:
        for partition, each in short:
            # The consumer learns of the topic.
            await consumer.end_offsets([partition])
            if not await has_records(consumer, partition, each.start, each.stop):
                for found in unapplied:
                    if found.get(partition) == each:
                        found[partition] = range(each.stop, each.stop)


def _sum_lags(name: str, topic: Topic, services: Collection[str], unapplied: Mapping[str, Unapplied]) -> dict[str, int | None]:
    """Return the lag of each consumer of a topic among the services; None without a schema, 0 without the topic."""
    return {
        reader: sum(len(each) for partition, each in unapplied[reader].items() if partition.topic == name)
        if reader in unapplied
        else None
        for reader in topic.consumers
        if reader in services
    }


def _find_blocked(positions: Positions, offsets: Mapping[str, TopicOffsets]) -> list[BlockedReport]:
    return [
        BlockedReport(
            service,
            report.position.partition.topic,
            report.position.partition.partition,
            blocked.cause,
            blocked.describe(service),
        )
        for service, stored in positions.items()
        for report in report_positions(service, stored, offsets)
        if (blocked := report.blocked)
    ]
