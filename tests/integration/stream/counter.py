"""A service that stores the numbers it consumes in a table, and the events that carry them."""

from __future__ import annotations

from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from types import SimpleNamespace
from uuid import uuid4

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import PolicyViolationError
from fastapi import FastAPI

from shared.contracts import FigureChanged, Measures, MonthClosed, binary_headers
from shared.contracts.figures import FIGURES
from shared.service import Service, run_service
from shared.stream import subscribe
from shared.web.health import healthz
from tests.integration.probes import wait_until

AT = datetime(2026, 10, 1, tzinfo=UTC)
NO_MEASURES = Measures(
    complaints=0, accepted=0, resolved=0, resolution_rate=None, mediations=0, mediation_successes=0,
    mediation_success_rate=None, amount=0, recovered=0, median_days=None, p90_days=None,
)  # fmt: skip


def month_closed(number):
    """An event that carries a number, in `operators`."""
    return MonthClosed(month=f"{2000 + number // 12}-{number % 12 + 1:02}", operators=number, complaints=1, closed_at=AT)


def figure_changed(version):
    """A figure in one of its versions; all versions have one key."""
    return FigureChanged(
        subject_kind="all", subject="all", period_kind="month", period="2026-10", version=version, figures=NO_MEASURES, as_of=AT
    )


@asynccontextmanager
async def open_producer(settings, **options):
    """A started producer."""
    producer = AIOKafkaProducer(bootstrap_servers=settings.kafka_bootstrap_servers, **options)
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()


async def send_events(producer, settings, *events, value=None):
    """Send events to the figures topic, one after the other; `value` replaces their bodies."""
    for event in events:
        headers = list(binary_headers(event, event_id=uuid4(), source="/test", at=AT))
        body = event.model_dump_json().encode() if value is None else value
        await producer.send_and_wait(settings.topic_prefix + FIGURES, body, key=event.key().encode(), headers=headers)


async def read_figures(settings, count):
    """The versions of the first `count` figures of the topic."""
    consumer = AIOKafkaConsumer(
        settings.topic_prefix + FIGURES, bootstrap_servers=settings.kafka_bootstrap_servers, auto_offset_reset="earliest"
    )
    await consumer.start()
    try:
        records = [await consumer.getone() for _ in range(count)]
    finally:
        await consumer.stop()
    return [FigureChanged.model_validate_json(record.value).version for record in records]


async def insert_numbers(uow, events):
    """The usual handler: it stores the number of each event."""
    numbers = [received.event.operators for received in events]
    await uow.connection.executemany("INSERT INTO publisher.numbers VALUES ($1)", [(number,) for number in numbers])


@asynccontextmanager
async def run_counter(settings, handler=insert_numbers):
    """The service while it runs."""

    async def prepare(_):
        return [subscribe(FIGURES, {MonthClosed: handler})]

    async with run_service(Service("publisher", prepare), settings, FastAPI()) as context:
        yield context


async def has_count(stored_numbers, count):
    """Whether so many numbers are stored."""
    return len(await stored_numbers()) == count


def find_partition(settings, number):
    """The partition of the figures topic of that number."""
    return TopicPartition(settings.topic_prefix + FIGURES, number)


async def send_to(settings, number, *numbers, **options):
    """Send numbers to one partition of the figures topic."""
    async with open_producer(settings, **options) as producer:
        for each in numbers:
            event = month_closed(each)
            headers = list(binary_headers(event, event_id=uuid4(), source="/test", at=AT))
            partition = find_partition(settings, number)
            await producer.send_and_wait(
                partition.topic, event.body(), partition=number, key=event.key().encode(), headers=headers
            )


@asynccontextmanager
async def open_admin(settings):
    """A started admin client."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.kafka_bootstrap_servers)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def delete_records(settings, number, before):
    """Let the broker delete the records of a partition before an offset, as retention does; not of a compacted topic."""
    topic = settings.topic_prefix + FIGURES
    async with open_admin(settings) as admin:
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, {"cleanup.policy": "delete"})])

        async def is_deleted():
            # The broker applies the changed policy a moment after it has confirmed it.
            with suppress(PolicyViolationError):
                return await admin.delete_records({find_partition(settings, number): RecordsToDelete(before)})

        await wait_until("deleted records", is_deleted)


async def recreate_topic(settings):
    """Delete the figures topic and create it anew, empty."""
    topic = settings.topic_prefix + FIGURES
    async with open_admin(settings) as admin:
        await admin.delete_topics([topic])

        async def is_created():
            response = await admin.create_topics([NewTopic(topic, num_partitions=8, replication_factor=1)])
            return all(code == 0 for _, code, *_ in response.topic_errors)

        await wait_until("the topic is created anew", is_created)


async def fetch_health(context):
    """Status and body of /healthz."""
    response = await healthz(SimpleNamespace(app=SimpleNamespace(state=SimpleNamespace(context=context))))
    return response.status_code, orjson.loads(response.body)


async def wait_blocked(context, cause, count=1):
    """Wait until so many partitions are blocked for this cause, and return them by number."""
    blocked = context.consumers[0].health.blocked

    async def are_blocked():
        found = {each.partition.partition: each for each in blocked.values() if each.cause == cause}
        return found if len(found) == count else None

    return await wait_until(f"{count} blocked partitions: {cause}", are_blocked)


async def wait_applied(context):
    """Wait until no partition is blocked and nothing is left to apply."""
    consumer = context.consumers[0]

    async def is_applied():
        return consumer.health.ready and not consumer.health.blocked and consumer.lag() == 0

    await wait_until("every partition is consumed to its end", is_applied)
