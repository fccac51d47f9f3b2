"""Invariants of the release record within the database, and streams of all releases to compare with the topic."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import asyncpg
import orjson

from shared.stream.outbox import iterate_unsent

# A verification reads everything; the statement time-out of ordinary work does not fit it.
TIMEOUT_S = 1800.0
# More violations of one invariant than a person reads; one is enough to fail.
MAX_DIFFERENCES = 100
PREFETCH = 500

Body = dict[str, Any]

# Each statement returns (item id or operator key, what is wrong) of every violation of one invariant.
INVARIANTS = (
    """
SELECT r.item_id, 'the public form of release ' || r.release_seq || ' was edited'
  FROM publisher.releases r
 WHERE r.erased_at IS NULL
   AND r.digest <> sha256(convert_to(r.body::text, 'UTF8'))
""",
    # Of what was erased nothing is left, and nothing is erased that is public.
    """
SELECT r.item_id, 'release ' || r.release_seq || ' counts as erased and says something'
  FROM publisher.releases r
 WHERE r.erased_at IS NOT NULL
   AND (r.body IS DISTINCT FROM publisher.without_content(r.body)
        OR NOT EXISTS (SELECT FROM publisher.releases w WHERE w.item_id = r.item_id AND w.kind = 'withdrawn'))
""",
    """
SELECT r.item_id, 'release ' || r.release_seq || ' is recorded as ' || r.kind || ' of v' || r.version
  FROM publisher.releases r
 WHERE r.kind IS DISTINCT FROM r.body ->> 'state'
    OR r.item_id IS DISTINCT FROM r.body ->> 'item_id'
    OR r.version IS DISTINCT FROM (r.body ->> 'version')::integer
""",
    """
SELECT v.item_id, 'version ' || v.version || ' does not have the digest of its content'
  FROM publisher.versions v
 WHERE v.erased_at IS NULL
   AND v.digest <> sha256(convert_to(v.form::text, 'UTF8'))
""",
    """
SELECT r.item_id, 'release ' || r.release_seq || ' is not what was approved in ' || f.key
  FROM publisher.releases r
  JOIN publisher.versions v USING (item_id, version)
 CROSS JOIN LATERAL jsonb_each(v.form) f
 WHERE r.body -> f.key IS DISTINCT FROM f.value
""",
    """
SELECT r.item_id, 'release ' || r.release_seq || ' lacks the approval of the gatekeeper'
  FROM publisher.releases r
  JOIN publisher.versions v USING (item_id, version)
 WHERE NOT EXISTS (
       SELECT FROM publisher.stops s
        WHERE v.purpose = 'withdraw'
          AND (s.item_id, s.version, s.digest, s.stopped_by) = (r.item_id, r.version, v.digest, r.released_by))
   AND NOT EXISTS (
       SELECT FROM publisher.approvals a
        WHERE (a.item_id, a.version, a.digest) = (r.item_id, r.version, v.digest)
          AND a.step = 'release' AND a.person = r.released_by AND a.person <> v.drafted_by)
   AND NOT EXISTS (
       SELECT FROM publisher.scheduled_releases s
        WHERE (s.item_id, s.version, s.digest) = (r.item_id, r.version, v.digest)
          AND s.outcome = 'released' AND s.scheduled_by = r.released_by AND s.scheduled_by <> v.drafted_by
          AND s.release_at <= r.released_at)
""",
    """
SELECT r.item_id, 'release ' || r.release_seq || ' lacks a review'
  FROM publisher.releases r
  JOIN publisher.versions v USING (item_id, version)
  JOIN publisher.items i USING (item_id)
  LEFT JOIN LATERAL (
       SELECT s.reviewers
         FROM publisher.gate_steps s
        WHERE s.board = i.board AND s.rules_version = r.rules_version AND s.kind IN (coalesce(i.kind, ''), '')
        ORDER BY s.kind DESC
        LIMIT 1) g ON true
 WHERE v.ruling_id IS NULL
   AND (v.purpose = 'publish' OR NOT EXISTS (SELECT FROM accounts.display_names(ARRAY[v.drafted_by])))
   AND (SELECT count(*) FROM publisher.approvals a
         WHERE (a.item_id, a.version, a.digest) = (r.item_id, r.version, v.digest)
           AND a.step = 'review' AND a.person NOT IN (r.released_by, v.drafted_by)) < coalesce(g.reviewers, 1)
""",
    """
SELECT r.item_id, 'release ' || r.release_seq || ' withdraws without a ruling'
  FROM publisher.releases r
  JOIN publisher.versions v USING (item_id, version)
 WHERE v.ruling_id IS NOT NULL
   AND NOT EXISTS (
       SELECT FROM publisher.rulings u
        WHERE u.ruling_id = v.ruling_id AND u.item_id = r.item_id AND u.decision = 'withdrawn')
""",
    """
SELECT n.item_id, 'release ' || n.release_seq || ' follows ' || coalesce(n.before, 0)
  FROM (SELECT item_id, release_seq, lag(release_seq) OVER (ORDER BY release_seq) AS before FROM publisher.releases) n
 WHERE n.release_seq <> coalesce(n.before, 0) + 1
