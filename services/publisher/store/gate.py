"""The gate: the required reviews of each version of the rules, the approvals, and the release record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter

import asyncpg

from services.publisher.kinds import KINDS
from services.publisher.store import gate_steps, stops
from shared.contracts import ItemState, PublicItem
from shared.errors import PermanentError
from shared.rules import RuleBook

CHANNEL = "publications"


class RulesEdited(PermanentError):
    """A version of the rules that is in use was edited: copy it under a new version and date, and change the copy."""


INSERT_GATE = """
INSERT INTO publisher.gate (rules_version, board, reviewers)
SELECT *
  FROM unnest($1::text[], $2::text[], $3::integer[])
    ON CONFLICT (rules_version, board) DO NOTHING
"""
GATE = "SELECT rules_version, board, reviewers FROM publisher.gate"


async def ensure_gate(connection: asyncpg.Connection, rule_book: RuleBook) -> None:
    """Insert what each version of the rules requires of each board: reviewers, and when one person is enough to withdraw.

    Raises `RulesEdited`.
    """
    required = {
        (rules.version, board.value): of_board.reviewers
        for rules in rule_book.versions
        for board, of_board in rules.boards.items()
    }
    await connection.execute(INSERT_GATE, [v for v, _ in required], [b for _, b in required], list(required.values()))
    stored = {(row["rules_version"], row["board"]): row["reviewers"] for row in await connection.fetch(GATE)}
    same_stops = await stops.ensure_gate_stops(connection, rule_book)
    same_steps = await gate_steps.ensure_gate_steps(connection, rule_book, {kind.name: kind.board for kind in KINDS.values()})
    if not same_stops or not same_steps or any(stored[key] != reviewers for key, reviewers in required.items()):
        raise RulesEdited


INSERT_APPROVALS = """
INSERT INTO publisher.approvals (item_id, version, digest, person, step, at, rules_version)
SELECT n.*, $4, $5, $6, $7
  FROM unnest($1::text[], $2::integer[], $3::bytea[]) AS n
"""


async def insert_approvals(
    connection: asyncpg.Connection,
    contents: Sequence[tuple[str, int, bytes]],
    *,
    person: str,
    step: str,
    at: datetime,
    rules_version: str,
) -> None:
    """Insert a person's approval of contents (item id, version, digest) at a step, `review` or `release`.

    Raises `asyncpg.IntegrityConstraintViolationError` where the person may not approve, or the content has changed.
    """
    await connection.execute(
        INSERT_APPROVALS,
        [c[0] for c in contents],
        [c[1] for c in contents],
        [c[2] for c in contents],
        person,
        step,
        at,
        rules_version,
    )


@dataclass(frozen=True, slots=True)
class Approval:
    """Who approved a version at which step; `current` is false once the content has changed."""

    item_id: str
    version: int
    person: str
    display_name: str
    step: str
    at: datetime
    current: bool


APPROVALS = """
SELECT a.item_id, a.version, a.person, coalesce(p.display_name, a.person) AS display_name, a.step, a.at,
       a.digest = v.digest AS current
  FROM publisher.approvals a
  JOIN publisher.versions v USING (item_id, version)
  LEFT JOIN accounts.display_names(ARRAY(SELECT person FROM publisher.approvals WHERE item_id = ANY ($1::text[]))) p
         ON p.name = a.person
 WHERE a.item_id = ANY ($1::text[])
 ORDER BY a.item_id, a.version, a.at
"""


async def fetch_approvals(connection: asyncpg.Connection, item_ids: Sequence[str]) -> list[Approval]:
    """Return every approval of some items, oldest first."""
    return [Approval(**dict(row)) for row in await connection.fetch(APPROVALS, item_ids)]


LOCK = "SELECT pg_advisory_xact_lock(hashtext('publisher.releases'))"
LAST_RELEASE_SEQ = "SELECT coalesce(max(release_seq), 0) FROM publisher.releases"


async def lock_releases(connection: asyncpg.Connection) -> int:
    """Let one transaction at a time release, so that release numbers are in commit order; return the last number."""
    await connection.execute(LOCK)
    return await last_release_seq(connection)


async def last_release_seq(connection: asyncpg.Connection) -> int:
    """Return the number of the newest release, 0 before the first."""
    return int(await connection.fetchval(LAST_RELEASE_SEQ))


APPEND_RELEASES = """
INSERT INTO publisher.releases
       (release_seq, item_id, version, kind, body, digest, released_by, released_at, rules_version)
