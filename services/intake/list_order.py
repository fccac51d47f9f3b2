"""Revision numbers for reports of lists that have none, from the order of the lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import asyncpg

from services.intake.domain.decision import ComplaintKey
from services.intake.domain.listing import ListedState, advance, assign_revision
from services.intake.domain.report import ReportEvent, content_hash
from services.intake.store import complaints, listings

Ordered = ReportEvent | None
"""A report with its revision number; None where it is older than what is stored."""


async def order_listed(
    connection: asyncpg.Connection, events: Sequence[ReportEvent], source_ids: Mapping[str, int]
) -> list[Ordered]:
    """Return the events with revision numbers; events that carry numbers of their own stay as they are.

    The complaints are locked and what the lists show is stored in this transaction, in which the events have to be applied.
    """
    keys = {_key(event, source_ids) for event in events if event.listing is not None}
    if not keys:
        return list(events)
    states = await complaints.lock_states(connection, keys)
    listed = await listings.fetch_listed(connection, keys)
    shown: dict[ComplaintKey, ListedState] = {}
    ordered: list[Ordered] = []
    for event in events:
        if event.listing is None:
            ordered.append(event)
            continue
        key, content = _key(event, source_ids), content_hash(event.data)
        revision = assign_revision(states.get(key), listed.get(key), event.data, content, event.listing)
        if revision is not None:
            shown.setdefault(key, advance(listed.get(key), event.data, content, event.listing))
        ordered.append(None if revision is None else _with_revision(event, revision))
    await listings.upsert_listed(connection, shown)
    return ordered


def _key(event: ReportEvent, source_ids: Mapping[str, int]) -> ComplaintKey:
    return source_ids[event.source], event.data.external_id


def _with_revision(event: ReportEvent, revision: int) -> ReportEvent:
    return replace(event, data=event.data.model_copy(update={"revision": revision}))