""",
    """
SELECT coalesce(p.item_id, r.item_id), 'what is shown is not the newest release'
  FROM publisher.public_items p
  FULL JOIN (SELECT DISTINCT ON (item_id) item_id, release_seq, body
               FROM publisher.releases ORDER BY item_id, release_seq DESC) r USING (item_id)
 WHERE p.release_seq IS DISTINCT FROM r.release_seq
    OR p.body IS DISTINCT FROM r.body
    OR p.state IS DISTINCT FROM r.body ->> 'state'
    OR p.board IS DISTINCT FROM r.body ->> 'board'
""",
    """
SELECT p.item_id, 'what is shown is listed by something else than release ' || r.release_seq || ' says'
  FROM publisher.public_items p
  JOIN publisher.releases r USING (item_id, release_seq)
 WHERE p.operator_name IS DISTINCT FROM r.body #>> '{operator,name}'
    OR p.region IS DISTINCT FROM r.body ->> 'region'
    OR p.industry IS DISTINCT FROM r.body #>> '{content,industry}'
    OR p.period IS DISTINCT FROM r.body ->> 'period'
    OR p.expires_on IS DISTINCT FROM (r.body ->> 'expires_on')::date
    OR p.words IS DISTINCT FROM concat_ws(' ', nullif(r.body ->> 'title', ''), nullif(r.body ->> 'summary', ''))
""",
    """
SELECT p.item_id, 'what is shown stands with an operator that its release does not name'
  FROM publisher.public_items p
  JOIN publisher.releases r USING (item_id, release_seq)
 WHERE p.operator_key IS DISTINCT FROM r.body #>> '{operator,key}'
""",
    # Of whom every item was withdrawn nothing is shown.
    """
SELECT key, 'the operator is not shown as the newest release of its public items names it'
  FROM publisher.public_operators o
  FULL JOIN (SELECT DISTINCT ON (r.body #>> '{operator,key}') r.body #>> '{operator,key}' AS key, r.body -> 'operator' AS named
               FROM publisher.releases r
              WHERE r.body #>> '{operator,key}' IS NOT NULL
                AND NOT EXISTS (SELECT FROM publisher.releases n
                                 WHERE n.item_id = r.item_id AND n.release_seq > r.release_seq)
              ORDER BY r.body #>> '{operator,key}', r.release_seq DESC) n USING (key)
 WHERE o.name IS DISTINCT FROM n.named ->> 'name'
    OR o.uscc IS DISTINCT FROM n.named ->> 'uscc'
""",
    """
SELECT v.item_id, 'version ' || v.version || ' counts as public without a release'
  FROM publisher.versions v
 WHERE v.state IN ('released', 'superseded')
   AND NOT EXISTS (SELECT FROM publisher.releases r WHERE (r.item_id, r.version) = (v.item_id, v.version))
""",
)


async def find_violations(connection: asyncpg.Connection, rule: str) -> list[tuple[str, str]]:
    """Return (item id or operator key, what is wrong) of at most `MAX_DIFFERENCES` violations; runs inside a transaction."""
    cursor = await connection.cursor(rule, timeout=TIMEOUT_S)
    return [(row[0], row[1]) for row in await cursor.fetch(MAX_DIFFERENCES, timeout=TIMEOUT_S)]


@dataclass(frozen=True, slots=True)
class RecordCounts:
    """Counts of the release record; `seq` is its newest number, `live` the items that are not withdrawn."""

    seq: int
    releases: int
    items: int
    live: int


COUNT_RECORD = """
SELECT coalesce(max(r.release_seq), 0) AS seq, count(*) AS releases, count(DISTINCT r.item_id) AS items,
       count(*) FILTER (WHERE r.kind <> 'withdrawn'
                          AND NOT EXISTS (SELECT FROM publisher.releases n
                                           WHERE n.item_id = r.item_id AND n.release_seq > r.release_seq)) AS live
  FROM publisher.releases r
"""


async def count_record(connection: asyncpg.Connection) -> RecordCounts:
    """Count the release record."""
    row = await connection.fetchrow(COUNT_RECORD, timeout=TIMEOUT_S)
    if row is None:
        raise AssertionError("an aggregate has one row")
    return RecordCounts(**dict(row))


RELEASES = "SELECT body FROM publisher.releases WHERE release_seq > $1 ORDER BY release_seq"


async def stream_releases(connection: asyncpg.Connection, after: int = 0) -> AsyncIterator[Body]:
    """Yield public forms in release order. Needs a transaction, since it reads through a cursor."""
    async for row in connection.cursor(RELEASES, after, prefetch=PREFETCH):
        yield orjson.loads(row["body"])


async def stream_unsent(connection: asyncpg.Connection, topic: str) -> AsyncIterator[Body]:
    """Yield the unsent outbox messages of a topic in order. Needs a transaction."""
    async for message in iterate_unsent(connection, topic):
        yield orjson.loads(message.value or b"")
