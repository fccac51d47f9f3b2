"""Not to publish (不予公示): proposed on a ground of the rules, confirmed by another person, open to being taken up again."""

from __future__ import annotations

from services.publisher.bureau import BureauContext
from services.publisher.domain.drafting import Purpose, State
from services.publisher.releasing import ContentChanged, SeenVersion, detail_of, lock_as_seen
from services.publisher.store import batches, case_summaries, item_versions, non_publications, rulings, versions
from services.publisher.store.non_publications import NonPublication
from services.publisher.store.versions import Version
from shared.errors import PermanentError
from shared.stream import JournalEntry, UnitOfWork


class NotDeclinable(PermanentError):
    """A withdrawal and what follows a ruling can't be decided not to be published."""


UNDECIDED = (State.DRAFT, State.RETURNED, State.APPROVED)


async def propose(uow: UnitOfWork, bureau: BureauContext, person: str, seen: SeenVersion, code: str, note: str) -> None:
    """Propose not to publish a version; nothing changes until another person confirms.

    Raises `ContentChanged` and `NotDeclinable`.
    """
    (draft,) = await lock_as_seen(uow, [seen], *UNDECIDED)
    await _require_declinable(uow, draft)
    proposal = NonPublication(draft.item_id, draft.version, draft.digest, code, note, person, uow.now)
    await non_publications.propose(uow.connection, proposal)
    await batches.take_out(uow.connection, [draft.item_id])
    _journal(uow, bureau, person, "non_publication_proposed", draft, code)


async def confirm(uow: UnitOfWork, bureau: BureauContext, person: str, seen: SeenVersion) -> None:
    """Confirm another person's proposal: the version is not published.

    Raises `ContentChanged`, `NotDeclinable`, and `asyncpg.CheckViolationError` for who proposed it.
    """
    draft, proposal = await _lock_proposal(uow, seen)
    await _require_declinable(uow, draft)
    await non_publications.confirm(uow.connection, proposal, by=person, at=uow.now)
    await versions.set_state(
        uow.connection,
        [(draft.item_id, draft.version)],
        State.REJECTED,
        by=person,
        at=uow.now,
        code=proposal.code,
        note=proposal.note,
    )
    await case_summaries.delete_texts(uow.connection, [draft.item_id])
    _journal(uow, bureau, person, "rejected", draft, proposal.code)


async def dismiss(uow: UnitOfWork, bureau: BureauContext, person: str, seen: SeenVersion) -> None:
    """Dismiss a proposal: the version stays where it was. Raises `ContentChanged`."""
    draft, proposal = await _lock_proposal(uow, seen)
    await non_publications.dismiss(uow.connection, proposal)
    _journal(uow, bureau, person, "non_publication_dismissed", draft, proposal.code)


async def reopen(uow: UnitOfWork, bureau: BureauContext, person: str, seen: SeenVersion) -> None:
    """Draft a declined content anew, as the next version: reviews of before do not count. Raises `ContentChanged`."""
    await item_versions.lock_drafting(uow.connection)
    rules_version = bureau.rules(uow.now).version
    version = await non_publications.reopen(
        uow.connection, seen.item_id, bytes.fromhex(seen.digest), at=uow.now, rules_version=rules_version
    )
    if version is None:
        raise ContentChanged
    detail = {"version": version, "content": seen.digest, "rules": rules_version}
    uow.journal(JournalEntry(person, "non_publication_reopened", seen.item_id, detail=detail))


async def _require_declinable(uow: UnitOfWork, draft: Version) -> None:
    ruled = await rulings.fetch_pending_rulings(uow.connection, [draft.item_id])
    if draft.purpose is Purpose.WITHDRAW or ruled:
        raise NotDeclinable


async def _lock_proposal(uow: UnitOfWork, seen: SeenVersion) -> tuple[Version, NonPublication]:
    (draft,) = await lock_as_seen(uow, [seen], *UNDECIDED)
    proposal = await non_publications.fetch_waiting(uow.connection, draft.item_id)
    if proposal is None or not proposal.is_about(draft):
        raise ContentChanged
    return draft, proposal


def _journal(uow: UnitOfWork, bureau: BureauContext, person: str, action: str, draft: Version, code: str) -> None:
    detail = detail_of(draft, bureau.rules(uow.now)) | {"code": code}
    uow.journal(JournalEntry(person, action, draft.item_id, detail=detail))
