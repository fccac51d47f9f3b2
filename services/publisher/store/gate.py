"""The gate: what the rules ask for, who approved what, and the release record behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from shared.contracts import ItemState, PublicItem
from shared.errors import PermanentError
from shared.rules import RuleBook

CHANNEL = "publications"


class RulesEdited(PermanentError):
    """A version of the rules that is in use was edited: copy it under a new version and date, and change the copy."""


KEEP_GATE = """
INSERT INTO publisher.gate (rules_version, board, reviewers)
SELECT *
  FROM unnest($1::text[], $2::text[], $3::integer[])
    ON CONFLICT (rules_version, board) DO NOTHING
"""
GATE = "SELECT rules_version, board, reviewers FROM publisher.gate"


async def keep_gate(connection: asyncpg.Connection, book: RuleBook) -> None:
    """Tell the database how many reviewers each version of the rules asks for. Raises `RulesEdited`."""
    wanted = {
        (rules.version, board.value): of_board.reviewers for rules in book.versions for board, of_board in rules.boards.items()
    }
    await connection.execute(KEEP_GATE, [v for v, _ in wanted], [b for _, b in wanted], list(wanted.values()))
    held = {(row["rules_version"], row["board"]): row["reviewers"] for row in await connection.fetch(GATE)}
    if any(held[key] != reviewers for key, reviewers in wanted.items()):
        raise RulesEdited


APPROVE = """
INSERT INTO publisher.approvals (item_id, version, digest, person, step, at, rules_version)
SELECT n.*, $4, $5, $6, $7
  FROM unnest($1::text[], $2::integer[], $3::bytea[]) AS n
"""


async def approve(
    connection: asyncpg.Connection,
    contents: Sequence[tuple[str, int, bytes]],
    *,
    person: str,
    step: str,
    at: datetime,
    rules_version: str,
) -> None:
    """Record that a person approved contents (item id, version, digest) at a step, `review` or `release`.

    Raises `asyncpg.IntegrityConstraintViolationError` where the person may not, or the content is another by now.
    """
    await connection.execute(
        APPROVE, [c[0] for c in contents], [c[1] for c in contents], [c[2] for c in contents], person, step, at, rules_version
    )


@dataclass(frozen=True, slots=True)
class Approval:
    """Who approved a version at which step; `current` says that it holds for the content as it is now."""

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
  LEFT JOIN accounts.people p ON p.name = a.person
 WHERE a.item_id = ANY ($1::text[])
 ORDER BY a.item_id, a.version, a.at
"""


async def approvals(connection: asyncpg.Connection, item_ids: Sequence[str]) -> list[Approval]:
    """Return every approval of some items, oldest first."""
    return [Approval(**dict(row)) for row in await connection.fetch(APPROVALS, item_ids)]


LOCK = "SELECT pg_advisory_xact_lock(hashtext('publisher.releases'))"
HEAD = "SELECT coalesce(max(release_seq), 0) FROM publisher.releases"


async def lock_releases(connection: asyncpg.Connection) -> int:
    """Let one transaction at a time release, so that numbers are in the order of commits; return the last number."""
    await connection.execute(LOCK)
    return await head(connection)


async def head(connection: asyncpg.Connection) -> int:
    """Return the number of the newest release, 0 before the first."""
    return int(await connection.fetchval(HEAD))


RECORD = """
INSERT INTO publisher.releases
       (release_seq, item_id, version, kind, body, digest, released_by, released_at, rules_version)
SELECT n.*, ''::bytea, $6, $7, $8
  FROM unnest($1::bigint[], $2::text[], $3::integer[], $4::text[], $5::jsonb[]) AS n
"""
ANNOUNCE = "SELECT pg_notify($1, $2)"


async def record_releases(
    connection: asyncpg.Connection, first_seq: int, items: Sequence[PublicItem], *, by: str, at: datetime, rules_version: str
) -> None:
    """Append to the release record and tell the listeners of this database when it commits.

    Raises `asyncpg.CheckViolationError` where the gate refuses.
    """
    await connection.execute(
        RECORD,
        list(range(first_seq, first_seq + len(items))),
        [item.item_id for item in items],
        [item.version for item in items],
        [kind_of(item) for item in items],
        [item.model_dump_json() for item in items],
        by,
        at,
        rules_version,
    )
    await connection.execute(ANNOUNCE, CHANNEL, str(first_seq + len(items) - 1))


