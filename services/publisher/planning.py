"""The publication plan by the rules in force: what is due, and what of it is late."""

from __future__ import annotations

from datetime import datetime, timedelta

import asyncpg

from services.publisher.bureau import BureauContext
from services.publisher.domain.plan import MONTHS_SHOWN, Duty, find_duties
from services.publisher.store import plan

# Drafted this long before the first day that is looked at, an item may still be of a period in it.
LOOK_BACK = timedelta(days=31 * (MONTHS_SHOWN + 12))


async def fetch_duties(connection: asyncpg.Connection, bureau: BureauContext, now: datetime) -> list[Duty]:
    """Return the duties of the plan, what is due first first."""
    rules = bureau.rules(now)
    kinds = sorted({rule.kind for rule in rules.plan.values()})
    there = await plan.fetch_published(connection, kinds, now - LOOK_BACK, bureau.zone)
    return find_duties(rules, bureau.calendar, bureau.today(now), there)
