"""Versions of items: writing drafts, locking what is open, changing a state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from services.publisher.domain.checks import Check, count_results, from_json, to_json
from services.publisher.domain.drafting import Purpose, State
from services.publisher.domain.form import Form
from services.publisher.store.item_versions import LOCK_ITEMS
from shared.contracts import Board


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A version to write. `facts` are its inputs: the version of the figure, the revision of the complaint.

    `drafted_by` can't approve it. `urgent`: what is public is not true any more, so the desk shows it first.
    """

    item_id: str
    version: int
    form: Form
    checks: Sequence[Check]
    facts: dict[str, Any]
    drafted_by: str
    purpose: Purpose = Purpose.PUBLISH
    state: State = State.DRAFT
    ruling_id: UUID | None = None
    urgent: bool = False


UPSERT_VERSIONS = """
INSERT INTO publisher.versions AS v
       (item_id, version, purpose, state, form, digest, facts, checks, failing, warning, ruling_id, urgent, drafted_by,
        drafted_at, rules_version)
SELECT n.*, $13, $14
  FROM unnest($1::text[], $2::integer[], $3::text[], $4::text[], $5::jsonb[],
              array_fill(decode(repeat('00', 32), 'hex'), ARRAY[cardinality($1::text[])]),
              $6::jsonb[], $7::jsonb[], $8::integer[], $9::integer[], $10::uuid[], $11::boolean[], $12::text[]) AS n
    ON CONFLICT (item_id, version) DO UPDATE
   SET state = excluded.state, form = excluded.form, facts = excluded.facts, checks = excluded.checks,
       failing = excluded.failing, warning = excluded.warning, urgent = excluded.urgent, drafted_by = excluded.drafted_by,
       drafted_at = excluded.drafted_at, rules_version = excluded.rules_version, return_code = NULL, return_note = NULL,
       decided_by = NULL, decided_at = NULL, batch_id = NULL
"""


async def upsert_versions(
    connection: asyncpg.Connection, versions: Sequence[NewVersion], *, at: datetime, rules_version: str
) -> None:
    """Upsert versions, each over the open one of the same number; approvals of the old content no longer count."""
    results = [count_results(v.checks) for v in versions]
    await connection.execute(
        UPSERT_VERSIONS,
        [v.item_id for v in versions],
        [v.version for v in versions],
        [v.purpose for v in versions],
        [v.state for v in versions],
        [v.form.model_dump_json() for v in versions],
        [orjson.dumps(v.facts).decode() for v in versions],
        [orjson.dumps(to_json(v.checks)).decode() for v in versions],
        [failing for failing, _ in results],
        [warning for _, warning in results],
        [v.ruling_id for v in versions],
        [v.urgent for v in versions],
        [v.drafted_by for v in versions],
        at,
        rules_version,
    )


REWRITE_VERSION = """
UPDATE publisher.versions
   SET state = 'draft', form = $3, checks = $4, failing = $5, warning = $6, drafted_by = $7, drafted_at = $8,
       return_code = NULL, return_note = NULL, decided_by = NULL, decided_at = NULL, batch_id = NULL
 WHERE (item_id, version) = ($1, $2)
"""


async def rewrite_version(
    connection: asyncpg.Connection, item_id: str, number: int, form: Form, checks: Sequence[Check], *, by: str, at: datetime
) -> None:
    """Give an open version other content; it is a draft again, of the person `by`, and approvals of before no longer count."""
    failing, warning = count_results(checks)
    await connection.execute(
        REWRITE_VERSION,
        item_id,
        number,
        form.model_dump_json(),
        orjson.dumps(to_json(checks)).decode(),
        failing,
        warning,
        by,
        at,
    )


@dataclass(frozen=True, slots=True)
class Version:
    """A version with its checks and its last decision."""

    item_id: str
    board: Board
    version: int
    purpose: Purpose
    state: State
    form: Form
    digest: bytes
    checks: tuple[Check, ...]
    failing: int
    warning: int
    drafted_by: str
    drafted_at: datetime
    rules_version: str
    ruling_id: UUID | None
    return_code: str | None
    return_note: str | None
    decided_by: str | None
    decided_at: datetime | None
    urgent: bool

    @property
    def digest_hex(self) -> str:
        """The digest that a form carries, so that nobody decides on content that has changed since."""
        return self.digest.hex()

    @classmethod
    def from_row(cls, row: asyncpg.Record) -> Version:
        """Build from a row of `versions` with its item's board."""
        fields: dict[str, Any] = {name: row[name] for name in cls.__dataclass_fields__}
        fields["board"] = Board(fields["board"])
        fields["purpose"] = Purpose(fields["purpose"])
        fields["state"] = State(fields["state"])
        fields["form"] = Form.model_validate_json(fields["form"])
        fields["checks"] = tuple(from_json(orjson.loads(fields["checks"])))
        return cls(**fields)


