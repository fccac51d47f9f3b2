"""What the held complaints take on disk: tables with their indexes, and topics."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import asyncpg

BLOCK = 512

SIZES = """
SELECT n.nspname || '.' || c.relname AS name, pg_total_relation_size(c.oid) AS bytes
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
"""


async def table_bytes(connection: asyncpg.Connection) -> dict[str, int]:
    """Return the bytes of every table, indexes and long values included, the largest first."""
    sizes = {row["name"]: int(row["bytes"]) for row in await connection.fetch(SIZES)}
    return dict(sorted(sizes.items(), key=lambda size: -size[1]))


def topic_bytes(log_folder: Path) -> dict[str, int]:
    """Return the bytes on disk of every topic of a broker, all its partitions and index files, the largest first.

    The index files of a log are as long as they may become; only what is written to them takes space.
    """
    sizes: Counter[str] = Counter()
    for partition in log_folder.iterdir():
        topic, _, number = partition.name.rpartition("-")
        if partition.is_dir() and number.isdigit():
            sizes[topic] += sum(file.stat().st_blocks * BLOCK for file in partition.iterdir() if file.is_file())
    return dict(sizes.most_common())
