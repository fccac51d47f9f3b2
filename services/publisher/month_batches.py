"""A month's basic items as a batch: its drafts discarded, what is public of it proposed for withdrawal."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from services.publisher.batches import find_sampling
from services.publisher.bureau import BureauContext
from services.publisher.domain.basic import OPERATOR_MONTH
from services.publisher.domain.drafting import ItemVersions, Purpose, State
from services.publisher.domain.form import Form
from services.publisher.releasing import ContentChanged, SeenVersion, release, write_withdrawals
from services.publisher.store import batches, item_versions, month_batches, versions
from services.publisher.store.month_batches import Withdrawal
from shared.contracts import Board
from shared.stream import JournalEntry, UnitOfWork


async def discard(uow: UnitOfWork, bureau: BureauContext, person: str, month: str) -> int:
    """Discard what a month has not released; return how many versions. Nothing public changes, and it can be drafted again.

    What a ruling corrects stays: it is decided.
    """
    await item_versions.lock_drafting(uow.connection)
    opened = await month_batches.lock_open(uow.connection, month)
    if opened:
        await versions.set_state(uow.connection, opened, State.REJECTED, by=person, at=uow.now)
    detail = {"rules": bureau.rules(uow.now).version}
    for item_id, number in opened:
        uow.journal(JournalEntry(person, "draft_discarded", item_id, detail=detail | {"version": number, "month": month}))
    return len(opened)


async def gather(uow: UnitOfWork, bureau: BureauContext, person: str, month: str) -> int:
    """Make a batch of what a month has at review, for the first time and without a warning, and draw its sample.

    Returns the batch. Raises `ContentChanged` where there is nothing, or the rules name no sample.
    """
    await item_versions.lock_drafting(uow.connection)
    sampling = find_sampling(bureau.rules(uow.now), OPERATOR_MONTH)
    batch_id = sampling and await month_batches.gather(uow.connection, month, OPERATOR_MONTH, person, uow.now)
    if not sampling or not batch_id:
        raise ContentChanged
    await batches.draw_sample(uow.connection, batch_id, minimum=sampling.sample_minimum, percent=sampling.sample_percent)
    detail = {"rules": bureau.rules(uow.now).version, "month": month}
    uow.journal(JournalEntry(person, "batch_closed", f"batch/{batch_id}", detail=detail))
    return batch_id


async def propose_withdrawal(uow: UnitOfWork, bureau: BureauContext, person: str, month: str, code: str, note: str) -> int:
    """Propose to withdraw all that is public of a month, for one reason; return how many items. The gatekeeper confirms."""
    await item_versions.lock_drafting(uow.connection)
    keys = await month_batches.fetch_public_keys(uow.connection, month)
    locked = await item_versions.lock_items(uow.connection, Board.BASIC, keys) if keys else {}
    public = [item for item in locked.values() if _can_be_withdrawn(item)]
    rules = bureau.rules(uow.now)
    if public:
        await write_withdrawals(uow, rules, public, Form(reason_code=code, reason=note), by=person)
    detail = {"code": code, "rules": rules.version, "month": month}
    for item in public:
        uow.journal(JournalEntry(person, "withdrawal_proposed", item.item_id, detail=detail))
    return len(public)


def batch_digest(withdrawals: Sequence[Withdrawal]) -> str:
    """Return the digest in hexadecimal of a batch, by which nobody confirms another one than they saw."""
    lines = "\n".join(f"{each.item_id}={each.digest}" for each in withdrawals)
    return hashlib.sha256(lines.encode()).hexdigest()


async def confirm_withdrawal(uow: UnitOfWork, bureau: BureauContext, person: str, month: str, seen: str) -> int:
    """Release all withdrawals of a month that wait, as the gatekeeper, in one act; return how many.

    `seen` is the digest of the batch that the person saw. Raises `ContentChanged`.
    """
    waiting = await month_batches.fetch_withdrawals(uow.connection, month)
    if not waiting or batch_digest(waiting) != seen:
        raise ContentChanged
    await release(uow, bureau, person, [SeenVersion(each.item_id, each.digest) for each in waiting])
    return len(waiting)


def _can_be_withdrawn(item: ItemVersions) -> bool:
    """Return whether an item is public and nobody has proposed to withdraw it yet."""
    is_public = item.public is not None and item.public.purpose is Purpose.PUBLISH
    return is_public and not (item.open is not None and item.open.purpose is Purpose.WITHDRAW)
