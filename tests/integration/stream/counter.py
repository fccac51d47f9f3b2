"""A service that stores the numbers it consumes in a table, and the events that carry them."""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import UTC, datetime
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from fastapi import FastAPI

from shared.contracts import FigureChanged, Measures, MonthClosed, binary_headers
from shared.contracts.figures import FIGURES
from shared.service import Service, run_service
from shared.stream import subscribe

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
