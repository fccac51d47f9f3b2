"""The broker of one service: FastStream batch subscribers whose records go raw to our own consumers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, Topic
from faststream.kafka.annotations import KafkaMessage
from faststream.kafka.message import FAKE_CONSUMER
from faststream.kafka.message import KafkaMessage as RawMessage
from faststream.kafka.subscriber.usecase import BatchSubscriber

from shared.settings import Settings
from shared.stream.broker_security import broker_security
from shared.stream.consumer import BatchConsumer

MIB = 1024 * 1024
# How soon a topic that was deleted and made anew is noticed; nothing of it costs more than a small request.
METADATA_MAX_AGE_MS = 5_000


def create_broker(settings: Settings, service: str, consumers: Sequence[BatchConsumer]) -> KafkaBroker:
    """Return a broker with one batch subscriber for each consumer, not started.

    Acknowledgement is manual everywhere: positions are stored in PostgreSQL. Records are neither parsed nor decoded by
    FastStream, since one bad header or body would drop its whole batch before it can become a dead letter.
    """
    broker = KafkaBroker(
        settings.kafka_bootstrap_servers,
        security=broker_security(settings),
        client_id=f"gongshi-{service}",
        allow_auto_create_topics=False,
        metadata_max_age_ms=METADATA_MAX_AGE_MS,
        graceful_timeout=settings.stop_timeout_s,
        consumer_only=True,
        logger=None,
    )
    for consumer in consumers:
        _subscribe(broker, settings, service, consumer)
    return broker


def _subscribe(broker: KafkaBroker, settings: Settings, service: str, consumer: BatchConsumer) -> None:
    max_records = settings.batch_records * consumer.subscription.batch_factor
    subscriber: Any = broker.subscriber(
        Topic(settings.topic_prefix + consumer.subscription.topic, declare=False),
        # A group for each topic: in a common group, every subscription that joins at a start would rebalance the others.
        # Cities on one cluster have groups of their own for the same reason.
        group_id=f"gongshi-{service}-{settings.topic_prefix}{consumer.subscription.topic}",
        listener=consumer,
        batch=True,
        max_records=max_records,
        batch_timeout_ms=settings.batch_wait_ms,
        ack_policy=AckPolicy.MANUAL,
        # Never a jump: a position that is out of range is claimed again, and stands where records are lost.
        auto_offset_reset="none",
        isolation_level="read_committed",
        session_timeout_ms=settings.session_timeout_ms,
        heartbeat_interval_ms=settings.session_timeout_ms // 3,
        rebalance_timeout_ms=int(settings.statement_timeout_s * 1000) + settings.session_timeout_ms,
        max_partition_fetch_bytes=MIB,
        fetch_max_wait_ms=100,
        partition_assignment_strategy=(StickyPartitionAssignor,),
        parser=_wrap_raw,
        decoder=_decode_nothing,
    )

    async def receive(message: KafkaMessage) -> None:
        await consumer.consume(message.raw_message)

    subscriber(receive)
    consumer.attach(subscriber, max_records)


async def _wrap_raw(records: Any) -> RawMessage:
    """Wrap the records unparsed; a header that is not text must not cost its neighbours."""
    return RawMessage(raw_message=records, body=b"", consumer=FAKE_CONSUMER)


async def _decode_nothing(_: RawMessage) -> bytes:
    return b""


def assert_manual_ack(broker: KafkaBroker) -> None:
    """Raise `AssertionError` when a subscriber of the broker would acknowledge by itself."""
    for subscriber in broker.subscribers:
        if not isinstance(subscriber, BatchSubscriber) or subscriber.ack_policy is not AckPolicy.MANUAL:
            raise AssertionError(f"{subscriber} does not acknowledge manually")


async def close_broker(broker: KafkaBroker, consumers: Sequence[BatchConsumer]) -> None:
    """Stop fetching, let the batch in flight end, then cancel the claims."""
    await broker.stop()
    await asyncio.gather(*(consumer.stop() for consumer in consumers))
