"""What the gate asks for before a release, by board and by kind, and the notices that operators have had."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import asyncpg

from shared.contracts import Board
from shared.rules import RuleBook, Rules

Step = tuple[int, int, int]
"""Reviewers, reviewers of what a check warns of, working days of notice."""


def required_steps(rules: Rules, boards_of_kinds: dict[str, Board]) -> dict[tuple[str, str, str], Step]:
    """Return what a version of the rules asks for, by (version, board, kind); kind '' is of the board."""
    places = [(board, "") for board in rules.boards] + [(boards_of_kinds[k], k) for k in rules.kinds if k in boards_of_kinds]
    return {
        (rules.version, board.value, kind): (
            rules.reviewers(board, kind, at_risk=False),
            rules.reviewers(board, kind, at_risk=True),
            rules.notice_workdays(board, kind),
        )
        for board, kind in places
    }


INSERT_STEPS = """
INSERT INTO publisher.gate_steps (rules_version, board, kind, reviewers, reviewers_at_risk, notice_workdays)
SELECT *
  FROM unnest($1::text[], $2::text[], $3::text[], $4::integer[], $5::integer[], $6::integer[])
    ON CONFLICT (rules_version, board, kind) DO NOTHING
"""
STEPS = "SELECT rules_version, board, kind, reviewers, reviewers_at_risk, notice_workdays FROM publisher.gate_steps"


async def ensure_gate_steps(connection: asyncpg.Connection, rule_book: RuleBook, boards_of_kinds: dict[str, Board]) -> bool:
    """Insert what each version of the rules asks for; return whether what is stored of them says the same."""
    required = {key: step for rules in rule_book.versions for key, step in required_steps(rules, boards_of_kinds).items()}
    await connection.execute(
        INSERT_STEPS,
        *([key[n] for key in required] for n in range(3)),
        *([step[n] for step in required.values()] for n in range(3)),
    )
    stored = {tuple(row.values())[:3]: tuple(row.values())[3:] for row in await connection.fetch(STEPS)}
    return all(stored[key] == step for key, step in required.items())


@dataclass(frozen=True, slots=True)
class OperatorNotice:
    """A notice to the operator before publication: of which content, when it was served, from when that may be released."""

    item_id: str
    version: int
    digest: bytes
    served_on: date
    receipt: str
    workdays: int
    release_from: datetime
    recorded_by: str
    recorded_at: datetime


INSERT_NOTICE = """
INSERT INTO publisher.operator_notices
       (item_id, version, digest, served_on, receipt, workdays, release_from, recorded_by, recorded_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
    ON CONFLICT (item_id, version, digest) DO NOTHING
"""


async def insert_notice(connection: asyncpg.Connection, notice: OperatorNotice) -> None:
    """Record a notice; the first one of a content stands."""
    await connection.execute(
        INSERT_NOTICE, notice.item_id, notice.version, notice.digest, notice.served_on, notice.receipt, notice.workdays,
        notice.release_from, notice.recorded_by, notice.recorded_at,
    )  # fmt: skip


NOTICES = """
SELECT item_id, version, digest, served_on, receipt, workdays, release_from, recorded_by, recorded_at
  FROM publisher.operator_notices
 WHERE item_id = ANY ($1::text[])
"""


async def fetch_notices(connection: asyncpg.Connection, item_ids: Sequence[str]) -> dict[tuple[str, bytes], OperatorNotice]:
    """Return the notices of items by item id and digest of the content."""
    rows = await connection.fetch(NOTICES, item_ids)
    return {(row["item_id"], row["digest"]): OperatorNotice(**dict(row)) for row in rows}
