"""The record of recalls: of each correction and withdrawal how many places have acknowledged it; for staff, which and when."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import asyncpg
from fastapi import APIRouter, Depends, Request, Response

from services.publisher.bureau import BureauContext
from services.publisher.store import desk, gate, recalls
from services.publisher.store.gate import ReleaseEntry
from services.publisher.store.recalls import RecallPlace
from services.publisher.web.api import allow_any_origin
from services.publisher.web.dependencies import BureauDep, render
from services.publisher.web.desk import Staff, layout_context
from services.publisher.web.overview import OverviewDep
from services.publisher.web.portal import not_found
from services.publisher.web.release_numbers import ReleaseNumber
from shared.clock import now
from shared.contracts import ItemState
from shared.web.session import DatabaseDep

PAGE = 50
# Screens are noted as seen once a minute.
SEEN_WITHIN = timedelta(minutes=1)
router = APIRouter()


def leased_after(bureau: BureauContext, at: datetime) -> datetime:
    """Return the time since when a screen must have had a lease to show anything now."""
    return at - timedelta(minutes=bureau.rules(at).screens.lease_minutes) - SEEN_WITHIN


async def _fetch(
    connection: asyncpg.Connection, bureau: BureauContext, before: int | None
) -> list[tuple[ReleaseEntry, list[RecallPlace]]]:
    entries = await gate.fetch_changes_before(connection, before, PAGE)
    keys = [(entry.item.item_id, entry.item.version) for entry in entries]
    places = await recalls.fetch_places(connection, keys, leased_after(bureau, now()))
    return [(entry, places[key]) for entry, key in zip(entries, keys, strict=True)]


@router.get("/recalls", include_in_schema=False)
async def recalls_page(
    request: Request, database: DatabaseDep, bureau: BureauDep, overview: OverviewDep, before: ReleaseNumber = None
) -> Response:
    """Show how far corrections and withdrawals have reached the places that had what they replace."""
    async with database.snapshot() as connection:
        rows = await _fetch(connection, bureau, before)
        missing = await recalls.count_unacknowledged(connection, leased_after(bureau, now()))
    return render(
        request, "portal/recalls.html", rows=rows, unacknowledged=missing, overview=overview, rules=bureau.rules(now()),
        next_before=rows[-1][0].release_seq if len(rows) == PAGE else None,
    )  # fmt: skip


@router.get("/api/recalls", tags=["public"], dependencies=[Depends(allow_any_origin)])
async def recalls_json(database: DatabaseDep, bureau: BureauDep, before: ReleaseNumber = None) -> dict[str, Any]:
    """Return corrections and withdrawals, the newest first, each with how many places had an earlier version and acknowledged.

    `unacknowledged` counts what is missing now: of targets, of screens, and of these by screens whose lease is over.
    """
    async with database.snapshot() as connection:
        rows = await _fetch(connection, bureau, before)
        missing = await recalls.count_unacknowledged(connection, leased_after(bureau, now()))
    return {
        "unacknowledged": {
            "total": missing.total, "targets": missing.targets, "screens": missing.screens, "blank": missing.blank,
        },
        "recalls": [_recall(entry, places) for entry, places in rows],
        "next_before": rows[-1][0].release_seq if len(rows) == PAGE else None,
    }  # fmt: skip


def _recall(entry: ReleaseEntry, places: list[RecallPlace]) -> dict[str, Any]:
    times = [place.acknowledged_at for place in places if place.acknowledged_at]
    return {
        "item_id": entry.item.item_id, "version": entry.item.version, "state": entry.kind, "release_seq": entry.release_seq,
        "released_at": entry.item.released_at, "places": len(places), "acknowledged": len(times),
        "unacknowledged": len(places) - len(times), "last_acknowledged_at": max(times, default=None),
    }  # fmt: skip


@router.get("/desk/recalls/{item_id}", include_in_schema=False)
async def recall_page(
    request: Request, item_id: str, person: Staff, database: DatabaseDep, bureau: BureauDep, done: str | None = None
) -> Response:  # fmt: skip
    """Show every place of an item's corrections and withdrawals, with version and time of its acknowledgement."""
    async with database.snapshot() as connection:
        history = await gate.fetch_history(connection, item_id)
        entries = [entry for entry in history if entry.item.state is not ItemState.RELEASED]
        if not entries:
            raise not_found()
        keys = [(item_id, entry.item.version) for entry in entries]
        places = await recalls.fetch_places(connection, keys, leased_after(bureau, now()))
        counts = await desk.count_by_state(connection)
    rows = [(entry, places[key]) for entry, key in zip(entries, keys, strict=True)]
    return render(
        request, "desk/recall.html", item_id=item_id, rows=rows, rules=bureau.rules(now()),
        **layout_context(person, counts, "/desk/changes", done),
    )  # fmt: skip
