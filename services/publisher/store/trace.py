"""Where an item stands on its way to the screens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg


@dataclass(frozen=True, slots=True)
class TracedItem:
    """An item by its newest version: its checks, reviews and releases, and how many screens have shown what is public.

    `key`: the complaint's id on the major board, month and operator, or kind and complaint's id, on the basic one.
    `failing`: names of failed checks.
    """

    item_id: str
    board: str
    key: str
    version: int
    state: str
    purpose: str
    failing: tuple[str, ...]
    drafted_at: datetime
    reviews: int
    return_code: str | None
    public_version: int | None
    public_state: str | None
    released_at: datetime | None
    screens: int


# A natural key that was freed for a new item has the old item's id behind it; the new one names whom it follows.
FIND = """
WITH RECURSIVE named AS (
    SELECT item_id, follows
      FROM publisher.items
     WHERE item_id = $1
        OR (board = 'major' AND natural_key = ANY ($2::text[]))
        OR (board = 'basic' AND natural_key = ANY ($3::text[]))
), before AS (
    SELECT item_id, follows FROM named
     UNION
    SELECT i.item_id, i.follows FROM publisher.items i JOIN before b ON i.item_id = b.follows
), after AS (
    SELECT item_id FROM named
     UNION
    SELECT i.item_id FROM publisher.items i JOIN after a ON i.follows = a.item_id
)
SELECT i.item_id, i.board, split_part(i.natural_key, '~', 1) AS key, v.version, v.state, v.purpose, v.drafted_at, v.return_code,
       ARRAY(SELECT c ->> 'name' FROM jsonb_array_elements(v.checks) c WHERE c ->> 'result' = 'fail') AS failing,
       (SELECT count(*) FROM publisher.approvals a
         WHERE (a.item_id, a.version, a.digest) = (v.item_id, v.version, v.digest) AND a.step = 'review') AS reviews,
       r.version AS public_version, r.kind AS public_state, r.released_at,
       (SELECT count(DISTINCT a.screen_id) FROM publisher.acknowledgements a
         WHERE (a.item_id, a.version) = (r.item_id, r.version)) AS screens
  FROM publisher.items i
 CROSS JOIN LATERAL (SELECT * FROM publisher.versions v WHERE v.item_id = i.item_id ORDER BY v.version DESC LIMIT 1) v
  LEFT JOIN LATERAL (
       SELECT * FROM publisher.releases r WHERE r.item_id = i.item_id ORDER BY r.release_seq DESC LIMIT 1) r ON true
 WHERE i.item_id IN (SELECT item_id FROM before UNION SELECT item_id FROM after)
 ORDER BY i.board DESC, i.item_id
"""


async def find_items(
    connection: asyncpg.Connection, item_id: str, complaint_ids: Sequence[str], months: Sequence[str]
) -> list[TracedItem]:
    """Return the item with this id, those of complaints, and those of natural keys of the basic board.

    With each come the withdrawn items in whose place it was drafted, and those drafted in its place.
    """
    rows = await connection.fetch(FIND, item_id, complaint_ids, months)
    return [TracedItem(**{**dict(row), "failing": tuple(row["failing"])}) for row in rows]
