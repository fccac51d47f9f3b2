"""One complaint or item on its way: report, attribution, figures, draft, release, screens, applications."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import asyncpg

from deploy.databases import open_database
from services.corrections.store import trace as in_corrections
from services.corrections.store.trace import TracedApplication
from services.intake.store import trace as in_intake
from services.intake.store.trace import TracedComplaint, TracedRefusal
from services.publisher.store import trace as in_publisher
from services.publisher.store.trace import TracedItem
from services.stats.store import trace as in_stats
from services.stats.store.trace import TracedCount
from shared.contracts import Board, ItemState
from shared.settings import Settings

# The kind of item of which a complaint has one.
RECORD = "record"
SERVICES = ("corrections", "publisher", "intake", "stats")


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One step: at which service, of what (a complaint, dead letter, item or receipt), what is so, and since when."""

    service: str
    subject: str
    finding: str
    at: datetime | date | None


async def trace(settings: Settings, number: str) -> list[TraceStep]:
    """Return the steps of whatever has this number: a source's number, a complaint's id, an item's id, a receipt number."""
    async with AsyncExitStack() as stack:
        corrections, publisher, intake, stats = [await _open(stack, settings, service) for service in SERVICES]
        applications = await in_corrections.find_applications(corrections, number, [])
        item_id = applications[0].item_id if applications else number
        named = await in_publisher.find_items(publisher, item_id, [], [])
        complaint = next(filter(None, map(_complaint_of, named)), number)
        complaints = await in_intake.find_complaints(intake, complaint)
        refused = await in_intake.find_refused(intake, number)
        counts = await in_stats.find_counts(stats, [each.complaint_id for each in complaints])
        months = [f"{each.received_on:%Y-%m}/{each.operator_key}" for each in counts.values() if each.counted]
        records = [f"{RECORD}/{each.complaint_id}" for each in complaints]
        complaint_ids = [str(each.complaint_id) for each in complaints]
        items = await in_publisher.find_items(publisher, item_id, complaint_ids, [*months, *records])
        applications = await in_corrections.find_applications(corrections, number, [item.item_id for item in items])
    return [
        *map(_refusal_step, refused),
        *(step for each in complaints for step in _complaint_steps(each, counts)),
        *(step for item in items for step in _item_steps(item)),
        *map(_application_step, applications),
    ]


def _complaint_of(item: in_publisher.TracedItem) -> str | None:
    """Return the complaint that an item is of; None of another item."""
    kind, _, complaint_id = item.key.partition("/")
    return item.key if item.board == Board.MAJOR else complaint_id if kind == RECORD else None


async def _open(stack: AsyncExitStack, settings: Settings, service: str) -> asyncpg.Connection:
    """Open a snapshot of a service's schema until the stack ends."""
    database = await stack.enter_async_context(open_database(settings, service))
    return await stack.enter_async_context(database.snapshot())


def _refusal_step(refused: TracedRefusal) -> TraceStep:
    waiting = "waits to be corrected" if refused.is_waiting else "was replayed or superseded"
    return TraceStep(
        "intake", f"intake:{refused.dead_letter}", f"a record with this number was refused: {refused.reason}; {waiting}",
        refused.refused_at,
    )  # fmt: skip


def _complaint_steps(complaint: TracedComplaint, counts: Mapping[UUID, TracedCount]) -> Iterator[TraceStep]:
    subject = str(complaint.complaint_id)
    found = f"{complaint.source}, revision {complaint.source_revision}: taken for {complaint.operator_key}"
    found += ", by name: no report has its credit code" if complaint.found_by_name else ", by its credit code"
    found += "; its texts are withheld, since redaction failed" if complaint.withheld else ""
    yield TraceStep("intake", subject, found, complaint.revised_at)
    count = counts.get(complaint.complaint_id)
    if count is None or count.revision < complaint.revision:
        yield TraceStep("stats", subject, "the newest revision is not counted yet: see `gongshi status`", None)
    if count is not None:
        yield TraceStep("stats", subject, _describe_count(count), count.received_on)


def _describe_count(count: TracedCount) -> str:
    outcome = f", {count.outcome}" if count.outcome else ""
    if count.counted:
        closed = "closed" if count.month_closed else "not closed yet"
        return f"counted in {count.received_on:%Y-%m} ({closed}) as {count.status}{outcome}"
    reasons = {"a duplicate": count.duplicate, "left out by a ruling": count.ruled_out, "a tip-off": count.kind != "complaint"}
    return f"not counted: {', '.join(reason for reason, holds in reasons.items() if holds) or 'no revision yet'}"


def _item_steps(item: TracedItem) -> Iterator[TraceStep]:
    yield TraceStep(
        "publisher", item.item_id, f"{item.board} board, version {item.version}: {describe_state(item)}", item.drafted_at
    )
    if item.public_version is not None:
        shown = describe_release(item)
        yield TraceStep("publisher", item.item_id, shown, item.released_at)


def describe_release(item: TracedItem) -> str:
    """Return what the last release of an item made public, or took back, and on how many screens."""
    if item.public_state == ItemState.WITHDRAWN:
        return f"withdrawn from public view by version {item.public_version}; blanked by {item.screens} screens"
    return f"version {item.public_version} is public as {item.public_state}; shown by {item.screens} screens"


def describe_state(item: TracedItem) -> str:
    """Return where the newest version of an item stands, and why it goes no further."""
    purpose = "withdrawal " if item.purpose == "withdraw" else ""
    match item.state:
        case "draft" if item.failing:
            return f"{purpose}draft, cannot be approved: checks fail ({', '.join(item.failing)})"
        case "draft":
            return f"{purpose}draft, waits for review ({item.reviews} so far)"
        case "approved":
            return f"{purpose}approved by {item.reviews}, waits for release"
        case "returned":
            return f"{purpose}returned to be mended ({item.return_code})"
        case "rejected":
            return f"not published, ground {item.return_code}" if item.return_code else "dropped: superseded before release"
        case _:
            return f"{purpose}{item.state}"


def _application_step(application: TracedApplication) -> TraceStep:
    decided = (
        f"decided: {application.decision}" if application.decision else f"waits for a decision, due on {application.due_on}"
    )
    return TraceStep(
        "corrections", application.receipt, f"{application.kind} about {application.item_id}, {decided}",
        application.decided_at or application.filed_at,
    )  # fmt: skip
