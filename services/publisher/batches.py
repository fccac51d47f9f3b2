"""Decisions on a batch of drafts: closed for review, its sample looked at, approved and released as a whole, dissolved."""

from __future__ import annotations

from collections.abc import Sequence

from services.publisher import releasing
from services.publisher.bureau import BureauContext
from services.publisher.domain.drafting import State
from services.publisher.releasing import ContentChanged, SeenVersion
from services.publisher.store import batches, item_versions
from services.publisher.store.batches import ItemBatch
from shared.contracts import PublicItem
from shared.errors import PermanentError
from shared.rules import ComplaintItemRules
from shared.stream import JournalEntry, UnitOfWork


class SampleUndecided(PermanentError):
    """The person has not looked at the whole sample yet, or more of it was sent back than the rules allow."""


async def close(uow: UnitOfWork, bureau: BureauContext, person: str, batch_id: int) -> None:
    """Let a batch take in no more, and draw its sample. Raises `ContentChanged` where somebody has."""
    # Drafting adds to the open batch.
    await item_versions.lock_drafting(uow.connection)
    rules, _batch = await _lock(uow, bureau, person, batch_id, closed=False)
    await batches.close_batch(
        uow.connection, batch_id, person, uow.now, minimum=rules.sample_minimum, percent=rules.sample_percent
    )
    _journal(uow, bureau, person, "batch_closed", batch_id)


async def look(uow: UnitOfWork, bureau: BureauContext, person: str, batch_id: int, seen: Sequence[SeenVersion]) -> None:
    """Record that a person looked at versions of the sample."""
    contents = [(each.item_id, bytes.fromhex(each.digest)) for each in seen]
    await batches.insert_looks(uow.connection, batch_id, person, contents, uow.now)
    _journal(uow, bureau, person, "sample_looked_at", batch_id, items=[each.item_id for each in seen])


async def approve(uow: UnitOfWork, bureau: BureauContext, person: str, batch_id: int, digest: str) -> int:
    """Approve every draft of a batch as a reviewer; return how many. `digest`: that of all that the person was shown.

    Raises `ContentChanged`, `SampleUndecided`.
    """
    await item_versions.lock_drafting(uow.connection)
    rules, batch = await _lock(uow, bureau, person, batch_id, closed=True)
    require_sample(batch, rules)
    drafts = await _as_seen(uow, batch_id, State.DRAFT, digest)
    await releasing.review(uow, bureau, person, drafts)
    _journal(uow, bureau, person, "batch_approved", batch_id, count=len(drafts), content=digest)
    return len(drafts)


async def release(uow: UnitOfWork, bureau: BureauContext, person: str, batch_id: int, digest: str) -> list[PublicItem]:
    """Release every approved version of a batch as the gatekeeper; return their public forms. Raises `ContentChanged`."""
    approved = await _as_seen(uow, batch_id, State.APPROVED, digest)
    items = await releasing.release(uow, bureau, person, approved)
    _journal(uow, bureau, person, "batch_released", batch_id, count=len(items), content=digest)
    return items


async def dissolve(uow: UnitOfWork, bureau: BureauContext, person: str, batch_id: int) -> int:
    """Have what is not public of a batch looked at one by one; return how many versions. Raises `ContentChanged`."""
    await item_versions.lock_drafting(uow.connection)
    await _lock(uow, bureau, person, batch_id, closed=True)
    count = await batches.dissolve(uow.connection, batch_id)
    _journal(uow, bureau, person, "batch_dissolved", batch_id, count=count)
    return count


def require_sample(batch: ItemBatch, rules: ComplaintItemRules) -> None:
    """Raise `SampleUndecided` unless the person has looked at the sample and no more of it was sent back than is allowed."""
    if batch.looks < batch.sampled or batch.faults > rules.sample_faults:
        raise SampleUndecided


async def _lock(
    uow: UnitOfWork, bureau: BureauContext, person: str, batch_id: int, *, closed: bool
) -> tuple[ComplaintItemRules, ItemBatch]:
    locked = await batches.lock_batch(uow.connection, batch_id)
    batch = await batches.fetch_batch(uow.connection, batch_id, person)
    of_kind = bureau.rules(uow.now).kinds.get(batch.kind) if batch else None
    if locked is None or locked[1] is not closed or batch is None or of_kind is None or of_kind.from_complaints is None:
        raise ContentChanged
    return of_kind.from_complaints, batch


async def _as_seen(uow: UnitOfWork, batch_id: int, state: State, digest: str) -> list[SeenVersion]:
    count, found = await batches.fetch_digest(uow.connection, batch_id, state)
    if not count or found != digest:
        raise ContentChanged
    return [SeenVersion(*each) for each in await batches.fetch_contents(uow.connection, batch_id, state)]


def _journal(uow: UnitOfWork, bureau: BureauContext, person: str, action: str, batch_id: int, **detail: object) -> None:
    rules = bureau.rules(uow.now).version
    uow.journal(JournalEntry(person, action, f"batch/{batch_id}", detail={"rules": rules, **detail}))
