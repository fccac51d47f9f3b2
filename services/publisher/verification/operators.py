"""Operators as the interface answers them: who they are, their released months, their items."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from urllib.parse import quote

from services.publisher.store import operators, record
from services.publisher.verification.looking import Look
from services.publisher.verification.sides import Sides, differing
from services.publisher.web.api import MONTHS, MOST
from shared.contracts import Board, ItemState


async def looks(sides: Sides, sample: int | None) -> tuple[list[Look], int]:
    """Return a look at each operator, or at a sample of them, and how many there are."""
    async with sides.store.reading() as connection:
        codes, held = await record.operator_codes(connection, sample)
    return [partial(_look, sides, code) for code in codes], held


async def _look(sides: Sides, code: str) -> list[str]:
    async with sides.store.reading() as connection:
        operator = await operators.operator(connection, code)
        released = await record.of_operator(connection, operator.key) if operator else []
    answer = await sides.reader.json(f"/api/operators/{quote(code, safe='')}")
    if operator is None or answer.status != HTTPStatus.OK:
        return [f"{code}: {answer.path} answers {answer.status}"] if answer.status != HTTPStatus.NOT_FOUND or operator else []
    months = [one.item for one in released if one.item.board is Board.BASIC and one.item.state is not ItemState.WITHDRAWN]
    months.sort(key=lambda item: item.period or "", reverse=True)
    wanted = {
        "operator": {**operator.public().model_dump(), "region": operator.region, "industry": operator.industry},
        "figures": [{"month": m.period, "item_id": m.item_id, **(m.content or {})} for m in months[:MONTHS]],
        "items": [sides.shown(one) for one in released[:MOST]],
    }
    body = answer.json()
    fields = differing({name: body.get(name) for name in wanted}, wanted)
    return [f"{code}: {answer.path} differs from what was released in {fields}"] if fields else []
