"""Items with their versions as drafting and release lock them: by natural key, by id; new items and freed keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import asyncpg

from services.publisher.domain.drafting import ItemVersions, Purpose, State, VersionContent
from services.publisher.domain.form import Form
from shared.contracts import Board

LOCK_DRAFTING = "SELECT pg_advisory_xact_lock(hashtext('publisher.drafting'))"


async def lock_drafting(connection: asyncpg.Connection) -> None:
    """Let one transaction at a time draft, since a natural key belongs to one item."""
    await connection.execute(LOCK_DRAFTING)


LOCK_BY_KEY = """
SELECT item_id
  FROM publisher.items
 WHERE board = $1
   AND natural_key = ANY ($2::text[])
 ORDER BY item_id
   FOR UPDATE
"""
ITEM_VERSIONS = """
SELECT i.item_id, i.board, i.natural_key,
       o.version AS open_version, o.state AS open_state, o.purpose AS open_purpose, o.form AS open_form,
       o.drafted_by AS open_drafted_by, o.rules_version AS open_rules_version,
       p.version AS public_version, p.state AS public_state, p.purpose AS public_purpose, p.form AS public_form,
       p.drafted_by AS public_drafted_by, p.rules_version AS public_rules_version,
       d.version AS declined_version, d.state AS declined_state, d.purpose AS declined_purpose, d.form AS declined_form,
       d.drafted_by AS declined_drafted_by, d.rules_version AS declined_rules_version,
       l.last, c.form AS last_content, i.follows
  FROM publisher.items i
 CROSS JOIN LATERAL (SELECT max(v.version) AS last FROM publisher.versions v WHERE v.item_id = i.item_id) l
  LEFT JOIN publisher.versions o ON o.item_id = i.item_id AND o.state IN ('draft', 'returned', 'approved')
  LEFT JOIN publisher.versions p ON p.item_id = i.item_id AND p.state = 'released'
  LEFT JOIN publisher.versions d
    ON d.item_id = i.item_id AND d.version = l.last AND d.state = 'rejected' AND d.return_code IS NOT NULL
  LEFT JOIN LATERAL (
       SELECT v.form
         FROM publisher.versions v
        WHERE v.item_id = i.item_id AND v.purpose = 'publish' AND v.state IN ('released', 'superseded')
        ORDER BY v.version DESC
        LIMIT 1) c ON true
 WHERE i.item_id = ANY ($1::text[])
"""


async def lock_items(connection: asyncpg.Connection, board: Board, keys: Sequence[str]) -> dict[str, ItemVersions]:
    """Return the items of a board with these natural keys, by natural key, locked."""
    locked = await connection.fetch(LOCK_BY_KEY, board, keys)
    rows = await connection.fetch(ITEM_VERSIONS, [row["item_id"] for row in locked])
    return {row["natural_key"]: _item_versions(row) for row in rows}


LOCK_ITEMS = "SELECT item_id FROM publisher.items WHERE item_id = ANY ($1::text[]) ORDER BY item_id FOR UPDATE"


async def lock_item(connection: asyncpg.Connection, item_id: str) -> ItemVersions | None:
    """Return one item, locked."""
    await connection.execute(LOCK_ITEMS, [item_id])
    row = await connection.fetchrow(ITEM_VERSIONS, [item_id])
    return _item_versions(row) if row else None


def _item_versions(row: asyncpg.Record) -> ItemVersions:
    return ItemVersions(
        row["item_id"],
        Board(row["board"]),
        _version_content(row, "open"),
        _version_content(row, "public"),
        row["last"] or 0,
        _version_content(row, "declined"),
        Form.model_validate_json(row["last_content"]) if row["last_content"] else None,
        row["follows"],
    )


def _version_content(row: asyncpg.Record, which: str) -> VersionContent | None:
    if row[f"{which}_version"] is None:
        return None
    return VersionContent(
        row[f"{which}_version"],
        State(row[f"{which}_state"]),
        Purpose(row[f"{which}_purpose"]),
        Form.model_validate_json(row[f"{which}_form"]),
        row[f"{which}_drafted_by"],
        row[f"{which}_rules_version"],
    )


NEXT_NUMBERS = "SELECT nextval('publisher.item_numbers') AS number FROM generate_series(1, $1::integer)"
INSERT_ITEMS = """
INSERT INTO publisher.items (item_id, board, natural_key, drafted_at, follows, kind)
SELECT n.item_id, $4, n.natural_key, $5, n.follows, $6
  FROM unnest($1::text[], $2::text[], $3::text[]) AS n(item_id, natural_key, follows)
"""


async def insert_items(
    connection: asyncpg.Connection,
    board: Board,
    follows: Mapping[str, str | None],
    year: int,
    at: datetime,
    *,
    kind: str | None = None,
) -> dict[str, str]:
    """Insert items and return their ids by natural key; `follows` names for each natural key the item in whose place it is.

    `kind`: that of the desk's items.
    """
    keys = list(follows)
    numbers = [row["number"] for row in await connection.fetch(NEXT_NUMBERS, len(keys))]
    ids = {key: f"GS-{year}-{number:06d}" for key, number in zip(keys, numbers, strict=True)}
    await connection.execute(INSERT_ITEMS, list(ids.values()), keys, list(follows.values()), board, at, kind)
    return ids


SET_KEY = "UPDATE publisher.items SET natural_key = $2 WHERE item_id = $1"


async def set_key(connection: asyncpg.Connection, item_id: str, key: str) -> None:
    """Give an item another natural key, which no item of its board has."""
    await connection.execute(SET_KEY, item_id, key)


KEYS = "SELECT natural_key FROM publisher.items WHERE board = $1 AND item_id = ANY ($2::text[])"


async def fetch_keys(connection: asyncpg.Connection, board: Board, item_ids: Sequence[str]) -> list[str]:
    """Return the natural keys of those items that are on the board."""
    return [row["natural_key"] for row in await connection.fetch(KEYS, board, item_ids)]


# The old item keeps its own number in the key; nothing looks it up by that.
FREE_KEYS = """
UPDATE publisher.items i
   SET natural_key = i.natural_key || '~' || i.item_id
 WHERE i.item_id = ANY ($1::text[])
"""


async def free_keys(connection: asyncpg.Connection, item_ids: Sequence[str]) -> None:
    """Take the natural keys from items, so that new items can have them."""
    if item_ids:
        await connection.execute(FREE_KEYS, item_ids)
