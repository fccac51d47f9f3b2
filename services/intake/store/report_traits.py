"""What reports are compared by, and the reports that may be of the same dispute."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

import asyncpg

from services.intake.domain.duplicates import MAX_DAYS, NEAR_DAYS, Traits
from services.intake.domain.match_keys import MatchKeys
from services.intake.domain.sketch import BYTES

# Of a number that very many reports name (a switchboard, a hotline's own) the newest are enough, as of an operator's reports.
NEWEST = 40

UPSERT = """
INSERT INTO intake.report_traits AS t (complaint_id, source_id, operator_key, operator_name, received_on, amount, goods,
                                       days, own_number, match_keys, has_person, sketch)
SELECT r.complaint_id, r.source_id, r.operator_key, r.operator_name, r.received_on, r.amount, r.goods,
       r.days::bigint[], r.own_number, r.keys::bigint[], r.has_person, r.sketch
  FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::date[], $6::bigint[], $7::text[], $8::text[], $9::bigint[],
              $10::text[], $11::boolean[], $12::bytea[])
       AS r(complaint_id, source_id, operator_key, operator_name, received_on, amount, goods, days, own_number, keys,
            has_person, sketch)
 ORDER BY r.complaint_id
    ON CONFLICT (complaint_id) DO UPDATE
   SET operator_key = excluded.operator_key,
       operator_name = excluded.operator_name,
       received_on = excluded.received_on,
       amount = excluded.amount,
       goods = excluded.goods,
       days = excluded.days,
       match_keys = excluded.match_keys,
       has_person = excluded.has_person,
       sketch = excluded.sketch
"""
ADD_KEYS = """
INSERT INTO intake.match_keys (key, complaint_id)
SELECT * FROM unnest($1::bigint[], $2::uuid[]) AS k(key, complaint_id)
 ORDER BY k.key, k.complaint_id
    ON CONFLICT DO NOTHING
"""


def block_keys(traits: Traits) -> set[int]:
    """Return the digests by which others are looked for, of the report's own number too."""
    keys = traits.keys
    return {key for key in (*keys.phones, keys.identity, keys.name, *keys.cited, traits.own_number) if key}


async def upsert(connection: asyncpg.Connection, traits: Sequence[Traits]) -> None:
    """Store what reports are compared by."""
    await connection.execute(
        UPSERT,
        [each.complaint_id for each in traits],
        [each.source_id for each in traits],
        [each.operator_key for each in traits],
        [each.operator_name for each in traits],
        [each.received_on for each in traits],
        [each.amount for each in traits],
        [each.goods for each in traits],
        [_to_array(each.days) for each in traits],
        [each.own_number for each in traits],
        [_to_array((*each.keys.phones, each.keys.identity, each.keys.name, *each.keys.cited)) for each in traits],
        [bool(each.keys.persons()) for each in traits],
        [each.sketch.to_bytes(BYTES, "big") for each in traits],
    )
    keys = [(key, each.complaint_id) for each in traits for key in block_keys(each)]
    await connection.execute(ADD_KEYS, [key for key, _ in keys], [complaint for _, complaint in keys])


def _to_array(numbers: Iterable[int]) -> str:
    return "{" + ",".join(map(str, numbers)) + "}"


FETCH = """
SELECT complaint_id, source_id, operator_key, operator_name, received_on, amount, goods, days, own_number, match_keys, sketch
  FROM intake.report_traits
 WHERE complaint_id = ANY ($1::uuid[])
"""


async def fetch(connection: asyncpg.Connection, complaint_ids: Collection[UUID]) -> dict[UUID, Traits]:
    """Return the stored traits of complaints."""
    rows = await connection.fetch(FETCH, list(complaint_ids))
    return {traits.complaint_id: traits for traits in map(_from_row, rows)}


