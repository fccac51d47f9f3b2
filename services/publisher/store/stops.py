"""What one person took off public view at once, and what a second person said of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import asyncpg

from services.publisher.domain.form import Form
from services.publisher.store.versions import Version
from shared.contracts import Board
from shared.rules import RuleBook


class StopOutcome(StrEnum):
    """What a second person said of a stop; `EARLIER` was withdrawn by a ruling before anybody was asked."""

    CONFIRMED = "confirmed"
    REVERSED = "reversed"
    EARLIER = "earlier"


@dataclass(frozen=True, slots=True)
class Stop:
    """A withdrawal by one person, and the decision on it; `title` is that of the last public content.

    `stopped_by` is a person, or the reply number of the ruling with `ruling_id`.
    """

    item_id: str
    version: int
    board: Board
    title: str | None
    code: str
    note: str
    stopped_by: str
    stopped_at: datetime
    ruling_id: UUID | None
    outcome: StopOutcome | None
    decided_by: str | None
    decided_at: datetime | None

    @classmethod
    def from_row(cls, row: asyncpg.Record) -> Stop:
        """Build from a row of `stops` with its item, versions and decision."""
        outcome = StopOutcome(row["outcome"]) if row["outcome"] else None
        return cls(**{**dict(row), "board": Board(row["board"]), "outcome": outcome})


INSERT_GATE_STOPS = """
INSERT INTO publisher.gate_stops (rules_version, board, codes)
VALUES ($1, $2, $3)
    ON CONFLICT (rules_version, board) DO NOTHING
"""
GATE_STOPS = "SELECT rules_version, board, codes FROM publisher.gate_stops"


async def ensure_gate_stops(connection: asyncpg.Connection, rule_book: RuleBook) -> bool:
    """Insert for which reasons one person is enough; return whether what is stored is what the rules say."""
    wanted = {
        (rules.version, board.value): codes if (codes := rules.stops.codes(board)) is None else sorted(codes)
        for rules in rule_book.versions
        for board in rules.boards
    }
    await connection.executemany(INSERT_GATE_STOPS, [(*key, codes) for key, codes in wanted.items()])
    stored = {(row["rules_version"], row["board"]): row["codes"] for row in await connection.fetch(GATE_STOPS)}
    return all(stored[key] == codes for key, codes in wanted.items())


INSERT = """
INSERT INTO publisher.stops (item_id, version, digest, code, stopped_by, stopped_at, ruling_id, rules_version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""


async def insert(connection: asyncpg.Connection, withdrawal: Version, *, by: str, at: datetime, rules_version: str) -> None:
    """Store that one person withdraws. Raises `asyncpg.CheckViolationError` where the rules or the person do not allow it."""
    await connection.execute(
        INSERT,
        withdrawal.item_id,
        withdrawal.version,
        withdrawal.digest,
        withdrawal.form.reason_code,
        by,
        at,
        withdrawal.ruling_id,
        rules_version,
    )


DECIDE = "INSERT INTO publisher.stop_decisions (item_id, version, outcome, decided_by, decided_at) VALUES ($1, $2, $3, $4, $5)"


async def decide(
    connection: asyncpg.Connection, item_id: str, version: int, outcome: StopOutcome, *, by: str, at: datetime
) -> None:
    """Store a second person's decision. Raises `asyncpg.CheckViolationError` for who stopped it."""
    await connection.execute(DECIDE, item_id, version, outcome, by, at)


OF_ITEM = """
SELECT s.item_id, s.version, i.board, c.title, s.code, v.form ->> 'reason' AS note, s.stopped_by, s.stopped_at, s.ruling_id,
       d.outcome, d.decided_by, d.decided_at
  FROM publisher.stops s
  JOIN publisher.items i USING (item_id)
  JOIN publisher.versions v USING (item_id, version)
  LEFT JOIN publisher.stop_decisions d USING (item_id, version)
  LEFT JOIN LATERAL (
       SELECT p.form ->> 'title' AS title
         FROM publisher.versions p
        WHERE p.item_id = s.item_id AND p.purpose = 'publish' AND p.state IN ('released', 'superseded')
        ORDER BY p.version DESC
        LIMIT 1) c ON true
 WHERE s.item_id = $1
 ORDER BY s.version DESC
 LIMIT 1
"""


async def fetch_of_item(connection: asyncpg.Connection, item_id: str) -> Stop | None:
    """Return the newest stop of an item."""
    row = await connection.fetchrow(OF_ITEM, item_id)
    return Stop.from_row(row) if row else None


LIST = """
SELECT s.item_id, s.version, i.board, c.title, s.code, v.form ->> 'reason' AS note, s.stopped_by, s.stopped_at, s.ruling_id,
       d.outcome, d.decided_by, d.decided_at
  FROM publisher.stops s
  JOIN publisher.items i USING (item_id)
  JOIN publisher.versions v USING (item_id, version)
  LEFT JOIN publisher.stop_decisions d USING (item_id, version)
  LEFT JOIN LATERAL (
       SELECT p.form ->> 'title' AS title
         FROM publisher.versions p
        WHERE p.item_id = s.item_id AND p.purpose = 'publish' AND p.state IN ('released', 'superseded')
        ORDER BY p.version DESC
        LIMIT 1) c ON true
 WHERE (d.outcome IS NULL) = $1
   AND ($2::timestamptz IS NULL OR (s.stopped_at, s.item_id) < ($2, $3))
 ORDER BY s.stopped_at DESC, s.item_id DESC
 LIMIT $4
"""


async def list_stops(
    connection: asyncpg.Connection, *, waiting: bool, before: tuple[datetime, str] | None = None, limit: int
) -> list[Stop]:
    """Return the stops that wait for a second person, or those that are decided; the newest first, from `before` on."""
    moment, item_id = before or (None, "")
    return [Stop.from_row(row) for row in await connection.fetch(LIST, waiting, moment, item_id, limit)]


@dataclass(frozen=True, slots=True)
class LastContent:
    """An item's place among the items, and what of it was public last."""

    natural_key: str
    kind: str | None
    form: Form
    checks: str
    facts: str
    drafted_by: str


LAST_CONTENT = """
SELECT i.natural_key, i.kind, v.form, v.checks, v.facts, v.drafted_by
  FROM publisher.items i
  JOIN publisher.versions v USING (item_id)
 WHERE i.item_id = $1
   AND v.purpose = 'publish'
   AND v.state IN ('released', 'superseded')
 ORDER BY v.version DESC
 LIMIT 1
"""


async def fetch_last_content(connection: asyncpg.Connection, item_id: str) -> LastContent | None:
    """Return what was public last of an item."""
    row = await connection.fetchrow(LAST_CONTENT, item_id)
    return LastContent(**{**dict(row), "form": Form.model_validate_json(row["form"])}) if row else None
