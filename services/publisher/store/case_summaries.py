"""Case summaries that people wrote, and the redacted texts beside which they write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

import asyncpg

from services.publisher.domain.case_summary import CaseSummary


class ComplaintTexts(NamedTuple):
    """Title and text of a complaint, redacted."""

    title: str | None
    story: str | None


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
    ON CONFLICT (complaint_id) DO UPDATE SET title = excluded.title, story = excluded.story
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
SELECT t.title, t.story
  FROM publisher.complaint_texts t
  JOIN publisher.items i ON i.natural_key = t.complaint_id AND i.board = 'major'
 WHERE i.item_id = $1
"""


async def fetch_texts(connection: asyncpg.Connection, item_id: str) -> ComplaintTexts | None:
    """Return the texts of the complaint behind an item; None once it was decided on."""
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
