"""A batch of records that nobody unpacks."""

from __future__ import annotations

from aiokafka import ConsumerRecord


class UnreadBatch(ConsumerRecord):  # type: ignore[misc]
    """A batch of records that unpacks to more than is laid out in memory: `value` has its bytes as they came, compressed."""
