"""Queries of the pages and the API: never more rows than the months and days of the query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import asyncpg

from services.stats.domain.subjects import CountedKind
from services.stats.store.figures import to_operator
from shared.contracts import ComplaintOperator, Measures

RESTATEMENTS = """
SELECT period, version, restated_at, notices, ruling_ids, before, after
  FROM stats.restatements
 WHERE subject_kind = $1 AND subject = $2 AND period = ANY ($3::text[])
 ORDER BY restated_at DESC, period
 LIMIT $4
"""


@dataclass(frozen=True, slots=True)
class RestatementRecord:
    """A figure that was restated: the measures before and after, the notices and rulings behind it, none for late data."""

    period: str
    version: int
    restated_at: datetime
    notices: tuple[str, ...]
    ruling_ids: tuple[UUID, ...]
    before: Measures
    after: Measures


async def fetch_restatements(
    connection: asyncpg.Connection, kind: CountedKind, subject: str, periods: tuple[str, ...], limit: int
) -> list[RestatementRecord]:
    """Return the newest restatements of a subject's figures in the periods, newest first."""
    records = await connection.fetch(RESTATEMENTS, kind, subject, list(periods), limit)
    return [_to_restatement(record) for record in records]


RESTATED = """
SELECT id, subject_kind, subject, period, version, restated_at, notices, ruling_ids, before, after
  FROM stats.restatements
 WHERE id < $1
   AND ($2::text IS NULL OR subject_kind = $2)
   AND ($3::text IS NULL OR subject = $3)
   AND ($4::text IS NULL OR period = $4)
 ORDER BY id DESC
 LIMIT $5
"""


@dataclass(frozen=True, slots=True)
class RestatedRecord:
    """A restatement with its place in the order of restatements and its subject."""

    place: int
    subject_kind: str
    subject: str
    restatement: RestatementRecord


async def fetch_restated(
    connection: asyncpg.Connection, before: int, kind: str | None, subject: str | None, period: str | None, limit: int
) -> list[RestatedRecord]:
    """Return the restatements before a place, newest first; a filter that is null takes all."""
    records = await connection.fetch(RESTATED, before, kind, subject, period, limit)
    return [RestatedRecord(r["id"], r["subject_kind"], r["subject"], _to_restatement(r)) for r in records]


def _to_restatement(record: asyncpg.Record) -> RestatementRecord:
    return RestatementRecord(
        record["period"], record["version"], record["restated_at"], tuple(record["notices"]), tuple(record["ruling_ids"]),
        Measures.model_validate_json(record["before"]), Measures.model_validate_json(record["after"]),
    )  # fmt: skip


IS_KNOWN = "SELECT EXISTS (SELECT FROM stats.subject_months WHERE subject_kind = $1 AND subject = $2)"


async def is_known(connection: asyncpg.Connection, kind: CountedKind, subject: str) -> bool:
    """Return whether any complaint about the subject was ever counted."""
    return bool(await connection.fetchval(IS_KNOWN, kind, subject))


SELECT_OPERATOR = """
SELECT operator_key, name, uscc, address, scope, platform, site
  FROM stats.operators
 WHERE operator_key = $1
"""


async def fetch_operator(connection: asyncpg.Connection, key: str) -> ComplaintOperator | None:
    """Return the operator of a key, or None."""
    record = await connection.fetchrow(SELECT_OPERATOR, key)
    return to_operator(record) if record else None


SELECT_NAMES = "SELECT operator_key, name FROM stats.operators WHERE operator_key = ANY ($1::text[])"


async def fetch_names(connection: asyncpg.Connection, keys: Sequence[str]) -> dict[str, str]:
    """Return the names of operators by key."""
    return {record["operator_key"]: record["name"] for record in await connection.fetch(SELECT_NAMES, list(keys))}


SELECT_OPERATORS = """
SELECT operator_key, name, uscc, address, scope, platform, site
  FROM stats.operators
 WHERE operator_key > $1
 ORDER BY operator_key
 LIMIT $2
"""


async def fetch_operators(connection: asyncpg.Connection, after: str, limit: int) -> list[ComplaintOperator]:
    """Return the operators whose keys follow `after`, in the order of keys."""
    return [to_operator(record) for record in await connection.fetch(SELECT_OPERATORS, after, limit)]


@dataclass(frozen=True, slots=True)
class SourceCoverage:
    """The first and last day of receipt of a source."""

    source: str
    first_day: date
    last_day: date


SELECT_COVERAGE = "SELECT source, first_day, last_day FROM stats.coverage ORDER BY source"


async def fetch_coverage(connection: asyncpg.Connection) -> list[SourceCoverage]:
    """Return the coverage of each source."""
    return [SourceCoverage(**dict(record)) for record in await connection.fetch(SELECT_COVERAGE)]


SELECT_AS_OF = "SELECT max(moved_at) FROM stats.positions"


async def fetch_as_of(connection: asyncpg.Connection) -> datetime | None:
    """Return when the last batch was counted, or None before the first."""
    moment: datetime | None = await connection.fetchval(SELECT_AS_OF)
    return moment
