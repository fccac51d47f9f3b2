"""Proof of what is public: the release record against approvals, versions, the public forms, and the topic."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import asyncpg
import orjson
from aiokafka import AIOKafkaConsumer

from shared.clock import now
from shared.contracts.publications import PUBLICATIONS
from shared.database import open_pool
from shared.settings import Settings
from shared.stream import Store

Body = dict[str, Any]
READ_TIMEOUT_MS = 1_000

# Each statement returns (item id, what is wrong) of one rule; none returns anything while all is well.
FAULTS = (
    """
SELECT r.item_id, 'the public form of release ' || r.release_seq || ' was edited'
  FROM publisher.releases r
 WHERE r.digest <> sha256(convert_to(r.body::text, 'UTF8'))
""",
    """
SELECT v.item_id, 'version ' || v.version || ' does not have the digest of its content'
  FROM publisher.versions v
 WHERE v.digest <> sha256(convert_to(v.form::text, 'UTF8'))
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
 WHERE v.ruling_id IS NULL
   AND NOT EXISTS (
       SELECT FROM publisher.approvals a
        WHERE (a.item_id, a.version, a.digest) = (r.item_id, r.version, v.digest)
          AND a.step = 'release' AND a.person = r.released_by AND a.person <> v.drafted_by)
""",
    """
SELECT r.item_id, 'release ' || r.release_seq || ' lacks a review'
  FROM publisher.releases r
  JOIN publisher.versions v USING (item_id, version)
  JOIN publisher.items i USING (item_id)
  LEFT JOIN publisher.gate g ON g.board = i.board AND g.rules_version = r.rules_version
 WHERE v.purpose = 'publish'
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
SELECT v.item_id, 'version ' || v.version || ' counts as public without a release'
  FROM publisher.versions v
 WHERE v.state IN ('released', 'superseded')
   AND NOT EXISTS (SELECT FROM publisher.releases r WHERE (r.item_id, r.version) = (v.item_id, v.version))
""",
)
RELEASES = "SELECT item_id, body FROM publisher.releases ORDER BY release_seq"
WAITING = "SELECT value FROM outbox WHERE topic = $1 ORDER BY id"


async def differences(settings: Settings) -> list[str]:
    """Return every difference between the release record and what was approved, is shown and was told, `item: what`.

    Empty: nothing differs.
    """
    pool = await open_pool(settings, "publisher")
    try:
        async with Store(pool, now, "/gongshi/publisher").reading() as connection:
            found = await differences_held(connection)
            releases = [(row["item_id"], orjson.loads(row["body"])) for row in await connection.fetch(RELEASES)]
            waiting = [orjson.loads(row["value"])["item"] for row in await connection.fetch(WAITING, PUBLICATIONS)]
    finally:
        await pool.close()
    return found + topic_differences(releases, [*await _read_topic(settings), *waiting])


async def differences_held(connection: asyncpg.Connection) -> list[str]:
    """Return the differences within the database."""
    return [f"{item_id}: {what}" for statement in FAULTS for item_id, what in await connection.fetch(statement)]


def topic_differences(releases: Iterable[tuple[str, Body]], told: Iterable[Body]) -> list[str]:
    """Return where the topic, duplicates aside, does not tell the releases of each item in their order."""
    wanted: dict[str, list[Body]] = defaultdict(list)
    for item_id, body in releases:
        wanted[item_id].append(body)
    heard: dict[str, list[Body]] = defaultdict(list)
    for body in told:
        if body not in heard[body["item_id"]]:
            heard[body["item_id"]].append(body)
    return [
        f"{item_id}: the topic tells {_versions(heard[item_id])}, released were {_versions(wanted[item_id])}"
        for item_id in sorted({*wanted, *heard})
        if heard[item_id] != wanted[item_id]
    ]


def _versions(bodies: Iterable[Body]) -> str:
    return ", ".join(f"v{body['version']} {body['state']}" for body in bodies) or "nothing"


async def _read_topic(settings: Settings) -> list[Body]:
    """Return the items of all records of the topic, each partition in order, up to its end as of now."""
    topic = settings.topic_prefix + PUBLICATIONS
    # Without a group every partition is assigned at the start.
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=settings.kafka_bootstrap_servers)
    await consumer.start()
    try:
        partitions = sorted(consumer.assignment())
        ends = await consumer.end_offsets(partitions)
        await consumer.seek_to_beginning(*partitions)
        bodies: list[Body] = []
        while any([await consumer.position(partition) < ends[partition] for partition in partitions]):
            batches = await consumer.getmany(*partitions, timeout_ms=READ_TIMEOUT_MS)
            bodies += [orjson.loads(record.value)["item"] for batch in batches.values() for record in batch]
        return bodies
    finally:
        await consumer.stop()
