"""Handled complaints as they come from the topic: staged as they are, and drafted from when the stream is quiet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import ValidationError

from services.publisher.store import handled
from services.publisher.store.handled import HandledRevision
from shared.contracts import ComplaintRevised
from shared.contracts.facts_struct import Facts, read_facts
from shared.contracts.reports import Kind, Status
from shared.stream import UnitOfWork

# So many at once are a bulk, after which drafting waits.
BULK = 500
# How long the topic must have had no bulk.
QUIET = timedelta(seconds=5)
# No batch of a consumer takes longer.
COMMITTED_WITHIN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class StagedRecord:
    """A record of the topic of which little was read. `first`: no earlier revision; `closed`: its complaint may be closed."""

    complaint_id: str
    first: bool
    closed: bool
    value: bytes


@dataclass(slots=True)
class DraftingPace:
    """When items are drafted from complaints: not while the topic is read in bulk, so that figures keep their pace.

    `behind`: more waits than one transaction drafts from; at the start nobody knows.
    """

    bulk_at: datetime | None = None
    staged_at: datetime | None = None
    behind: bool = True

    def staged(self, count: int, at: datetime) -> None:
        """Note that so many complaints were staged at once, in a transaction that began at that time."""
        if count:
            self.staged_at = at
        if count >= BULK:
            self.bulk_at = at

    def is_due(self, at: datetime) -> bool:
        """Return whether something may wait, and no bulk comes in. What was staged is visible once its transaction ends."""
        is_quiet = self.bulk_at is None or at - self.bulk_at >= QUIET
        return is_quiet and (self.behind or (self.staged_at is not None and at - self.staged_at <= COMMITTED_WITHIN))


async def stage(uow: UnitOfWork, records: Sequence[StagedRecord]) -> int:
    """Stage the newest revision of each complaint that is handled, or was once; return how many.

    What cannot be read is left to whoever needs all of it.
    """
    revised = {known for each in records if not each.first and (known := _read_id(each.complaint_id))}
    handled_before = {str(each) for each in await handled.fetch_known(uow.connection, list(revised))}
    newest: dict[UUID, HandledRevision] = {}
    for each in records:
        if not each.closed and each.complaint_id not in handled_before:
            continue
        revision = read_revision(each.value)
        if revision is None or not (revision.handled or each.complaint_id in handled_before or revision.complaint_id in newest):
            continue
        earlier = newest.get(revision.complaint_id)
        if earlier is None or earlier.revision < revision.revision:
            newest[revision.complaint_id] = revision
    await handled.stage(uow.connection, list(newest.values()), uow.now)
    return len(newest)


def read_revision(value: bytes) -> HandledRevision | None:
    """Return what is staged of a record's value; None where it cannot be read."""
    facts: Facts | None = read_facts(value)
    office = getattr(facts, "office", None)
    if facts is None:
        try:
            facts = revised = ComplaintRevised.model_validate_json(value)
        except ValidationError:
            return None
        office = revised.office
    return HandledRevision(facts.complaint_id, facts.revision, is_handled(facts), facts.closed_on, office, value)


def is_handled(complaint: Facts) -> bool:
    """Return whether a complaint is a dispute of its own that was closed."""
    return complaint.kind is Kind.COMPLAINT and complaint.status is Status.CLOSED and complaint.duplicate_of is None


def _read_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
