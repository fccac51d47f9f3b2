"""The recount of working days by a calendar that was adopted: contributions in chunks, each with the deltas of the sums."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from services.stats.store.deltas import CREATE_DELTAS
from shared.calendar import FIRST_DAY, Calendar, CalendarChange


@dataclass(frozen=True, slots=True)
class Recount:
    """A recount that is not finished: contributions up to `done_to`, in the order of complaints, are recounted."""

    calendar_id: int
    done_to: UUID


# A recount that another calendar overtakes leaves its reasons to the one that follows.
INSERT_RECOUNT = """
WITH overtaken AS (
    UPDATE stats.workday_recounts
       SET finished_at = $3
     WHERE finished_at IS NULL
    RETURNING notices
)
INSERT INTO stats.workday_recounts (calendar_id, notices, started_at)
SELECT $1,
       ARRAY(SELECT DISTINCT notice
               FROM (SELECT unnest($2::text[]) AS notice UNION ALL SELECT unnest(notices) FROM overtaken) AS n
              ORDER BY notice),
       $3
"""


async def insert_recount(connection: asyncpg.Connection, change: CalendarChange, at: datetime) -> None:
    """Begin the recount by a calendar; one that is not finished ends here."""
    await connection.execute(INSERT_RECOUNT, change.id, list(change.notices), at)


LOCK_RECOUNT = """
SELECT calendar_id, done_to
  FROM stats.workday_recounts
 WHERE finished_at IS NULL
   FOR UPDATE
"""


async def lock_recount(connection: asyncpg.Connection) -> Recount | None:
    """Return the recount that is not finished, locked for this transaction, or None."""
    record = await connection.fetchrow(LOCK_RECOUNT)
    return Recount(**dict(record)) if record else None


CHUNK_END = """
SELECT complaint_id
  FROM (SELECT complaint_id FROM stats.contributions WHERE complaint_id > $1 ORDER BY complaint_id LIMIT $2) AS chunk
 ORDER BY complaint_id DESC
 LIMIT 1
"""


async def find_chunk_end(connection: asyncpg.Connection, after: UUID, size: int) -> UUID | None:
    """Return the last of the `size` complaints that follow `after`, or None if none follows."""
    last: UUID | None = await connection.fetchval(CHUNK_END, after, size)
    return last


# Rows are locked in the order of complaints, as batches of revisions lock them.
RECOUNT_CHUNK = """
WITH stale AS (
    SELECT complaint_id, n.to_close, n.to_decide, n.late
      FROM stats.contributions
     CROSS JOIN LATERAL (
        SELECT stats.workdays_between($3, $4, accepted_on, closed_on) AS to_close,
               stats.workdays_between($3, $4, received_on, coalesce(accepted_on, closed_on)) AS to_decide,
               stats.workdays_between($3, $4, accepted_on + 59, closed_on - 1) AS late
     ) AS n
     WHERE complaint_id > $1
       AND complaint_id <= $2
       AND coalesce(accepted_on, closed_on) IS NOT NULL
       AND (workdays_to_close, workdays_to_decide, workdays_late) IS DISTINCT FROM (n.to_close, n.to_decide, n.late)
     ORDER BY complaint_id
       FOR UPDATE OF contributions
), recounted AS (
    UPDATE stats.contributions AS c
       SET workdays_to_close = s.to_close,
           workdays_to_decide = s.to_decide,
           workdays_late = s.late
      FROM stale AS s
     WHERE c.complaint_id = s.complaint_id
    RETURNING c.operator_key, c.received_on, c.category, c.region, c.industry, c.channel, c.counted,
              old.workdays AS was_workdays, new.workdays,
              new.revision > 0 AND NOT (new.duplicate OR new.ruled_out) AS counted_once,
              new.office, new.site, new.platform, new.sale_mode,
              stats.tallies(old) AS was_tallies, stats.tallies(new) AS tallies
)
INSERT INTO deltas
SELECT operator_key, received_on, date_trunc('month', received_on::timestamp)::date, category, region, industry, channel,
       0, 0, 0, 0, 0, 0, CASE WHEN counted THEN stats.workdays_term(workdays) - stats.workdays_term(was_workdays) ELSE 0 END,
       coalesce(office, ''), coalesce(site, ''), coalesce(platform, ''), coalesce(sale_mode, ''), tallies - was_tallies
  FROM recounted
 WHERE counted_once
   AND ((counted AND workdays IS DISTINCT FROM was_workdays) OR tallies <> was_tallies)
"""


async def recount_chunk(connection: asyncpg.Connection, after: UUID, last: UUID, calendar: Calendar) -> None:
    """Recount the contributions after one complaint up to another, and stage the deltas of the sums."""
    await connection.execute(CREATE_DELTAS)
    await connection.execute(RECOUNT_CHUNK, after, last, calendar.workday_numbers(), FIRST_DAY)


INSERT_CALENDAR_CHANGES = """
INSERT INTO stats.pending_changes (subject_kind, subjects, months, calendar_id)
SELECT s.kind, array_agg(s.subject), array_agg(m.month), $1
  FROM (SELECT DISTINCT operator_key, industry, category, channel, region, month FROM deltas) AS m
 CROSS JOIN LATERAL (
    VALUES ('all', ''), ('operator', m.operator_key), ('industry', m.industry), ('category', m.category),
           ('channel', m.channel)
     UNION ALL
    SELECT 'region', level FROM stats.region_levels(m.region) AS r(level)
 ) AS s(kind, subject)
 WHERE s.kind = 'all' OR s.subject <> ''
 GROUP BY s.kind
"""


async def insert_calendar_changes(connection: asyncpg.Connection, calendar_id: int) -> None:
    """Insert the pending changes of this transaction with the calendar behind them."""
    await connection.execute(INSERT_CALENDAR_CHANGES, calendar_id)


ADVANCE_RECOUNT = "UPDATE stats.workday_recounts SET done_to = $2 WHERE calendar_id = $1"
FINISH_RECOUNT = "UPDATE stats.workday_recounts SET finished_at = $2 WHERE calendar_id = $1"


async def advance_recount(connection: asyncpg.Connection, calendar_id: int, done_to: UUID) -> None:
    """Store how far a recount has come."""
    await connection.execute(ADVANCE_RECOUNT, calendar_id, done_to)


async def finish_recount(connection: asyncpg.Connection, calendar_id: int, at: datetime) -> None:
    """Store that a recount is finished."""
    await connection.execute(FINISH_RECOUNT, calendar_id, at)


COUNT_UNFINISHED = "SELECT count(*) FROM stats.workday_recounts WHERE finished_at IS NULL"


async def count_unfinished(connection: asyncpg.Connection) -> int:
    """Return how many recounts are not finished: 0 or 1."""
    return int(await connection.fetchval(COUNT_UNFINISHED))


NOTICES = "SELECT calendar_id, notices FROM stats.workday_recounts WHERE calendar_id = ANY ($1::bigint[])"


async def fetch_notices(connection: asyncpg.Connection, calendar_ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    """Return the notices behind recounts, by calendar."""
    records = await connection.fetch(NOTICES, list(calendar_ids)) if calendar_ids else []
    return {record["calendar_id"]: tuple(record["notices"]) for record in records}