async def announce(connection: asyncpg.Connection) -> None:
    """Tell the listeners that something beside the record changed: an application, a month's close, a city's figure."""
    await connection.execute(ANNOUNCE, CHANNEL, "")


def kind_of(item: PublicItem) -> str:
    """Return the kind of release that brought this public form."""
    match item.state:
        case ItemState.RELEASED | ItemState.CORRECTED | ItemState.WITHDRAWN:
            return item.state.value
        case ItemState.EXPIRED:
            raise ValueError("an item expires by itself, no release brings it about")


@dataclass(frozen=True, slots=True)
class Recorded:
    """One entry of the release record; `digest` is that of the public body."""

    release_seq: int
    item: PublicItem
    kind: str
    digest: bytes
    released_by: str


FIRSTS = """
SELECT item_id, min(released_at) AS first
  FROM publisher.releases
 WHERE item_id = ANY ($1::text[])
 GROUP BY item_id
"""


async def first_releases(connection: asyncpg.Connection, item_ids: Sequence[str]) -> dict[str, datetime]:
    """Return when items were first released; those never released are left out."""
    return {row["item_id"]: row["first"] for row in await connection.fetch(FIRSTS, item_ids)}


PUBLIC_VERSIONS = "SELECT item_id, version FROM publisher.versions WHERE item_id = ANY ($1::text[]) AND state = 'released'"


async def public_versions(connection: asyncpg.Connection, item_ids: Sequence[str]) -> dict[str, int]:
    """Return the version that is public of each item that has one."""
    return {row["item_id"]: row["version"] for row in await connection.fetch(PUBLIC_VERSIONS, item_ids)}


HISTORY = """
SELECT release_seq, body, kind, digest, released_by
  FROM publisher.releases
 WHERE item_id = $1
 ORDER BY release_seq DESC
"""


async def history(connection: asyncpg.Connection, item_id: str) -> list[Recorded]:
    """Return the releases of one item, newest first."""
    return [_recorded(row) for row in await connection.fetch(HISTORY, item_id)]


AFTER = """
SELECT release_seq, body, kind, digest, released_by
  FROM publisher.releases
 WHERE release_seq > $1
 ORDER BY release_seq
 LIMIT $2
"""


async def releases_after(connection: asyncpg.Connection, seq: int, limit: int) -> list[Recorded]:
    """Return the releases that follow a number, oldest first."""
    return [_recorded(row) for row in await connection.fetch(AFTER, seq, limit)]


LATEST = """
SELECT release_seq, body, kind, digest, released_by
  FROM publisher.releases
 ORDER BY release_seq DESC
 LIMIT $1
"""


async def latest(connection: asyncpg.Connection, limit: int) -> list[Recorded]:
    """Return the newest releases, newest first."""
    return [_recorded(row) for row in await connection.fetch(LATEST, limit)]


CHANGES = """
SELECT release_seq, body, kind, digest, released_by
  FROM publisher.releases
 WHERE kind IN ('corrected', 'withdrawn')
   AND ($1::bigint IS NULL OR release_seq < $1)
 ORDER BY release_seq DESC
 LIMIT $2
"""


async def changes_before(connection: asyncpg.Connection, seq: int | None, limit: int) -> list[Recorded]:
    """Return corrections and withdrawals, newest first, from before a number."""
    return [_recorded(row) for row in await connection.fetch(CHANGES, seq, limit)]


def _recorded(row: asyncpg.Record) -> Recorded:
    item = PublicItem.model_validate_json(row["body"])
    return Recorded(row["release_seq"], item, row["kind"], row["digest"], row["released_by"])


SEQ_BEFORE = "SELECT coalesce(max(release_seq), 0) FROM publisher.releases WHERE released_at < $1"


async def seq_before(connection: asyncpg.Connection, moment: datetime) -> int:
    """Return the number of the last release before a moment."""
    return int(await connection.fetchval(SEQ_BEFORE, moment))
