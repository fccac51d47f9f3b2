"""Lists of the desk: open versions that are decided one by one, by state, their counts, and every version of an item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import asyncpg

from services.publisher.domain.drafting import State
from services.publisher.domain.search import like_pattern
from services.publisher.store.versions import Version
from shared.contracts import Board
from shared.identifiers import canonical_uscc

KeysetPosition = tuple[bool, bool, datetime, str]
"""Where a page of open versions begins: (not urgent, fails a check, drafted at, item id) of the row before it."""
FIRST_POSITION: KeysetPosition = (False, False, datetime(1970, 1, 1, tzinfo=UTC), "")


@dataclass(frozen=True, slots=True)
class VersionFilter:
    """Conditions on open versions. `check` is `fail`, `warn` or `pass`; `drafted_until` the latest time of drafting.

    `q` is a part of a title, an operator's name or an item's number, or a whole credit code.
    """

    state: State
    board: Board | None = None
    check: str | None = None
    q: str | None = None
    month: str | None = None
    region: str | None = None
    kind: str | None = None
    drafted_until: datetime | None = None

    def arguments(self) -> tuple[object, ...]:
        """Return the conditions as the statements take them, $1 to $9."""
        code = canonical_uscc(self.q) if self.q else None
        like = like_pattern(self.q)
        return (self.state, self.board, self.check, like, code, self.month, self.region, self.kind, self.drafted_until)


# Of open versions that are decided one by one those that meet a `VersionFilter`.
_MATCHING = """
  FROM publisher.versions v
  JOIN publisher.items i USING (item_id)
 WHERE v.state = $1
   AND v.state IN ('draft', 'returned', 'approved')
   AND v.batch_id IS NULL
   AND ($2::text IS NULL OR i.board = $2)
   AND ($3::text IS NULL OR $3 = CASE WHEN v.failing > 0 THEN 'fail' WHEN v.warning > 0 THEN 'warn' ELSE 'pass' END)
   AND ($4::text IS NULL OR v.form ->> 'title' ILIKE $4 OR v.item_id ILIKE $4 OR v.form #>> '{operator,name}' ILIKE $4
        OR v.form #>> '{operator,uscc}' = $5)
   AND ($6::text IS NULL OR v.form ->> 'period' = $6)
   AND ($7::text IS NULL OR v.form ->> 'region' = $7)
   AND ($8::text IS NULL OR v.form ->> 'kind' = $8)
   AND ($9::timestamptz IS NULL OR v.drafted_at <= $9)
"""
_BEHIND = "AND (NOT v.urgent, v.failing > 0, v.drafted_at, v.item_id) > ($10, $11, $12, $13)"
_IN_ORDER = "ORDER BY NOT v.urgent, v.failing > 0, v.drafted_at, v.item_id"
OPEN_VERSIONS = f"""
SELECT v.item_id, i.board, v.version, v.purpose, v.state, v.form, v.digest, v.checks, v.failing, v.warning, v.drafted_by,
       v.drafted_at, v.rules_version, v.ruling_id, v.return_code, v.return_note, v.decided_by, v.decided_at, v.urgent
 {_MATCHING} {_BEHIND} {_IN_ORDER}
 LIMIT $14
"""


async def fetch_open_versions(
    connection: asyncpg.Connection, criteria: VersionFilter, *, after: KeysetPosition = FIRST_POSITION, limit: int
) -> list[Version]:
    """Return open versions behind a position: urgent ones first, those that fail a check last, else by time of drafting."""
    rows = await connection.fetch(OPEN_VERSIONS, *criteria.arguments(), *after, limit)
    return [Version.from_row(row) for row in rows]


OPEN_VERSIONS_OF = """
SELECT v.item_id, i.board, v.version, v.purpose, v.state, v.form, v.digest, v.checks, v.failing, v.warning, v.drafted_by,
       v.drafted_at, v.rules_version, v.ruling_id, v.return_code, v.return_note, v.decided_by, v.decided_at, v.urgent
  FROM publisher.versions v
  JOIN publisher.items i USING (item_id)
 WHERE v.item_id = ANY ($1::text[])
   AND v.state = $2
   AND v.state IN ('draft', 'returned', 'approved')
 ORDER BY NOT v.urgent, v.drafted_at, v.item_id
"""


async def fetch_open_versions_of(connection: asyncpg.Connection, item_ids: Sequence[str], state: State) -> list[Version]:
    """Return the open versions of items, those in the state: urgent ones first."""
    return [Version.from_row(row) for row in await connection.fetch(OPEN_VERSIONS_OF, item_ids, state)]


NEXT_OPEN = f"SELECT v.item_id {_MATCHING} {_BEHIND} {_IN_ORDER} LIMIT 1"
PREVIOUS_OPEN = f"""
SELECT v.item_id {_MATCHING}
   AND (NOT v.urgent, v.failing > 0, v.drafted_at, v.item_id) < ($10, $11, $12, $13)
 ORDER BY (NOT v.urgent) DESC, (v.failing > 0) DESC, v.drafted_at DESC, v.item_id DESC
 LIMIT 1
"""


async def fetch_neighbours(
    connection: asyncpg.Connection, version: Version, criteria: VersionFilter | None = None
) -> tuple[str | None, str | None]:
    """Return the items before and behind an open version in the list of its state, which may be narrowed."""
    place = (not version.urgent, version.failing > 0, version.drafted_at, version.item_id)
    arguments = (*(criteria or VersionFilter(version.state)).arguments(), *place)
    return await connection.fetchval(PREVIOUS_OPEN, *arguments), await connection.fetchval(NEXT_OPEN, *arguments)


COUNT_OPEN_VERSIONS = f"SELECT count(*) {_MATCHING}"


async def count_open_versions(connection: asyncpg.Connection, criteria: VersionFilter) -> int:
    """Return how many open versions meet the conditions."""
    return int(await connection.fetchval(COUNT_OPEN_VERSIONS, *criteria.arguments()))


COUNT_URGENT = (
    "SELECT count(*) FROM publisher.versions WHERE urgent AND state = $1 AND state IN ('draft', 'returned', 'approved')"
)


async def count_urgent(connection: asyncpg.Connection, state: State) -> int:
    """Return how many open versions in a state are urgent."""
    return int(await connection.fetchval(COUNT_URGENT, state))


PROPOSED, BATCHED, STOPPED, SCHEDULED = "proposed", "batched", "stopped", "scheduled"
COUNT_BY_STATE = """
SELECT state, count(*) AS versions
  FROM publisher.versions
 WHERE state IN ('draft', 'returned', 'approved')
   AND batch_id IS NULL
 GROUP BY state
UNION ALL
SELECT 'batched', count(*)
  FROM publisher.item_batches b
 WHERE EXISTS (SELECT FROM publisher.versions v WHERE v.batch_id = b.batch_id AND v.state IN ('draft', 'approved'))
UNION ALL
SELECT 'proposed', count(*)
  FROM publisher.non_publications n
  JOIN publisher.versions v USING (item_id, version, digest)
 WHERE n.confirmed_by IS NULL
   AND v.state IN ('draft', 'returned', 'approved')
UNION ALL
SELECT 'stopped', count(*)
  FROM publisher.stops s
 WHERE NOT EXISTS (SELECT FROM publisher.stop_decisions d WHERE (d.item_id, d.version) = (s.item_id, s.version))
UNION ALL
SELECT 'scheduled', (SELECT count(*) FROM publisher.scheduled_releases WHERE outcome IS NULL)
                    + (SELECT count(*) FROM publisher.holds WHERE lifted_at IS NULL)
"""


async def count_by_state(connection: asyncpg.Connection) -> dict[str, int]:
    """Return how many open versions that are decided one by one are in each state.

    Also of how many it is proposed not to publish them (`PROPOSED`), how many batches wait (`BATCHED`), and how many
    withdrawals by one person wait for a second one (`STOPPED`), and how many wait for their time or are held (`SCHEDULED`).
    """
    return {row["state"]: row["versions"] for row in await connection.fetch(COUNT_BY_STATE)}


OLDEST_BY_QUEUE = """
SELECT CASE WHEN urgent THEN 'urgent' ELSE state END AS queue, min(drafted_at) AS drafted_at
  FROM publisher.versions
 WHERE state IN ('draft', 'returned', 'approved')
 GROUP BY 1
UNION ALL
SELECT 'stopped', min(s.stopped_at)
  FROM publisher.stops s
 WHERE NOT EXISTS (SELECT FROM publisher.stop_decisions d WHERE (d.item_id, d.version) = (s.item_id, s.version))
HAVING count(*) > 0
"""


async def fetch_oldest_by_queue(connection: asyncpg.Connection) -> dict[str, datetime]:
    """Return when the oldest open version of each queue was drafted; `urgent` is a queue of its own, else it is the state.

    `stopped`: since when the oldest withdrawal by one person waits for a second one.
    """
    return {row["queue"]: row["drafted_at"] for row in await connection.fetch(OLDEST_BY_QUEUE)}


VERSIONS_OF_ITEM = """
SELECT v.item_id, i.board, v.version, v.purpose, v.state, v.form, v.digest, v.checks, v.failing, v.warning, v.drafted_by,
       v.drafted_at, v.rules_version, v.ruling_id, v.return_code, v.return_note, v.decided_by, v.decided_at, v.urgent
  FROM publisher.versions v
  JOIN publisher.items i USING (item_id)
 WHERE v.item_id = $1
 ORDER BY v.version DESC
"""


async def fetch_versions(connection: asyncpg.Connection, item_id: str) -> list[Version]:
    """Return every version of an item, newest first."""
    return [Version.from_row(row) for row in await connection.fetch(VERSIONS_OF_ITEM, item_id)]


PUBLIC_TITLES = """
SELECT v.item_id, v.form ->> 'title' AS title
  FROM publisher.versions v
 WHERE v.item_id = ANY ($1::text[])
   AND v.state = 'released'
   AND v.purpose = 'publish'
"""


async def fetch_public_titles(connection: asyncpg.Connection, item_ids: list[str]) -> dict[str, str]:
    """Return the titles of what is public of items by item id."""
    return {row["item_id"]: row["title"] for row in await connection.fetch(PUBLIC_TITLES, item_ids)} if item_ids else {}
