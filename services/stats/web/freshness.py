"""How current an answer is: when the last batch was counted, how many records wait, which days are covered."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

import asyncpg
from fastapi import Request

from services.stats.store import queries
from services.stats.web.responses import Coverage
from shared.service import ServiceContext


class Freshness(TypedDict):
    """`as_of`: null before the first batch. `lag`: records that wait."""

    as_of: datetime | None
    lag: int
    coverage: Coverage


async def fetch_freshness(request: Request, connection: asyncpg.Connection) -> Freshness:
    """Return how current the answer is that the same snapshot gives."""
    context: ServiceContext = request.app.state.context
    return Freshness(
        as_of=await queries.fetch_as_of(connection),
        lag=sum(consumer.lag() for consumer in context.consumers),
        coverage=Coverage.from_sources(await queries.fetch_coverage(connection)),
    )
