"""Operators in the JSON API: registration, released months, items; of whom everything was withdrawn nothing is found."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from urllib.parse import quote

from services.publisher.store import operators, release_record
from services.publisher.verification.comparison import Comparison, differing_fields
from services.publisher.verification.recheck import Probe
from services.publisher.web.api import MAX_LIMIT, MAX_MONTHS
from shared.contracts import Board, ItemState
from shared.web.languages import SOURCE


async def probes(comparison: Comparison, sample: int | None) -> tuple[list[Probe], int]:
    """Return a probe of each operator, or at a sample of them, and how many there are."""
    async with comparison.database.snapshot() as connection:
        codes, total = await release_record.sample_operator_codes(connection, sample)
    return [partial(_probe, comparison, code) for code in codes], total


async def gone_probes(comparison: Comparison, sample: int | None) -> list[Probe]:
    """Return a probe of each operator of whom every item was withdrawn, at most `sample` of them."""
    async with comparison.database.snapshot() as connection:
        codes = await release_record.fetch_gone_operator_codes(connection, sample)
    return [partial(_probe_gone, comparison, code) for code in codes]


async def _probe_gone(comparison: Comparison, code: str) -> list[str]:
    async with comparison.database.snapshot() as connection:
        if await operators.fetch_operator(connection, code):
            return []
    path = f"/operators/{quote(code, safe='')}"
    answers = [await comparison.client.json(f"/api{path}"), await comparison.client.page(path, SOURCE)]
    found = [f"{code}: {answer.path} answers {answer.status}" for answer in answers if answer.status != HTTPStatus.NOT_FOUND]
    results = (await comparison.client.json("/api/search", q=code)).json()
    return found + [f"{code}: /api/search still finds {name}" for name in ("operators", "items") if results.get(name)]


async def _probe(comparison: Comparison, code: str) -> list[str]:
    async with comparison.database.snapshot() as connection:
        operator = await operators.fetch_operator(connection, code)
        released = await release_record.fetch_operator_releases(connection, operator.key) if operator else []
    answer = await comparison.client.json(f"/api/operators/{quote(code, safe='')}")
    if operator is None or answer.status != HTTPStatus.OK:
        return [f"{code}: {answer.path} answers {answer.status}"] if answer.status != HTTPStatus.NOT_FOUND or operator else []
    items = [stored.item for stored in released]
    months = [item for item in items if item.period and item.board is Board.BASIC and item.state is not ItemState.WITHDRAWN]
    months.sort(key=lambda item: item.period or "", reverse=True)
    expected = {
        "operator": {**operator.public().model_dump(), "region": operator.region, "industry": operator.industry},
        "figures": [{"month": item.period, "item_id": item.item_id, **(item.content or {})} for item in months[:MAX_MONTHS]],
        "items": [comparison.current_json(stored) for stored in released[:MAX_LIMIT]],
    }
    body = answer.json()
    fields = differing_fields({name: body.get(name) for name in expected}, expected)
    return [f"{code}: {answer.path} differs from what was released in {fields}"] if fields else []
