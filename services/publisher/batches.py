"""Decisions on a batch of drafts: closed for review, its sample looked at, approved and released as a whole, dissolved."""

from __future__ import annotations

from collections.abc import Sequence

from services.publisher import releasing
from services.publisher.bureau import BureauContext
from services.publisher.domain.basic import OPERATOR_MONTH
from services.publisher.domain.drafting import State
from services.publisher.releasing import ContentChanged, SeenVersion
from services.publisher.store import batches, item_versions
from services.publisher.store.batches import ItemBatch
from shared.contracts import PublicItem
from shared.errors import PermanentError
from shared.rules import ComplaintItemRules, Rules
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
    drafts = await begin(uow, bureau, person, batch_id, State.DRAFT, digest)
    await approve_part(uow, bureau, person, batch_id, drafts)
    record(uow, bureau, person, batch_id, State.DRAFT, len(drafts), digest)
    return len(drafts)


async def release(uow: UnitOfWork, bureau: BureauContext, person: str, batch_id: int, digest: str) -> list[PublicItem]:
    """Release every approved version of a batch as the gatekeeper; return their public forms. Raises `ContentChanged`."""
    approved = await begin(uow, bureau, person, batch_id, State.APPROVED, digest)
    record(uow, bureau, person, batch_id, State.APPROVED, len(approved), digest)
    return await release_part(uow, bureau, person, batch_id, approved)


async def count_waiting(uow: UnitOfWork, bureau: BureauContext, person: str, batch_id: int, state: State) -> int:
    """Return how many versions of a batch are in a state that the person may decide on together.

    Raises `ContentChanged`, for drafts `SampleUndecided`.
    """
    rules, batch = await _lock(uow, bureau, person, batch_id, closed=True)
    if state is State.DRAFT:
        require_sample(batch, rules)
    return batch.drafts if state is State.DRAFT else batch.approved


async def begin(
    uow: UnitOfWork, bureau: BureauContext, person: str, batch_id: int, state: State, digest: str
) -> list[SeenVersion]:
    """Return the versions of a batch in a state, to be decided on together or part by part.

    `digest`: that of all that the person was shown. Raises `ContentChanged`, for drafts `SampleUndecided`.
    """
    if state is State.DRAFT:
        await item_versions.lock_drafting(uow.connection)
        rules, batch = await _lock(uow, bureau, person, batch_id, closed=True)
        require_sample(batch, rules)
    return await _as_seen(uow, batch_id, state, digest)


def record(uow: UnitOfWork, bureau: BureauContext, person: str, batch_id: int, state: State, count: int, digest: str) -> None:
    """Journal that so many versions of a batch in a state were decided on together. `digest`: that of all that was shown."""
    action = "batch_approved" if state is State.DRAFT else "batch_released"
    _journal(uow, bureau, person, action, batch_id, count=count, content=digest)


async def approve_part(
    uow: UnitOfWork, bureau: BureauContext, person: str, batch_id: int, drafts: Sequence[SeenVersion]
) -> None:
    """Approve drafts of a batch as a reviewer. Raises `ContentChanged`, `SampleUndecided`."""
    await item_versions.lock_drafting(uow.connection)
    rules, batch = await _lock(uow, bureau, person, batch_id, closed=True)
    require_sample(batch, rules)
    await releasing.review(uow, bureau, person, drafts)


async def release_part(
    uow: UnitOfWork, bureau: BureauContext, person: str, _batch_id: int, approved: Sequence[SeenVersion]
) -> list[PublicItem]:
    """Release approved versions of a batch as the gatekeeper; return their public forms. Raises `ContentChanged`."""
    return await releasing.release(uow, bureau, person, approved)


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
    sampling = find_sampling(bureau.rules(uow.now), batch.kind) if batch else None
    if locked is None or locked[1] is not closed or batch is None or sampling is None:
        raise ContentChanged
    return sampling, batch


def find_sampling(rules: Rules, kind: str) -> ComplaintItemRules | None:
    """Return by which rules a batch of a kind is sampled; months of operators are as what is drafted from complaints."""
    own = rules.kinds.get(kind)
    if own is not None and own.from_complaints is not None:
        return own.from_complaints
    others = (each.from_complaints for each in rules.kinds.values() if each.from_complaints is not None)
    return next(others, None) if kind == OPERATOR_MONTH else None


async def _as_seen(uow: UnitOfWork, batch_id: int, state: State, digest: str) -> list[SeenVersion]:
    count, found = await batches.fetch_digest(uow.connection, batch_id, state)
    if not count or found != digest:
        raise ContentChanged
    return [SeenVersion(*each) for each in await batches.fetch_contents(uow.connection, batch_id, state)]


def _journal(uow: UnitOfWork, bureau: BureauContext, person: str, action: str, batch_id: int, **detail: object) -> None:
    rules = bureau.rules(uow.now).version
    uow.journal(JournalEntry(person, action, f"batch/{batch_id}", detail={"rules": rules, **detail}))
