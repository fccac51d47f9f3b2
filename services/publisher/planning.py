"""The publication plan by the rules in force: what is due, and what of it is late."""

from __future__ import annotations

from datetime import datetime, timedelta

import asyncpg

from services.publisher.bureau import BureauContext
from services.publisher.domain.item_terms import ItemTerm, find_item_terms, kinds_with_terms
from services.publisher.domain.plan import MONTHS_SHOWN, Duty, find_duties
from services.publisher.store import plan

MAX_AT_WORK = 1_000
# Drafted this long before the first day that is looked at, an item may still be of a period in it.
LOOK_BACK = timedelta(days=31 * (MONTHS_SHOWN + 12))


async def fetch_duties(connection: asyncpg.Connection, bureau: BureauContext, now: datetime) -> list[Duty]:
    """Return the duties of the plan, what is due first first."""
    rules = bureau.rules(now)
    kinds = sorted({rule.kind for rule in rules.plan.values()})
    there = await plan.fetch_published(connection, kinds, now - LOOK_BACK, bureau.zone)
    return find_duties(rules, bureau.calendar, bureau.today(now), there)


async def fetch_item_terms(connection: asyncpg.Connection, bureau: BureauContext, now: datetime) -> list[ItemTerm]:
    """Return single items with a last day by the rules of their kind, to be published or withdrawn, what is due first first."""
    rules = bureau.rules(now)
    kinds = kinds_with_terms(rules)
    at_work = await plan.fetch_at_work(connection, kinds, bureau.zone, MAX_AT_WORK) if kinds else []
    return find_item_terms(rules, bureau.calendar, at_work)
