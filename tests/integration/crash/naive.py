"""A naive consumer, as tutorials write it: Kafka stores the position, every batch is one transaction.

The negative control: under the same faults it must lose or duplicate reports, and the checker must detect that.
"""

from __future__ import annotations

import asyncio
import sys

import asyncpg
from aiokafka import AIOKafkaConsumer

from shared.contracts.topics import REPORTS

TABLE = "CREATE TABLE IF NOT EXISTS naive_counts (key text PRIMARY KEY, reports integer NOT NULL)"
COUNT = "INSERT INTO naive_counts VALUES ($1, 1) ON CONFLICT (key) DO UPDATE SET reports = naive_counts.reports + 1"


async def consume(bootstrap_servers: str, database_url: str) -> None:
    """Count reports by key, for ever."""
    connection = await asyncpg.connect(database_url)
    await connection.execute(TABLE)
    consumer = AIOKafkaConsumer(
        REPORTS,
        bootstrap_servers=bootstrap_servers,
        group_id="naive",
        auto_offset_reset="earliest",
        auto_commit_interval_ms=100,
    )
    await consumer.start()
    while True:
        batches = await consumer.getmany(timeout_ms=500, max_records=500)
        async with connection.transaction():
            await connection.executemany(COUNT, [(record.key.decode(),) for batch in batches.values() for record in batch])


if __name__ == "__main__":
    asyncio.run(consume(*sys.argv[1:]))
