"""The seals of the journals, as they are published."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from shared.contracts import JournalSealed

INSERT = """
INSERT INTO publisher.seals (public_key, number, sealed_at, body)
SELECT *
  FROM unnest($1::text[], $2::integer[], $3::timestamptz[], $4::text[])
    ON CONFLICT (public_key, number) DO NOTHING
"""


async def insert_seals(connection: asyncpg.Connection, seals: Sequence[JournalSealed]) -> None:
    """Insert seals that are not stored yet."""
    await connection.execute(
        INSERT,
        [seal.public_key for seal in seals],
        [seal.number for seal in seals],
        [seal.sealed_at for seal in seals],
        [seal.body().decode() for seal in seals],
    )


LAST_SEALED_AT = "SELECT coalesce(extract(epoch FROM max(sealed_at)), 0)::float8 FROM publisher.seals"


async def last_sealed_at(connection: asyncpg.Connection) -> float:
    """Return when the journals were sealed last in seconds since 1970, 0 where they never were."""
    return float(await connection.fetchval(LAST_SEALED_AT))


@dataclass(frozen=True, slots=True)
class StoredSeal:
    """A seal as JSON text, and its place in the order of arrival."""

    id: int
    body: str


SEALS_AFTER = "SELECT id, body FROM publisher.seals WHERE id > $1 ORDER BY id LIMIT $2"


async def fetch_seals_after(connection: asyncpg.Connection, after: int, limit: int) -> list[StoredSeal]:
    """Return the seals that arrived after one of them, oldest first."""
    return [StoredSeal(**dict(row)) for row in await connection.fetch(SEALS_AFTER, after, limit)]