SELECT n.*, ''::bytea, $6, $7, $8
  FROM unnest($1::bigint[], $2::text[], $3::integer[], $4::text[], $5::jsonb[]) AS n
"""
NOTIFY = "SELECT pg_notify($1, $2)"


async def append_releases(
    connection: asyncpg.Connection, first_seq: int, items: Sequence[PublicItem], bodies: Sequence[str], *, by: str,
    at: datetime, rules_version: str,
) -> None:  # fmt: skip
    """Append to the release record, numbered from `first_seq`, and NOTIFY the listeners when the transaction commits.

    `bodies`: the items as JSON.

    Raises `asyncpg.CheckViolationError` where the gate refuses.
    """
    await connection.execute(
        APPEND_RELEASES,
        list(range(first_seq, first_seq + len(items))),
        [item.item_id for item in items],
        [item.version for item in items],
        [release_kind(item) for item in items],
        bodies,
        by,
        at,
        rules_version,
    )
    await connection.execute(NOTIFY, CHANNEL, str(first_seq + len(items) - 1))


async def notify_listeners(connection: asyncpg.Connection) -> None:
    """NOTIFY the listeners of a change beside the release record: an application, a month's close, a city's figure."""
    await connection.execute(NOTIFY, CHANNEL, "")


def release_kind(item: PublicItem) -> str:
    """Return the kind of the release that produced this public form."""
    match item.state:
        case ItemState.RELEASED | ItemState.CORRECTED | ItemState.WITHDRAWN:
            return item.state.value
        case ItemState.EXPIRED:
            raise ValueError("an item expires by itself, no release brings it about")


@dataclass(frozen=True, slots=True)
class ReleaseEntry:
    """One entry of the release record; `digest` is the SHA-256 of the public body."""

    release_seq: int
    item: PublicItem
    kind: str
    digest: bytes
    released_by: str


FIRST_RELEASE_TIMES = """
SELECT item_id, min(released_at) AS first
  FROM publisher.releases
 WHERE item_id = ANY ($1::text[])
 GROUP BY item_id
"""


async def first_release_times(connection: asyncpg.Connection, item_ids: Sequence[str]) -> dict[str, datetime]:
    """Return the time of the first release by item id; items that never were released are left out."""
    return {row["item_id"]: row["first"] for row in await connection.fetch(FIRST_RELEASE_TIMES, item_ids)}


PUBLIC_VERSIONS = "SELECT item_id, version FROM publisher.versions WHERE item_id = ANY ($1::text[]) AND state = 'released'"


async def public_versions(connection: asyncpg.Connection, item_ids: Sequence[str]) -> dict[str, int]:
    """Return the public version by item id; items without one are left out."""
    return {row["item_id"]: row["version"] for row in await connection.fetch(PUBLIC_VERSIONS, item_ids)}


HISTORY = """
SELECT release_seq, body, kind, digest, released_by
  FROM publisher.releases
 WHERE item_id = $1
 ORDER BY release_seq DESC
"""


async def fetch_history(connection: asyncpg.Connection, item_id: str) -> list[ReleaseEntry]:
    """Return the releases of one item, newest first."""
    return [_release_entry(row) for row in await connection.fetch(HISTORY, item_id)]


HISTORIES = """
SELECT release_seq, body, kind, digest, released_by, item_id
  FROM publisher.releases
 WHERE item_id = ANY ($1::text[])
 ORDER BY item_id, release_seq DESC
