"""Case summaries that people wrote, and the redacted texts beside which they write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import asyncpg

from services.publisher.domain.case_summary import CaseSummary


class ComplaintTexts(NamedTuple):
    """Title and text of a complaint, redacted. `waits`: for the second stage, without which nobody reads them."""

    title: str | None
    story: str | None
    waits: bool = False


class UnsearchedTexts(NamedTuple):
    """Texts that wait for the second stage, with what is public about the operator."""

    complaint_id: str
    title: str | None
    story: str | None
    operator_name: str | None
    operator_address: str | None


SUMMARIES = "SELECT item_id, summary, edited_by FROM publisher.case_summaries WHERE item_id = ANY ($1::text[])"


async def fetch_summaries(connection: asyncpg.Connection, item_ids: Sequence[str]) -> dict[str, CaseSummary]:
    """Return the summaries that people wrote, by item."""
    if not item_ids:
        return {}
    rows = await connection.fetch(SUMMARIES, item_ids)
    return {row["item_id"]: CaseSummary(row["summary"], row["edited_by"]) for row in rows}


STORE_SUMMARY = """
INSERT INTO publisher.case_summaries (item_id, summary, edited_by, edited_at)
VALUES ($1, $2, $3, $4)
    ON CONFLICT (item_id) DO UPDATE
   SET summary = excluded.summary, edited_by = excluded.edited_by, edited_at = excluded.edited_at
"""


async def store_summary(connection: asyncpg.Connection, item_id: str, summary: CaseSummary, at: datetime) -> None:
    """Store a summary in place of an earlier one."""
    await connection.execute(STORE_SUMMARY, item_id, summary.text, summary.edited_by, at)


STORE_TEXTS = """
INSERT INTO publisher.complaint_texts (complaint_id, title, story)
SELECT c.complaint_id, c.title, c.story
  FROM unnest($1::text[], $2::text[], $3::text[]) AS c(complaint_id, title, story)
 WHERE EXISTS (
       SELECT
         FROM publisher.items i
         JOIN publisher.versions v USING (item_id)
        WHERE i.board = 'major' AND i.natural_key = c.complaint_id
          AND v.state IN ('draft', 'returned', 'approved') AND v.purpose = 'publish')
    ON CONFLICT (complaint_id) DO UPDATE SET title = excluded.title, story = excluded.story, searched_at = NULL
RETURNING complaint_id
"""
DELETE_OLD_TEXTS = "DELETE FROM publisher.complaint_texts WHERE complaint_id = ANY ($1::text[])"


async def store_texts(connection: asyncpg.Connection, texts: Mapping[str, ComplaintTexts]) -> None:
    """Store the newest texts of complaints, by complaint id, where a draft waits for its summary; delete the others."""
    if not texts:
        return
    stored = await connection.fetch(
        STORE_TEXTS, list(texts), [each.title for each in texts.values()], [each.story for each in texts.values()]
    )
    old = texts.keys() - {row["complaint_id"] for row in stored}
    if old:
        await connection.execute(DELETE_OLD_TEXTS, list(old))


TEXTS = """
SELECT CASE WHEN t.searched_at IS NOT NULL THEN t.title END AS title,
       CASE WHEN t.searched_at IS NOT NULL THEN t.story END AS story,
       t.searched_at IS NULL AS waits
  FROM publisher.complaint_texts t
  JOIN publisher.items i ON i.natural_key = t.complaint_id AND i.board = 'major'
 WHERE i.item_id = $1
"""


async def fetch_texts(connection: asyncpg.Connection, item_id: str) -> ComplaintTexts | None:
    """Return the texts of the complaint behind an item, or that they wait; None once it was decided on."""
    row = await connection.fetchrow(TEXTS, item_id)
    return ComplaintTexts(**row) if row else None


DELETE_TEXTS = """
DELETE FROM publisher.complaint_texts t
 USING publisher.items i
 WHERE i.board = 'major' AND i.natural_key = t.complaint_id AND i.item_id = ANY ($1::text[])
"""


async def delete_texts(connection: asyncpg.Connection, item_ids: Iterable[str]) -> None:
    """Delete the texts of the complaints behind items that were decided on."""
    await connection.execute(DELETE_TEXTS, list(item_ids))


UNSEARCHED = """
SELECT t.complaint_id, t.title, t.story, v.form -> 'operator' ->> 'name' AS operator_name,
       v.form -> 'operator' ->> 'address' AS operator_address
  FROM publisher.complaint_texts t
  LEFT JOIN publisher.items i ON i.natural_key = t.complaint_id AND i.board = 'major'
  LEFT JOIN LATERAL (
       SELECT form FROM publisher.versions WHERE item_id = i.item_id ORDER BY version DESC LIMIT 1) v ON true
 WHERE t.searched_at IS NULL
 ORDER BY t.complaint_id
 LIMIT $1
"""


async def fetch_unsearched(connection: asyncpg.Connection, limit: int) -> list[UnsearchedTexts]:
    """Return some texts that the second stage has not searched."""
    return [UnsearchedTexts(**row) for row in await connection.fetch(UNSEARCHED, limit)]


STORE_SEARCHED = """
UPDATE publisher.complaint_texts t
   SET title = s.title, story = s.story, searched_at = $6
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
       AS s(complaint_id, old_title, old_story, title, story)
 WHERE t.complaint_id = s.complaint_id AND t.searched_at IS NULL
   AND t.title IS NOT DISTINCT FROM s.old_title AND t.story IS NOT DISTINCT FROM s.old_story
"""


async def store_searched(
    connection: asyncpg.Connection, searched: Sequence[tuple[UnsearchedTexts, ComplaintTexts]], at: datetime
) -> None:
    """Store what the second stage left of texts; those that a revision replaced meanwhile are searched again."""
    old, new = [before for before, _ in searched], [after for _, after in searched]
    await connection.execute(
        STORE_SEARCHED,
        [each.complaint_id for each in old],
        [each.title for each in old],
        [each.story for each in old],
        [each.title for each in new],
        [each.story for each in new],
        at,
    )
