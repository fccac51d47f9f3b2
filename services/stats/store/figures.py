"""Pending changes, and figures as emitted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import asyncpg
import orjson

from services.stats.domain.figures import Change, ChangedFigure, EmittedFigure, FigureKey, Restatement
from services.stats.domain.measures import Sums
from shared.contracts import ComplaintOperator, Measures, SubjectKind

LOCK = "SELECT pg_advisory_xact_lock(hashtext('stats.figures'))"


async def lock_emission(connection: asyncpg.Connection) -> None:
    """Take the lock under which figures are emitted and months closed: versions are counted by one transaction at a time."""
    await connection.execute(LOCK)


TAKE_PENDING = """
WITH oldest AS (
    SELECT id, sum(cardinality(subjects)) OVER (ORDER BY id) - cardinality(subjects) AS before
      FROM (SELECT id, subjects FROM stats.pending_changes ORDER BY id LIMIT $2) AS p
), taken AS (
    DELETE FROM stats.pending_changes AS p
     USING oldest AS o
     WHERE p.id = o.id
       AND o.before < $2
    RETURNING p.id, p.subject_kind, p.subjects, p.months, p.ruling_id, p.calendar_id
), changes AS (
    SELECT t.subject_kind, c.subject, c.month, t.ruling_id, t.calendar_id, min(t.id) AS since
      FROM taken AS t
     CROSS JOIN LATERAL unnest(t.subjects, t.months) AS c(subject, month)
     GROUP BY t.subject_kind, c.subject, c.month, t.ruling_id, t.calendar_id
), pending AS (
    SELECT subject_kind, subject, min(since) AS since, count(DISTINCT month) AS months
      FROM changes
     GROUP BY subject_kind, subject
), turns AS (
    SELECT subject_kind, subject, sum(months) OVER (ORDER BY since, subject_kind, subject) - months < $1 AS is_taken
      FROM pending
), left_over AS (
    INSERT INTO stats.pending_changes (id, subject_kind, subjects, months, ruling_id, calendar_id)
           OVERRIDING SYSTEM VALUE
    SELECT c.since, c.subject_kind, array_agg(c.subject), array_agg(c.month), c.ruling_id, c.calendar_id
      FROM changes AS c
      JOIN turns AS t USING (subject_kind, subject)
     WHERE NOT t.is_taken
     GROUP BY c.since, c.subject_kind, c.ruling_id, c.calendar_id
)
SELECT c.subject_kind, c.subject, c.month, c.ruling_id, c.calendar_id
  FROM changes AS c
  JOIN turns AS t USING (subject_kind, subject)
 WHERE t.is_taken
"""
# Changes scanned for the subjects with the oldest ones, and those of the last row with them: a backlog of millions costs no
# more than this. The excess is inserted again under its old id, deduplicated.
SCAN_LIMIT = 5_000


async def take_pending_changes(connection: asyncpg.Connection, months: int) -> list[Change]:
    """Delete and return all changes of the subjects with the oldest ones, up to so many months of subjects.

    They are pending again if the transaction fails.
    """
    records = await connection.fetch(TAKE_PENDING, months, SCAN_LIMIT)
    return [Change(SubjectKind(r["subject_kind"]), r["subject"], r["month"], r["ruling_id"], r["calendar_id"]) for r in records]


COUNT_PENDING = """
SELECT coalesce(sum(CASE WHEN $1::date IS NULL THEN cardinality(p.months)
                         ELSE cardinality(array_positions(p.months, $1)) END), 0)
  FROM stats.pending_changes AS p
"""


async def count_pending(connection: asyncpg.Connection, month: date | None = None) -> int:
    """Return how many changes are pending, of one month or of all."""
    return int(await connection.fetchval(COUNT_PENDING, month))


# Each key reads its own months by the index, however many others are stored.
LOAD_SUMS = """
SELECT m.complaints, m.accepted, m.settled, m.mediated, m.amount, m.recovered, m.workdays,
       coalesce(f.version, 0) AS version,
       f.measures
  FROM unnest($1::text[], $2::text[], $3::text[], $4::date[], $5::date[]) WITH ORDINALITY
    AS k(subject_kind, subject, period, first, last, place)
 CROSS JOIN LATERAL (
    SELECT coalesce(sum(s.complaints), 0) AS complaints,
           coalesce(sum(s.accepted), 0) AS accepted,
           coalesce(sum(s.settled), 0) AS settled,
           coalesce(sum(s.mediated), 0) AS mediated,
           coalesce(sum(s.amount), 0) AS amount,
           coalesce(sum(s.recovered), 0) AS recovered,
           coalesce(sum(s.workdays), 0)::text AS workdays
      FROM stats.subject_months AS s
     WHERE s.subject_kind = k.subject_kind
       AND s.subject = k.subject
       AND s.month BETWEEN k.first AND k.last
  ) AS m
  LEFT JOIN stats.figures AS f
    ON f.subject_kind = k.subject_kind AND f.subject = k.subject AND f.period = k.period
 ORDER BY k.place