"""


async def fetch_histories(connection: asyncpg.Connection, item_ids: Sequence[str]) -> list[list[ReleaseEntry]]:
    """Return the releases of some items, a list for each item, newest first."""
    rows = await connection.fetch(HISTORIES, item_ids)
    return [[_release_entry(row) for row in of_item] for _, of_item in groupby(rows, key=itemgetter("item_id"))]


# What was withdrawn since is left out; the withdrawal has a higher number, so a reader's position passes it.
RELEASES_AFTER = """
SELECT r.release_seq, r.body, r.kind, r.digest, r.released_by
  FROM publisher.releases r
  JOIN publisher.public_items p USING (item_id)
 WHERE r.release_seq > $1
   AND (r.kind = 'withdrawn' OR p.state <> 'withdrawn')
 ORDER BY r.release_seq
 LIMIT $2
"""


async def fetch_releases_after(connection: asyncpg.Connection, seq: int, limit: int) -> list[ReleaseEntry]:
    """Return the releases after a release number, oldest first; of a withdrawn item its withdrawal only."""
    return [_release_entry(row) for row in await connection.fetch(RELEASES_AFTER, seq, limit)]


NUMBERS_AFTER = """
SELECT r.release_seq
  FROM publisher.releases r
  JOIN publisher.public_items p USING (item_id)
 WHERE r.release_seq > $1
   AND (r.kind = 'withdrawn' OR p.state <> 'withdrawn')
 ORDER BY r.release_seq
 LIMIT $2
"""
RELEASES = "SELECT release_seq, body, kind, digest, released_by FROM publisher.releases WHERE release_seq = ANY ($1::bigint[])"


async def fetch_numbers_after(connection: asyncpg.Connection, seq: int, limit: int) -> list[int]:
    """Return the numbers of the releases that `fetch_releases_after` returns."""
    return [row["release_seq"] for row in await connection.fetch(NUMBERS_AFTER, seq, limit)]


async def fetch_releases(connection: asyncpg.Connection, numbers: Sequence[int]) -> list[ReleaseEntry]:
    """Return releases by their numbers, in no order."""
    return [_release_entry(row) for row in await connection.fetch(RELEASES, numbers)] if numbers else []


LATEST_RELEASES = """
SELECT release_seq, body, kind, digest, released_by
  FROM publisher.releases
 ORDER BY release_seq DESC
 LIMIT $1
"""


async def fetch_latest_releases(connection: asyncpg.Connection, limit: int) -> list[ReleaseEntry]:
    """Return the newest releases, newest first."""
    return [_release_entry(row) for row in await connection.fetch(LATEST_RELEASES, limit)]


CHANGES_BEFORE = """
SELECT r.release_seq, r.body, r.kind, r.digest, r.released_by
  FROM publisher.releases r
  JOIN publisher.public_items p USING (item_id)
 WHERE r.kind IN ('corrected', 'withdrawn')
   AND (r.kind = 'withdrawn' OR p.state <> 'withdrawn')
   AND ($1::bigint IS NULL OR r.release_seq < $1)
 ORDER BY r.release_seq DESC
 LIMIT $2
"""


async def fetch_changes_before(connection: asyncpg.Connection, seq: int | None, limit: int) -> list[ReleaseEntry]:
    """Return corrections and withdrawals before a release number (all where it is None), newest first.

    Corrections of an item that was withdrawn later are left out: they quote what is public no more.
    """
    return [_release_entry(row) for row in await connection.fetch(CHANGES_BEFORE, seq, limit)]


def _release_entry(row: asyncpg.Record) -> ReleaseEntry:
    item = PublicItem.model_validate_json(row["body"])
    return ReleaseEntry(row["release_seq"], item, row["kind"], row["digest"], row["released_by"])


LAST_SEQ_BEFORE = "SELECT coalesce(max(release_seq), 0) FROM publisher.releases WHERE released_at < $1"


async def last_seq_before(connection: asyncpg.Connection, moment: datetime) -> int:
    """Return the number of the last release before a time, 0 where there is none."""
    return int(await connection.fetchval(LAST_SEQ_BEFORE, moment))
