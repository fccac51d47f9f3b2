"""What lists without revision numbers have shown of complaints."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import asyncpg

from services.intake.domain.decision import ComplaintKey
from services.intake.domain.list_history import ListHistory

FETCH_LIST_HISTORIES = """
SELECT l.source_id, l.external_id, l.listed_at, l.latest, l.progress, l.contents
  FROM unnest($1::bigint[], $2::text[]) AS k(source_id, external_id)
  JOIN intake.listings AS l USING (source_id, external_id)
"""


async def fetch_list_histories(
    connection: asyncpg.Connection, keys: Collection[ComplaintKey]
) -> dict[ComplaintKey, ListHistory]:
    """Return what lists have shown of the complaints, which are to be locked already."""
    rows = await connection.fetch(FETCH_LIST_HISTORIES, [source for source, _ in keys], [external for _, external in keys])
    return {
        (row["source_id"], row["external_id"]): ListHistory(row["listed_at"], row["latest"], row["progress"], row["contents"])
        for row in rows
    }


UPSERT_LIST_HISTORIES = """
INSERT INTO intake.listings AS l (source_id, external_id, listed_at, latest, progress, contents)
SELECT *
  FROM unnest($1::bigint[], $2::text[], $3::timestamptz[], $4::timestamptz[], $5::bigint[], $6::bytea[])
    ON CONFLICT (source_id, external_id) DO UPDATE
   SET listed_at = excluded.listed_at,
       latest = excluded.latest,
       progress = excluded.progress,
       contents = excluded.contents
"""


async def upsert_list_histories(connection: asyncpg.Connection, histories: Mapping[ComplaintKey, ListHistory]) -> None:
    """Store what lists have shown."""
    if not histories:
        return
    by_key = sorted(histories.items())
    await connection.execute(
        UPSERT_LIST_HISTORIES,
        [source for (source, _), _ in by_key],
        [external for (_, external), _ in by_key],
        *zip(*(state for _, state in by_key), strict=True),
    )
