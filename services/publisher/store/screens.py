"""Display screens and their acknowledgements."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import asyncpg

from shared.contracts import Board, PublicItem
from shared.web.languages import Language

# The hyphen is escaped: browsers read the pattern of a field under the flag v, and ignore one that is no expression by it.
SCREEN_ID = r"[a-z0-9][a-z0-9\-]{0,63}"
# What a lease of an open screen is issued against.
OPEN = "open"


@dataclass(frozen=True, slots=True)
class Screen:
    """A registered screen, at a spot of its place. It shows one language.

    With a region it shows only items of that region and of none, with operators (keys) only those of them and of nobody,
    with boards only theirs, and warnings always. An open screen gives its lease to anybody and proves nothing; any other only
    to the player that has its secret.
    """

    screen_id: str
    name: str
    region: str | None
    language: Language = "zh"
    orientation: str | None = None
    is_open: bool = False
    secret_hash: bytes | None = field(default=None, repr=False)
    pairing_code: str | None = None
    spot: str = ""
    boards: Sequence[str] = ()
    operators: Sequence[str] = ()

    def carries(self, board: Board) -> bool:
        """Return whether it shows items of a board."""
        return not self.boards or board in self.boards or board is Board.WARNINGS

    def shows(self, item: PublicItem) -> bool:
        """Return whether a public item is one that it shows."""
        return (
            self.carries(item.board)
            and (self.region is None or item.region in {None, self.region})
            and (not self.operators or item.operator is None or item.operator.key in self.operators)
        )

    @property
    def credential(self) -> str | None:
        """Return what a lease is bound to; None while the screen is not paired."""
        if self.is_open:
            return OPEN
        return self.secret_hash.hex()[:16] if self.secret_hash else None


REGISTER = """
INSERT INTO publisher.screens AS s (screen_id, name, region, language, orientation, is_open, spot, boards, operators)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (screen_id) DO UPDATE
   SET name = excluded.name, region = excluded.region, language = excluded.language, orientation = excluded.orientation,
       is_open = excluded.is_open, spot = excluded.spot, boards = excluded.boards, operators = excluded.operators,
       removed_at = NULL,
       secret_hash = CASE WHEN s.removed_at IS NULL AND NOT excluded.is_open THEN s.secret_hash END
"""


async def register_screen(connection: asyncpg.Connection, screen: Screen) -> None:
    """Register a screen, or update all but the secret of a registered one; one that was removed begins without a secret."""
    await connection.execute(
        REGISTER, screen.screen_id, screen.name, screen.region, screen.language, screen.orientation, screen.is_open,
        screen.spot, list(screen.boards), list(screen.operators),
    )  # fmt: skip


SOME = """
SELECT screen_id, name, region, language, orientation, is_open, secret_hash, spot, boards, operators,
       CASE WHEN pairing_until > now() THEN pairing_code END AS pairing_code
  FROM publisher.screens
 WHERE screen_id = ANY ($1::text[]) AND removed_at IS NULL
"""


async def fetch_some(connection: asyncpg.Connection, screen_ids: Collection[str]) -> dict[str, Screen]:
    """Return the screens that there are among these, by id; a pairing code only while a screen may be paired by it."""
    return {row["screen_id"]: Screen(**dict(row)) for row in await connection.fetch(SOME, list(screen_ids))}


async def fetch_screen(connection: asyncpg.Connection, screen_id: str) -> Screen | None:
    """Return a screen; its pairing code only while it may be paired by it."""
    return (await fetch_some(connection, [screen_id])).get(screen_id)


COUNT_SCREENS = "SELECT count(*) FROM publisher.screens WHERE secret_hash IS NOT NULL AND removed_at IS NULL"


async def count_screens(connection: asyncpg.Connection) -> int:
    """Return how many screens are paired: those whose acknowledgements prove something."""
    return int(await connection.fetchval(COUNT_SCREENS))


@dataclass(frozen=True, slots=True)
class ShownVersion:
    """A version of an item that a screen showed, or whose withdrawal it followed."""

    screen_id: str
    item_id: str
    version: int
    shown_at: datetime


# In one order, so that two batches never wait for each other.
INSERT_ACKNOWLEDGEMENTS = """
INSERT INTO publisher.acknowledgements (screen_id, item_id, version, shown_at, received_at)
SELECT n.screen_id, r.item_id, r.version, GREATEST(min(n.shown_at), r.released_at), $5
  FROM unnest($1::text[], $2::text[], $3::integer[], $4::timestamptz[]) AS n (screen_id, item_id, version, shown_at)
  JOIN publisher.releases r USING (item_id, version)
 GROUP BY n.screen_id, r.item_id, r.version, r.released_at
 ORDER BY n.screen_id, r.item_id, r.version
    ON CONFLICT (screen_id, item_id, version) DO NOTHING