"""


async def load_sums(connection: asyncpg.Connection, keys: Sequence[FigureKey]) -> list[tuple[Sums, EmittedFigure]]:
    """Return the current sums and the figure last emitted, for each key, in order."""
    records = await connection.fetch(
        LOAD_SUMS,
        [key.subject_kind for key in keys],
        [key.subject for key in keys],
        [key.period.name for key in keys],
        [key.period.first for key in keys],
        [key.period.last for key in keys],
    )
    return [(to_sums(record), _to_emitted(record)) for record in records]


def _to_emitted(record: asyncpg.Record) -> EmittedFigure:
    measures = record["measures"]
    return EmittedFigure(record["version"], measures and Measures.model_validate_json(measures))


def to_sums(record: asyncpg.Record) -> Sums:
    """Build sums from a row with all of their columns."""
    return Sums(
        record["complaints"], record["accepted"], record["settled"], record["mediated"],
        record["amount"], record["recovered"], record["workdays"],
    )  # fmt: skip


UPSERT_FIGURES = """
INSERT INTO stats.figures AS f (subject_kind, subject, period, period_kind, version, measures, said_at)
SELECT n.*, $7
  FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::integer[], $6::jsonb[])
    AS n(subject_kind, subject, period, period_kind, version, measures)
    ON CONFLICT (subject_kind, subject, period) DO UPDATE
   SET version = excluded.version,
       measures = excluded.measures,
       said_at = excluded.said_at
"""


async def upsert_figures(connection: asyncpg.Connection, figures: Sequence[ChangedFigure], at: datetime) -> None:
    """Upsert figures as emitted at `at`."""
    await connection.execute(
        UPSERT_FIGURES,
        [figure.key.subject_kind for figure in figures],
        [figure.key.subject for figure in figures],
        [figure.key.period.name for figure in figures],
        [figure.key.period.kind for figure in figures],
        [figure.version for figure in figures],
        [figure.measures.model_dump_json() for figure in figures],
        at,
    )


INSERT_RESTATEMENTS = """
INSERT INTO stats.restatements
       (subject_kind, subject, period, version, before, after, ruling_ids, notices, restated_at)
SELECT r.subject_kind, r.subject, r.period, r.version, r.before, r.after, string_to_array(r.ruling_ids, ' ')::uuid[],
       ARRAY(SELECT jsonb_array_elements_text(r.notices)), $9
  FROM unnest($1::text[], $2::text[], $3::text[], $4::integer[], $5::jsonb[], $6::jsonb[], $7::text[], $8::jsonb[])
    AS r(subject_kind, subject, period, version, before, after, ruling_ids, notices)
"""


async def insert_restatements(connection: asyncpg.Connection, restatements: Sequence[Restatement], at: datetime) -> None:
    """Insert restatements: the figure, the measures before, and the rulings and notices behind it."""
    figures = [restatement.figure for restatement in restatements]
    await connection.execute(
        INSERT_RESTATEMENTS,
        [figure.key.subject_kind for figure in figures],
        [figure.key.subject for figure in figures],
        [figure.key.period.name for figure in figures],
        [figure.version for figure in figures],
        [restatement.before.model_dump_json() for restatement in restatements],
        [figure.measures.model_dump_json() for figure in figures],
        [" ".join(map(str, restatement.ruling_ids)) for restatement in restatements],
        [orjson.dumps(restatement.notices).decode() for restatement in restatements],
        at,
    )


@dataclass(frozen=True, slots=True)
class OperatorDetails:
    """An operator of a figure, with the region and industry that most of its complaints of a month are about."""

    operator: ComplaintOperator
    region: str | None
    industry: str | None


OPERATOR_DETAILS = """
SELECT o.operator_key, o.name, o.uscc, o.address, o.scope, o.platform, o.site, r.region, i.industry
  FROM unnest($1::text[], $2::date[]) AS k(operator_key, month)
  JOIN stats.operators AS o USING (operator_key)
  LEFT JOIN LATERAL (
    SELECT b.region
      FROM stats.day_buckets AS b
     WHERE b.operator_key = k.operator_key
       AND b.day >= k.month
       AND b.day < k.month + interval '1 month'
       AND b.region <> ''
     GROUP BY b.region
     ORDER BY sum(b.complaints) DESC, b.region
     LIMIT 1
  ) AS r ON true
  LEFT JOIN LATERAL (
    SELECT b.industry
      FROM stats.day_buckets AS b
     WHERE b.operator_key = k.operator_key
       AND b.day >= k.month
       AND b.day < k.month + interval '1 month'
       AND b.industry <> ''
     GROUP BY b.industry
     ORDER BY sum(b.complaints) DESC, b.industry
     LIMIT 1
  ) AS i ON true
"""


async def fetch_operator_details(connection: asyncpg.Connection, months: dict[str, date]) -> dict[str, OperatorDetails]:
    """Return the details of operators by key; `months` maps each key to the month of its region and industry."""
    records = await connection.fetch(OPERATOR_DETAILS, list(months), list(months.values()))
    return {
        record["operator_key"]: OperatorDetails(to_operator(record), record["region"], record["industry"]) for record in records
    }


def to_operator(record: asyncpg.Record) -> ComplaintOperator:
    """Build an operator from a row of the register."""
    return ComplaintOperator(
        key=record["operator_key"], name=record["name"], uscc=record["uscc"], address=record["address"],
        scope=record["scope"], platform=record["platform"], site=record["site"],
    )  # fmt: skip
