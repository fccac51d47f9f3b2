"""What lists without revision numbers have shown of complaints."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import asyncpg

from services.intake.domain.decision import ComplaintKey
from services.intake.domain.listing import ListedState

FETCH_LISTED = """
SELECT l.source_id, l.external_id, l.listed_at, l.latest, l.progress, l.contents
  FROM unnest($1::bigint[], $2::text[]) AS k(source_id, external_id)
  JOIN intake.listings AS l USING (source_id, external_id)
"""


async def fetch_listed(connection: asyncpg.Connection, keys: Collection[ComplaintKey]) -> dict[ComplaintKey, ListedState]:
    """Return what lists have shown of the complaints, which are to be locked already."""
    rows = await connection.fetch(FETCH_LISTED, [source for source, _ in keys], [external for _, external in keys])
    return {
        (row["source_id"], row["external_id"]): ListedState(row["listed_at"], row["latest"], row["progress"], row["contents"])
        for row in rows
    }


UPSERT_LISTED = """
INSERT INTO intake.listings AS l (source_id, external_id, listed_at, latest, progress, contents)
SELECT *
  FROM unnest($1::bigint[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::bigint[], $6::bytea[])
    ON CONFLICT (source_id, external_id) DO UPDATE
   SET listed_at = excluded.listed_at,
       latest = excluded.latest,
       progress = excluded.progress,
       contents = excluded.contents
"""


async def upsert_listed(connection: asyncpg.Connection, listed: Mapping[ComplaintKey, ListedState]) -> None:
    """Store what lists have shown."""
    if not listed:
        return
    ordered = sorted(listed.items())
    await connection.execute(
        UPSERT_LISTED,
        [source for (source, _), _ in ordered],
        [external for (_, external), _ in ordered],
        *zip(*(state for _, state in ordered), strict=True),
    )