def version_at_work(newest_first: Sequence[Version]) -> Version | None:
    """Return of an item's versions the newest that was not dropped, else the newest."""
    kept = (version for version in newest_first if version.state is not State.REJECTED or version.return_code)
    return next(kept, newest_first[0] if newest_first else None)


LOCK_OPEN_VERSIONS = """
SELECT v.item_id, i.board, v.version, v.purpose, v.state, v.form, v.digest, v.checks, v.failing, v.warning, v.drafted_by,
       v.drafted_at, v.rules_version, v.ruling_id, v.return_code, v.return_note, v.decided_by, v.decided_at, v.urgent
  FROM publisher.versions v
  JOIN publisher.items i USING (item_id)
 WHERE v.item_id = ANY ($1::text[])
   AND v.state IN ('draft', 'returned', 'approved')
 ORDER BY v.item_id
   FOR UPDATE OF v
"""


async def lock_open_versions(connection: asyncpg.Connection, item_ids: Sequence[str]) -> list[Version]:
    """Return the open versions of items, locked."""
    await connection.execute(LOCK_ITEMS, item_ids)
    return [Version.from_row(row) for row in await connection.fetch(LOCK_OPEN_VERSIONS, item_ids)]


FORM = "SELECT form FROM publisher.versions WHERE item_id = $1 AND encode(digest, 'hex') = $2 ORDER BY version DESC LIMIT 1"


async def fetch_form(connection: asyncpg.Connection, item_id: str, digest: str) -> Form | None:
    """Return the form of the version with this digest in hexadecimal."""
    form = await connection.fetchval(FORM, item_id, digest)
    return Form.model_validate_json(form) if form else None


OPEN_WITHDRAWALS = """
SELECT item_id
  FROM publisher.versions
 WHERE item_id = ANY ($1::text[])
   AND purpose = 'withdraw'
   AND state IN ('draft', 'returned', 'approved')
"""


async def fetch_open_withdrawals(connection: asyncpg.Connection, item_ids: Sequence[str]) -> list[str]:
    """Return those of the items whose open version withdraws them."""
    return [row["item_id"] for row in await connection.fetch(OPEN_WITHDRAWALS, item_ids)]


# What came while a person's withdrawal waited, or else the version that it took the place of.
REDRAFT = """
INSERT INTO publisher.versions
       (item_id, version, purpose, state, form, digest, facts, checks, failing, warning, urgent, drafted_by, drafted_at,
        rules_version)
SELECT v.item_id, l.last + 1, v.purpose, 'draft', v.form, v.digest, v.facts, v.checks, v.failing, v.warning, v.urgent,
       v.drafted_by, $3, v.rules_version
  FROM publisher.versions v
  JOIN publisher.versions w ON (w.item_id, w.version) = ($1, $2)
 CROSS JOIN LATERAL (SELECT max(n.version) AS last FROM publisher.versions n WHERE n.item_id = $1) l
 WHERE v.item_id = $1
   AND v.state = 'rejected'
   AND v.return_code IS NULL
   AND (v.version > w.version OR (v.decided_at, v.decided_by) = (w.drafted_at, w.drafted_by))
 ORDER BY v.version DESC
 LIMIT 1
"""


async def redraft_held(connection: asyncpg.Connection, item_id: str, withdrawal: int, at: datetime) -> None:
    """Draft anew what a refused withdrawal (its number) kept from being drafted, or took the place of."""
    await connection.execute(REDRAFT, item_id, withdrawal, at)


SET_STATE = """
UPDATE publisher.versions v
   SET state = $3, return_code = $4, return_note = $5, decided_by = $6, decided_at = $7,
       batch_id = CASE WHEN $3 NOT IN ('returned', 'rejected') THEN v.batch_id END
  FROM unnest($1::text[], $2::integer[]) AS m(item_id, version)
 WHERE v.item_id = m.item_id
   AND v.version = m.version
"""


async def set_state(
    connection: asyncpg.Connection,
    versions: Sequence[tuple[str, int]],
    state: State,
    *,
    by: str,
    at: datetime,
    code: str | None = None,
    note: str | None = None,
) -> None:
    """Set the state of versions (item id, number), with who decided it and why."""
    await connection.execute(
        SET_STATE, [item_id for item_id, _ in versions], [number for _, number in versions], state, code, note, by, at
    )