"""


async def insert_acknowledgements(connection: asyncpg.Connection, shown: Sequence[ShownVersion], at: datetime) -> None:
    """Insert the first time that a screen showed each version; versions that were never released are passed over."""
    columns = [(s.screen_id, s.item_id, s.version, s.shown_at) for s in shown]
    await connection.execute(INSERT_ACKNOWLEDGEMENTS, *map(list, zip(*columns, strict=True)), at)


COUNT_ACKNOWLEDGEMENTS = """
SELECT w.item_id, w.version, count(DISTINCT a.screen_id) AS screens
  FROM unnest($1::text[], $2::integer[]) AS w(item_id, version)
  LEFT JOIN (publisher.acknowledgements a
             JOIN publisher.screens s ON s.screen_id = a.screen_id AND s.secret_hash IS NOT NULL AND s.removed_at IS NULL)
         ON a.item_id = w.item_id AND a.version >= w.version
 GROUP BY w.item_id, w.version
"""


async def count_acknowledgements(
    connection: asyncpg.Connection, wanted: Sequence[tuple[str, int]]
) -> dict[tuple[str, int], int]:
    """Return how many paired screens have acknowledged a version (item id, version) or a later one, which took its place."""
    rows = await connection.fetch(COUNT_ACKNOWLEDGEMENTS, [w[0] for w in wanted], [w[1] for w in wanted])
    return {(row["item_id"], row["version"]): row["screens"] for row in rows}


@dataclass(frozen=True, slots=True)
class Delivery:
    """How many screens have shown a version or a later one, and when the last one did; None while none has."""

    screens: int
    last_at: datetime | None


DELIVERIES = """
SELECT w.item_id, w.version, count(DISTINCT a.screen_id) AS screens, max(a.shown_at) AS last_at
  FROM unnest($1::text[], $2::integer[]) AS w(item_id, version)
  LEFT JOIN (publisher.acknowledgements a
             JOIN publisher.screens s ON s.screen_id = a.screen_id AND s.secret_hash IS NOT NULL AND s.removed_at IS NULL)
         ON a.item_id = w.item_id AND a.version >= w.version
 GROUP BY w.item_id, w.version
"""


async def fetch_deliveries(
    connection: asyncpg.Connection, wanted: Sequence[tuple[str, int]]
) -> dict[tuple[str, int], Delivery]:
    """Return the delivery of versions (item id, version) to the paired screens."""
    rows = await connection.fetch(DELIVERIES, [w[0] for w in wanted], [w[1] for w in wanted])
    return {(row["item_id"], row["version"]): Delivery(row["screens"], row["last_at"]) for row in rows}


@dataclass(frozen=True, slots=True)
class Recall:
    """The withdrawal of an item; `version` is that of the withdrawal."""

    item_id: str
    version: int


RECALLS = """
SELECT r.item_id, r.version
  FROM publisher.releases r
 WHERE r.release_seq > $1 AND r.kind = 'withdrawn'
 ORDER BY r.release_seq
 LIMIT $2
"""


async def fetch_recalls(connection: asyncpg.Connection, after_seq: int, limit: int) -> list[Recall]:
    """Return the withdrawals after release `after_seq`, oldest first."""
    return [Recall(**dict(row)) for row in await connection.fetch(RECALLS, after_seq, limit)]


SCREENS = """
SELECT s.screen_id, s.name, s.region, s.language, s.orientation, s.is_open, s.secret_hash, s.spot, s.boards, s.operators,
       CASE WHEN s.pairing_until > now() THEN s.pairing_code END AS pairing_code,
       (SELECT max(a.received_at) FROM publisher.acknowledgements a WHERE a.screen_id = s.screen_id) AS acknowledged_at
  FROM publisher.screens s
 WHERE s.removed_at IS NULL
 ORDER BY s.screen_id
"""


async def fetch_screens(connection: asyncpg.Connection) -> list[tuple[Screen, datetime | None]]:
    """Return every screen with the time of its last acknowledgement."""
    rows = [dict(row) for row in await connection.fetch(SCREENS)]
    return [(Screen(**{k: v for k, v in row.items() if k != "acknowledged_at"}), row["acknowledged_at"]) for row in rows]


SET_SEEN = """
UPDATE publisher.screens s
   SET seen_at = greatest(s.seen_at, $2)
  FROM unnest($1::text[]) AS seen (screen_id)
 WHERE s.screen_id = seen.screen_id AND s.removed_at IS NULL
"""


async def set_seen(connection: asyncpg.Connection, screen_ids: Collection[str], at: datetime) -> None:
    """Store that the players of screens were given leases until then."""
    await connection.execute(SET_SEEN, sorted(screen_ids), at)


@dataclass(frozen=True, slots=True)
class LostScreen:
    """A paired screen that stays away. `seen_at`: when its player was given its last lease, to the minute."""

    name: str
    seen_at: datetime


LOST = """
SELECT name, seen_at
  FROM publisher.screens
 WHERE secret_hash IS NOT NULL
   AND removed_at IS NULL
   AND seen_at BETWEEN $1::timestamptz - interval '7 days' AND $1::timestamptz - interval '10 minutes'
 ORDER BY seen_at, name
"""


async def fetch_lost_screens(connection: asyncpg.Connection, now: datetime) -> list[LostScreen]:
    """Return the paired screens that were there within a week and not within ten minutes, the longest away first."""
    return [LostScreen(**dict(row)) for row in await connection.fetch(LOST, now)]
