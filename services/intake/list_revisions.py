"""Revision numbers for reports of lists that have none, from the order of the lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import asyncpg

from services.intake.domain.decision import ComplaintKey
from services.intake.domain.list_history import ListHistory, advance, assign_revision
from services.intake.domain.report import ReportEvent, content_hash, with_revision
from services.intake.store import complaints, list_history

NumberedReport = ReportEvent | None
"""A report with its revision number; None where it is older than what is stored."""


async def assign_list_revisions(
    connection: asyncpg.Connection, events: Sequence[ReportEvent], source_ids: Mapping[str, int]
) -> list[NumberedReport]:
    """Return the events with revision numbers; events that carry numbers of their own stay as they are.

    The complaints are locked and what the lists show is stored in this transaction, in which the events have to be applied.
    """
    keys = {_key(event, source_ids) for event in events if event.list_date is not None}
    if not keys:
        return list(events)
    states = await complaints.lock_states(connection, keys)
    histories = await list_history.fetch_list_histories(connection, keys)
    advanced: dict[ComplaintKey, ListHistory] = {}
    numbered: list[NumberedReport] = []
    for event in events:
        if event.list_date is None:
            numbered.append(event)
            continue
        key, content = _key(event, source_ids), content_hash(event.data)
        revision = assign_revision(states.get(key), histories.get(key), event.data, content, event.list_date)
        if revision is not None:
            advanced.setdefault(key, advance(histories.get(key), event.data, content, event.list_date))
        numbered.append(None if revision is None else _with_revision(event, revision))
    await list_history.upsert_list_histories(connection, advanced)
    return numbered


def _key(event: ReportEvent, source_ids: Mapping[str, int]) -> ComplaintKey:
    return source_ids[event.source], event.data.external_id


def _with_revision(event: ReportEvent, revision: int) -> ReportEvent:
    return replace(event, data=with_revision(event.data, revision))