# The ids of candidates; each look-up is a range of an index that ends after some rows.
BY_KEYS = """
SELECT k.complaint_id AS one, o.complaint_id AS other
  FROM unnest($1::bigint[], $2::uuid[]) AS k(key, complaint_id)
 CROSS JOIN LATERAL (
       SELECT m.complaint_id
         FROM intake.match_keys AS m
        WHERE m.key = k.key
        ORDER BY m.complaint_id DESC
        LIMIT $3) AS o
 WHERE o.complaint_id <> k.complaint_id
"""
OF_ANYBODY = """
SELECT r.complaint_id AS one, o.complaint_id AS other
  FROM unnest($1::uuid[], $2::text[], $3::date[]) AS r(complaint_id, operator_key, received_on)
 CROSS JOIN LATERAL (
       SELECT t.complaint_id
         FROM intake.report_traits AS t
        WHERE t.operator_key = r.operator_key
          AND t.received_on BETWEEN r.received_on - $4::integer AND r.received_on + $4::integer
        ORDER BY t.received_on DESC
        LIMIT $5) AS o
 WHERE o.complaint_id <> r.complaint_id
"""
OF_NOBODY = """
SELECT r.complaint_id AS one, o.complaint_id AS other
  FROM unnest($1::uuid[], $2::text[], $3::date[]) AS r(complaint_id, operator_key, received_on)
 CROSS JOIN LATERAL (
       SELECT t.complaint_id
         FROM intake.report_traits AS t
        WHERE t.operator_key = r.operator_key
          AND t.received_on BETWEEN r.received_on - $4::integer AND r.received_on + $4::integer
          AND NOT t.has_person
        ORDER BY t.received_on DESC
        LIMIT $5) AS o
 WHERE o.complaint_id <> r.complaint_id
"""


async def find_candidates(connection: asyncpg.Connection, traits: Collection[Traits]) -> set[tuple[UUID, UUID]]:
    """Return pairs of complaints that may be of one dispute, each pair once, the smaller id first.

    Reports that both name a person are looked for by that person; where one names nobody, by the operator and the days.
    """
    keys = [(key, each.complaint_id) for each in traits for key in block_keys(each)]
    found = await connection.fetch(BY_KEYS, [key for key, _ in keys], [complaint for _, complaint in keys], NEWEST)
    for statement, has_person in ((OF_NOBODY, True), (OF_ANYBODY, False)):
        asking = [each for each in traits if bool(each.keys.persons()) is has_person]
        if asking:
            found += await connection.fetch(
                statement,
                [each.complaint_id for each in asking],
                [each.operator_key for each in asking],
                [each.received_on for each in asking],
                NEAR_DAYS,
                NEWEST,
            )
    pairs = ((UUID(int=row["one"].int), UUID(int=row["other"].int)) for row in found)
    return {(one, other) if one < other else (other, one) for one, other in pairs}


def _from_row(row: asyncpg.Record) -> Traits:
    first, second, identity, name, cited, also_cited = row["match_keys"]
    return Traits(
        UUID(int=row["complaint_id"].int), row["source_id"], row["operator_key"], row["operator_name"], row["received_on"],
        row["amount"], row["goods"], tuple(row["days"]), row["own_number"],
        MatchKeys((first, second), identity, name, (cited, also_cited)), int.from_bytes(row["sketch"], "big"),
    )  # fmt: skip


DELETE = """
WITH gone AS (DELETE FROM intake.report_traits WHERE complaint_id = ANY ($1::uuid[]) RETURNING *)
DELETE FROM intake.match_keys AS m
 USING gone AS g
 CROSS JOIN LATERAL unnest(g.match_keys || g.own_number) AS k(key)
 WHERE m.key = k.key
   AND m.complaint_id = g.complaint_id
"""


async def delete(connection: asyncpg.Connection, complaint_ids: Iterable[UUID]) -> None:
    """Forget what reports are compared by."""
    await connection.execute(DELETE, list(complaint_ids))


# Days after a report has come: a dispute is reported elsewhere within `MAX_DAYS`, and sources send reports some days late.
KEPT_DAYS = MAX_DAYS + 30
FIND_OLDEST = "SELECT complaint_id FROM intake.report_traits WHERE complaint_id < $1 ORDER BY complaint_id LIMIT $2"


async def find_oldest(connection: asyncpg.Connection, before: datetime, limit: int) -> list[UUID]:
    """Return reports that came before a time; their ids begin with it."""
    bound = UUID(int=int(before.timestamp() * 1_000) << 80)
    return [UUID(int=row["complaint_id"].int) for row in await connection.fetch(FIND_OLDEST, bound, limit)]
