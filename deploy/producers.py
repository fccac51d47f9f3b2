"""A producer for what a command sends to the broker itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaProducer

from shared.settings import Settings
from shared.stream.relay import outbox_producer


@asynccontextmanager
async def open_producer(settings: Settings) -> AsyncIterator[AIOKafkaProducer]:
    """Open a producer with the guarantees of the outbox, and stop it at the end. Raises `KafkaError`."""
    producer = outbox_producer(settings)
    try:
        await producer.start()
        yield producer
    finally:
        await producer.stop()
